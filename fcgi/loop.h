/*
 * loop.h: serves a listening FastCGI socket and the connections it keeps.
 *
 * libfcgi's usual loop belongs to one connection until the web server closes
 * it.  This one waits for all of them, so that a kept connection costs a
 * worker nothing while it is idle.
 */
#ifndef DS_LOOP_H
#define DS_LOOP_H

#include <fcgiapp.h>

#include "reply.h"

struct loop_calls {
	/* Answers a request; the reply is empty at first and owned by the loop. */
	void (*serve)(void *ctx, FCGX_Request *request, struct reply *out);
	/* Descriptors of ctx's own to wake up for while idle (-1: none), and what to do then. */
	int (*watch[2])(void *ctx);
	void (*stir[2])(void *ctx);
};

/* Serves until SIGTERM or SIGINT; the request at hand is finished.  False with errno on failure. */
bool loop_run(int listen_fd, const struct loop_calls *calls, void *ctx);

#endif

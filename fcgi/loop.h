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

#include "http/reply.h"

struct loop_calls {
	/* Answers a request; the reply is empty at first and owned by the loop. */
	void (*serve)(void *ctx, FCGX_Request *request, struct reply *out);
	/* After that, when the reply has been sent; the request is still there.  Or NULL. */
	void (*done)(void *ctx, const struct reply *out);
	/* Descriptors of ctx's own to wake up for while idle (-1: none), and what to do then. */
	int (*watch[2])(void *ctx);
	void (*stir[2])(void *ctx);
};

enum loop_end {
	LOOP_FAILED,  /* could not begin; errno says why */
	LOOP_STOPPED, /* SIGTERM, SIGINT, or SIGQUIT and drained: all connections are closed */
	LOOP_UPGRADE, /* SIGUSR2: the kept connections are for the next program */
};

/*
 * Serves until a signal; the request at hand is finished first.
 *
 * A web server may use a kept connection in the moment in which it is closed,
 * and a request that changes something is then lost, since it is not sent
 * twice.  So a worker that makes room for a new program (SIGUSR2) closes none:
 * the caller executes the program in its place, in the same process, and
 * loop_run there takes them over, with the bytes that wait in them.
 *
 * A worker whose socket has given its name to another (SIGQUIT) serves who still
 * has a connection to it, or is about to get one, and ends when nobody has.
 */
enum loop_end loop_run(int listen_fd, const struct loop_calls *calls, void *ctx);

#endif

/*
 * loop.h: serves a listening FastCGI socket and the connections it keeps.
 *
 * libfcgi's own loop serves one connection until the web server closes it.  This
 * one polls all of them, so an idle kept connection does not occupy a worker.
 */
#ifndef DS_LOOP_H
#define DS_LOOP_H

#include <fcgiapp.h>

#include "http/reply.h"

struct loop_calls {
	/* Answers a request.  The reply is empty and owned by the loop. */
	void (*serve)(void *ctx, FCGX_Request *request, struct reply *out);
	/* Called after the reply was sent, while the request is still valid.  Or NULL. */
	void (*finished)(void *ctx, const struct reply *out);
	/* Further descriptors to poll while idle (-1: none), and their handlers. */
	int (*socket[2])(void *ctx);
	void (*on_readable[2])(void *ctx);
};

enum loop_end {
	LOOP_FAILED,  /* could not start; errno has the reason */
	LOOP_STOPPED, /* SIGTERM, SIGINT, or SIGQUIT and drained; all connections are closed */
	LOOP_UPGRADE, /* SIGUSR2: exec the new program, which inherits the connections */
};

/*
 * Serves until a signal; finishes the current request first.
 *
 * A web server may send a request on a kept connection while the worker closes
 * it; nginx does not repeat a POST, so it would be lost.  Therefore an upgrade
 * (SIGUSR2) closes no connection: the caller executes the new program in the same
 * process, and its loop_run() inherits the connections with their unread bytes.
 *
 * SIGQUIT drains: the path of the socket belongs to another worker now.  The loop
 * serves existing and pending connections until the web server has closed all.
 */
enum loop_end loop_run(int listen_fd, const struct loop_calls *calls, void *ctx);

#endif

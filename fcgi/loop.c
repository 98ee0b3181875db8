/* loop.c: see loop.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frame.h"
#include "loop.h"
#include "obs/log.h"

#define MAX_CONNECTIONS 1024
#define OWN_FDS 4		      /* the listening socket, the two watched ones, signals */
#define PEER_TIMEOUT_S 10	      /* for a web server that stops in the middle of a request */
#define SPARE_FDS 16		      /* for servers, files and logs */
#define FULL_WAIT_MS 100	      /* between attempts to accept when there are no descriptors */
#define KEPT_ENV "WORKER_CONNECTIONS" /* descriptors, from one program to the next */

static const struct timespec at_once = { 0, 0 };

struct loop {
	const struct loop_calls *calls;
	void *ctx;
	struct reply reply;
	bool full; /* the last connection could not be accepted for want of descriptors */
	size_t count, most;
	int signals; /* readable while a signal waits to be let in */
	FCGX_Request *connections[MAX_CONNECTIONS];
	struct pollfd fds[OWN_FDS + MAX_CONNECTIONS];
};

/* The signal that ends the loop, once it has come. */
static volatile sig_atomic_t stopping;

static void
stop(int signal_number)
{
	stopping = signal_number;
}

/*
 * Signals are let in only while waiting, so they never interrupt a request.
 * unblocked becomes the mask to wait with.  Where there is always something
 * ready, ppoll() does not wait and lets none in: so there is a descriptor, -1
 * where it cannot be had, that is ready too when one has come.
 */
static int
set_signals(sigset_t *unblocked)
{
	static const int ends[] = { SIGTERM, SIGINT, SIGQUIT, SIGUSR2 };
	struct sigaction action = { .sa_handler = stop };
	sigset_t blocked;
	size_t i;

	sigemptyset(&blocked);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		sigaction(ends[i], &action, NULL);
		sigaddset(&blocked, ends[i]);
	}
	sigaddset(&blocked, SIGUSR1); /* of the log */
	sigprocmask(SIG_BLOCK, &blocked, unblocked);
	sigdelset(unblocked, SIGUSR1);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigdelset(unblocked, ends[i]);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &blocked, SFD_CLOEXEC | SFD_NONBLOCK);
}

/*
 * A request bound to an open connection.  keepConnection holds libfcgi back
 * from closing it before the first request; without a listening socket it
 * cannot accept another in its place; detached, it closes without lingering.
 */
static FCGX_Request *
bind_request(int fd)
{
	FCGX_Request *request = malloc(sizeof(*request));

	if (request == NULL)
		return NULL;
	FCGX_InitRequest(request, 0, FCGI_FAIL_ACCEPT_ON_INTR);
	request->listen_sock = -1;
	request->ipcFd = fd;
	request->keepConnection = 1;
	request->detached = 1;
	return request;
}

/* Makes an open connection, which it owns now, one of those that are served. */
static bool
adopt(struct loop *l, int fd)
{
	struct timeval patience = { PEER_TIMEOUT_S, 0 };
	FCGX_Request *request;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if ((request = bind_request(fd)) == NULL) {
		close(fd);
		return false;
	}
	l->connections[l->count++] = request;
	return true;
}

/* Takes a connection that waits; false when there is none. */
static bool
accept_one(struct loop *l, int listen_fd)
{
	int fd;

	if (l->count >= l->most)
		return false;
	if ((fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC)) < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
			if (!l->full)
				log_warn("accept: %s", strerror(errno));
			l->full = true;
		}
		return false;
	}
	l->full = false;
	return adopt(l, fd);
}

/* Frees what libfcgi holds for the request, and the connection if it is done with. */
static bool
finish(FCGX_Request *request, bool keep)
{
	int fd = request->ipcFd;

	FCGX_Free(request, 0);
	if (keep)
		return true;
	if (fd >= 0)
		close(fd);
	request->ipcFd = -1;
	return false;
}

/* Answers the request that has arrived; false when the connection is finished. */
static bool
serve(struct loop *l, FCGX_Request *request)
{
	bool sent;

	if (FCGX_Accept_r(request) != 0)
		return finish(request, false);
	request->detached = 1;
	l->calls->serve(l->ctx, request, &l->reply);
	sent = frame_send(request->ipcFd, request->requestId, &l->reply);
	if (l->calls->done != NULL)
		l->calls->done(l->ctx, &l->reply);
	buf_clear(&l->reply.body);
	buf_clear(&l->reply.headers);
	return finish(request, sent && request->keepConnection);
}

/*
 * Serves all that are ready, in order, and closes up the gaps of the finished.
 * A connection is accepted for each one served: those that wait to be accepted
 * do not wait longer than those that are kept.
 */
static void
serve_ready(struct loop *l, int listen_fd, size_t polled)
{
	bool waiting = (l->fds[0].revents & POLLIN) && accept_one(l, listen_fd);
	size_t i, kept = 0;

	for (i = 0; i < l->count; i++) {
		short events = i < polled ? l->fds[OWN_FDS + i].revents : 0;
		bool alive = true;

		if (events != 0 && waiting)
			waiting = accept_one(l, listen_fd);
		if (events & (POLLHUP | POLLERR | POLLNVAL))
			alive = finish(l->connections[i], false);
		else if (events & POLLIN)
			alive = serve(l, l->connections[i]);
		if (alive)
			l->connections[kept++] = l->connections[i];
		else
			free(l->connections[i]);
	}
	l->full = l->full && kept == l->count; /* one that has ended makes room */
	l->count = kept;
}

/* How many connections we may keep, and still open what a request needs. */
static size_t
most_connections(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= MAX_CONNECTIONS + SPARE_FDS)
		return MAX_CONNECTIONS;
	return limit.rlim_cur > SPARE_FDS ? limit.rlim_cur - SPARE_FDS : 1;
}

/*
 * May the listening socket wake us up?  One that we cannot accept from is ready all
 * the time, so it is looked at now and then only.
 */
static bool
welcome(const struct loop *l)
{
	return l->count < l->most && !l->full && (!stopping || stopping == SIGQUIT);
}

/* Waits; false when there is nothing to do but to look whether we must stop. */
static bool
wait_for_work(struct loop *l, int listen_fd, const sigset_t *mask, const struct timespec *limit)
{
	static const struct timespec full = { 0, FULL_WAIT_MS * 1000000L };
	size_t i;

	l->fds[0].fd = welcome(l) ? listen_fd : -1;
	for (i = 0; i < 2; i++)
		l->fds[1 + i].fd = l->calls->watch[i](l->ctx);
	l->fds[3].fd = mask == NULL ? -1 : l->signals;
	for (i = 0; i < l->count; i++)
		l->fds[OWN_FDS + i].fd = l->connections[i]->ipcFd;
	for (i = 0; i < OWN_FDS + l->count; i++) {
		l->fds[i].events = POLLIN;
		l->fds[i].revents = 0;
	}
	if (l->full && limit == NULL)
		limit = &full;
	return ppoll(l->fds, OWN_FDS + l->count, limit, mask) > 0;
}

/* False when nothing was there to be done. */
static bool
turn(struct loop *l, int listen_fd, const sigset_t *mask, const struct timespec *limit)
{
	size_t polled = l->count, i;

	if (!wait_for_work(l, listen_fd, mask, limit)) {
		if (l->full && !stopping)
			accept_one(l, listen_fd);
		return false;
	}
	for (i = 0; i < 2; i++)
		if (l->fds[1 + i].revents != 0)
			l->calls->stir[i](l->ctx);
	if (l->fds[3].revents != 0)
		ppoll(NULL, 0, &at_once, mask);
	serve_ready(l, listen_fd, polled);
	return true;
}

/*
 * Others serve our socket's name by now: serves who has come to us before, until
 * the web server has closed all that we keep (see keepalive_time in its template).
 */
static void
drain(struct loop *l, int listen_fd, const sigset_t *mask)
{
	static const struct timespec moment = { 0, 200000000L };

	while (stopping == SIGQUIT && (turn(l, listen_fd, mask, &moment) || l->count > 0))
		;
}

/* Takes over the connections that the program before us has left. */
static void
take_over(struct loop *l)
{
	const char *list = getenv(KEPT_ENV);
	char *end;

	for (; list != NULL && *list != '\0' && l->count < MAX_CONNECTIONS; list = end) {
		int fd = (int)strtol(list, &end, 10);

		if (end == list || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
			break;
		adopt(l, fd);
	}
	unsetenv(KEPT_ENV);
}

/* Leaves the connections open, and tells the next program which they are. */
static bool
hand_over(struct loop *l)
{
	struct buf list = BUF_INIT;
	bool ok;
	size_t i;

	for (i = 0; i < l->count; i++) {
		int fd = l->connections[i]->ipcFd;

		FCGX_Free(l->connections[i], 0);
		free(l->connections[i]);
		fcntl(fd, F_SETFD, 0);
		buf_int(&list, fd);
		buf_str(&list, " ");
	}
	l->count = 0;
	buf_add(&list, "", 1);
	ok = !buf_failed(&list) && setenv(KEPT_ENV, list.data, 1) == 0;
	buf_release(&list);
	return ok;
}

static void
close_all(struct loop *l)
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		finish(l->connections[i], false);
		free(l->connections[i]);
	}
}

enum loop_end
loop_run(int listen_fd, const struct loop_calls *calls, void *ctx)
{
	struct loop *l = calloc(1, sizeof(*l));
	enum loop_end end = LOOP_STOPPED;
	sigset_t unblocked;

	if (l == NULL || FCGX_Init() != 0 || fcntl(listen_fd, F_SETFL, O_NONBLOCK) != 0) {
		free(l);
		return LOOP_FAILED;
	}
	l->calls = calls;
	l->ctx = ctx;
	l->most = most_connections();
	l->signals = set_signals(&unblocked);
	take_over(l);
	while (!stopping) {
		turn(l, listen_fd, &unblocked, NULL);
		log_reopen_if_asked();
	}
	if (stopping == SIGQUIT)
		drain(l, listen_fd, &unblocked);
	if (stopping == SIGUSR2 && hand_over(l))
		end = LOOP_UPGRADE;
	else
		turn(l, listen_fd, NULL, &at_once); /* what has arrived is answered */
	close_all(l);
	if (l->signals >= 0)
		close(l->signals);
	reply_release(&l->reply);
	free(l);
	return end;
}

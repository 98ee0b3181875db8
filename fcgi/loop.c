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
#define OWN_FDS 4		      /* listening socket, the two of loop_calls, signals */
#define PEER_TIMEOUT_S 10	      /* if the web server stalls within a request */
#define SPARE_FDS 16		      /* for PostgreSQL, Redis, files and logs */
#define ACCEPT_RETRY_MS 100	      /* when out of descriptors */
#define KEPT_ENV "WORKER_CONNECTIONS" /* descriptors passed to the next program */

static const struct timespec no_wait = { 0, 0 };

struct loop {
	const struct loop_calls *calls;
	void *ctx;
	struct reply reply;
	bool out_of_fds; /* accept failed for lack of descriptors */
	size_t count, max_connections;
	int signals; /* signalfd: readable while a blocked signal is pending */
	FCGX_Request *connections[MAX_CONNECTIONS];
	struct pollfd fds[OWN_FDS + MAX_CONNECTIONS];
};

/* The signal received that ends the loop, or 0. */
static volatile sig_atomic_t stopping;

static void
on_signal(int signal_number)
{
	stopping = signal_number;
}

/*
 * Signals are blocked except in ppoll(), so they never interrupt a request.  Sets
 * *unblocked to the mask for ppoll().  Under constant load ppoll() finds ready
 * descriptors and returns without delivering signals; therefore a signalfd (-1 if
 * unavailable) is polled too.
 */
static int
set_signals(sigset_t *unblocked)
{
	static const int ends[] = { SIGTERM, SIGINT, SIGQUIT, SIGUSR2 };
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t blocked;
	size_t i;

	sigemptyset(&blocked);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		sigaction(ends[i], &action, NULL);
		sigaddset(&blocked, ends[i]);
	}
	sigaddset(&blocked, SIGUSR1); /* reopens the log */
	sigprocmask(SIG_BLOCK, &blocked, unblocked);
	sigdelset(unblocked, SIGUSR1);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigdelset(unblocked, ends[i]);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &blocked, SFD_CLOEXEC | SFD_NONBLOCK);
}

/*
 * A request bound to an open connection.  keepConnection: libfcgi must not close
 * it before the first request.  listen_sock -1: it cannot accept another one
 * instead.  detached: it closes without lingering.
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

/* Adds an open connection to those served; takes ownership of fd, also on failure. */
static bool
add_connection(struct loop *l, int fd)
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

/* Accepts a pending connection; false if there is none. */
static bool
accept_one(struct loop *l, int listen_fd)
{
	int fd;

	if (l->count >= l->max_connections)
		return false;
	if ((fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC)) < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
			if (!l->out_of_fds)
				log_warn("accept: %s", strerror(errno));
			l->out_of_fds = true;
		}
		return false;
	}
	l->out_of_fds = false;
	return add_connection(l, fd);
}

/* Frees libfcgi's data of the request; closes the connection unless keep.  Returns keep. */
static bool
end_request(FCGX_Request *request, bool keep)
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

/* Answers the request that has arrived; false if the connection was closed. */
static bool
serve(struct loop *l, FCGX_Request *request)
{
	bool sent;

	if (FCGX_Accept_r(request) != 0)
		return end_request(request, false);
	request->detached = 1;
	l->calls->serve(l->ctx, request, &l->reply);
	sent = frame_send(request->ipcFd, request->requestId, &l->reply);
	if (l->calls->finished != NULL)
		l->calls->finished(l->ctx, &l->reply);
	buf_clear(&l->reply.body);
	buf_clear(&l->reply.headers);
	return end_request(request, sent && request->keepConnection);
}

/*
 * Serves all ready connections in order and removes closed ones from the array.
 * Accepts one connection for each served, so that pending connections do not wait
 * longer than kept ones.
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
			alive = end_request(l->connections[i], false);
		else if (events & POLLIN)
			alive = serve(l, l->connections[i]);
		if (alive)
			l->connections[kept++] = l->connections[i];
		else
			free(l->connections[i]);
	}
	l->out_of_fds =
	    l->out_of_fds && kept == l->count; /* a closed connection freed a descriptor */
	l->count = kept;
}

/* Maximum number of connections that leaves descriptors for the needs of a request. */
static size_t
connection_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= MAX_CONNECTIONS + SPARE_FDS)
		return MAX_CONNECTIONS;
	return limit.rlim_cur > SPARE_FDS ? limit.rlim_cur - SPARE_FDS : 1;
}

/*
 * Should ppoll() include the listening socket?  When out of descriptors it stays
 * readable; retry accept() every ACCEPT_RETRY_MS instead of spinning.
 */
static bool
may_accept(const struct loop *l)
{
	return l->count < l->max_connections && !l->out_of_fds &&
	       (!stopping || stopping == SIGQUIT);
}

/* Waits for events; false on timeout or signal. */
static bool
wait_for_work(struct loop *l, int listen_fd, const sigset_t *mask, const struct timespec *limit)
{
	static const struct timespec retry = { 0, ACCEPT_RETRY_MS * 1000000L };
	size_t i;

	l->fds[0].fd = may_accept(l) ? listen_fd : -1;
	for (i = 0; i < 2; i++)
		l->fds[1 + i].fd = l->calls->socket[i](l->ctx);
	l->fds[3].fd = mask == NULL ? -1 : l->signals;
	for (i = 0; i < l->count; i++)
		l->fds[OWN_FDS + i].fd = l->connections[i]->ipcFd;
	for (i = 0; i < OWN_FDS + l->count; i++) {
		l->fds[i].events = POLLIN;
		l->fds[i].revents = 0;
	}
	if (l->out_of_fds && limit == NULL)
		limit = &retry;
	return ppoll(l->fds, OWN_FDS + l->count, limit, mask) > 0;
}

/* One round: waits and serves; false if there was nothing to serve. */
static bool
serve_once(struct loop *l, int listen_fd, const sigset_t *mask, const struct timespec *limit)
{
	size_t polled = l->count, i;

	if (!wait_for_work(l, listen_fd, mask, limit)) {
		if (l->out_of_fds && !stopping)
			accept_one(l, listen_fd);
		return false;
	}
	for (i = 0; i < 2; i++)
		if (l->fds[1 + i].revents != 0)
			l->calls->on_readable[i](l->ctx);
	if (l->fds[3].revents != 0)
		ppoll(NULL, 0, &no_wait, mask);
	serve_ready(l, listen_fd, polled);
	return true;
}

/*
 * Serves existing and pending connections until the web server has closed them
 * (keepalive_time in nginx/dousheng.conf.in bounds that).
 */
static void
drain(struct loop *l, int listen_fd, const sigset_t *mask)
{
	static const struct timespec moment = { 0, 200000000L };

	while (stopping == SIGQUIT && (serve_once(l, listen_fd, mask, &moment) || l->count > 0))
		;
}

/* Adds the connections that the previous program has passed on. */
static void
inherit_connections(struct loop *l)
{
	const char *list = getenv(KEPT_ENV);
	char *end;

	for (; list != NULL && *list != '\0' && l->count < MAX_CONNECTIONS; list = end) {
		int fd = (int)strtol(list, &end, 10);

		if (end == list || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
			break;
		add_connection(l, fd);
	}
	unsetenv(KEPT_ENV);
}

/* Keeps the connections open across exec and puts their numbers into the environment. */
static bool
pass_connections(struct loop *l)
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
		end_request(l->connections[i], false);
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
	l->max_connections = connection_limit();
	l->signals = set_signals(&unblocked);
	inherit_connections(l);
	while (!stopping) {
		serve_once(l, listen_fd, &unblocked, NULL);
		log_reopen_if_asked();
	}
	if (stopping == SIGQUIT)
		drain(l, listen_fd, &unblocked);
	if (stopping == SIGUSR2 && pass_connections(l))
		end = LOOP_UPGRADE;
	else
		serve_once(l, listen_fd, NULL, &no_wait); /* answer requests that have arrived */
	close_all(l);
	if (l->signals >= 0)
		close(l->signals);
	reply_release(&l->reply);
	free(l);
	return end;
}

/* redis.c: see redis.h. */
#include <errno.h>
#include <hiredis/hiredis.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/redis_url.h"
#include "base/text.h"
#include "data/redis.h"
#include "data/redis_pool.h"
#include "obs/log.h"

#define RETRY_US 500000
#define TIMEOUT_BACKOFF 4	/* after a timeout, times redis_timeout_ms */
#define UNSUPPORTED_US 10000000 /* before an unsupported Redis is tried again */
#define REFUSAL_LOG_US 1000000	/* at most one log line in this time */

/* Returns a connected socket, or -1 with errno.  On Linux SO_SNDTIMEO also limits connect(). */
static int
dial(int family, const struct sockaddr *to, socklen_t size, struct timeval timeout)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), saved, one = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if (family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, to, size) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static int
dial_path(const char *path, struct timeval timeout)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(to.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(to.sun_path, path, strlen(path));
	return dial(AF_UNIX, (struct sockaddr *)&to, sizeof(to), timeout);
}

static int
dial_host(const char *host, const char *port, struct timeval timeout)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list, *one;
	int fd = -1;

	if (getaddrinfo(host, port, &hints, &list) != 0) {
		errno = EHOSTUNREACH;
		return -1;
	}
	for (one = list; one != NULL && fd < 0; one = one->ai_next)
		fd = dial(one->ai_family, one->ai_addr, one->ai_addrlen, timeout);
	freeaddrinfo(list);
	return fd;
}

/* A socket, or -1 with errno. */
static int
connect_to(const struct redis_url *url, struct timeval timeout)
{
	return url->path != NULL ? dial_path(url->path, timeout)
				 : dial_host(url->host, url->port, timeout);
}

/* Creates the reader for the socket; closes the socket if memory is out. */
static bool
start_reader(struct redis *r, struct timeval timeout)
{
	setsockopt(r->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	if ((r->reader = redis_pool_reader(r->pool)) != NULL)
		return true;
	close(r->fd);
	errno = ENOMEM;
	return false;
}

/* Sends a command that sets up the connection.  False: failed or refused. */
static bool
send_setup(struct redis *r, const char **words, size_t n)
{
	const struct redis_reply *reply;

	redis_append(r, n, words, NULL);
	if ((reply = redis_receive(r)) == NULL)
		return false;
	if (reply->type == REDIS_ERROR)
		log_warn("cache: Redis refuses %s: %.*s", words[0], (int)reply->len, reply->text);
	return reply->type == REDIS_STATUS;
}

/* AUTH (with a user name since Redis 6) and SELECT. */
static bool
log_in(struct redis *r, const struct redis_url *url)
{
	const char *who[] = { "AUTH", url->user, url->password };
	const char *password[] = { "AUTH", url->password };
	const char *db[] = { "SELECT", url->db };
	bool named = url->user != NULL && url->user[0] != '\0';

	return (url->password == NULL || send_setup(r, named ? who : password, named ? 3 : 2)) &&
	       (url->db == NULL || url->db[0] == '\0' || send_setup(r, db, 2));
}

bool
redis_open(struct redis *r)
{
	struct timeval timeout = { r->conf->redis_timeout_ms / 1000,
				   r->conf->redis_timeout_ms % 1000 * 1000 };
	char text[CONF_TEXT_MAX * 2], why[256];
	struct redis_url url;

	if (time_monotonic_us() < r->retry_at)
		return false;
	if (r->pool == NULL && (r->pool = redis_pool_new()) == NULL)
		return false;
	conf_redis(r->conf, text, sizeof(text));
	r->error = 0;
	r->strict_backoff = false;
	errno = EINVAL; /* not expected: conf_load() has validated it */
	if (!redis_url_read(&url, text, why, sizeof(why)) ||
	    (r->fd = connect_to(&url, timeout)) < 0 || !start_reader(r, timeout)) {
		r->error = errno;
		redis_fail(r);
		return false;
	}
	if (log_in(r, &url)) {
		timing_count(r->timing, METRIC_CACHE_CONNECTS, 1);
		return true;
	}
	redis_fail(r);
	return false;
}

static void
disconnect(struct redis *r)
{
	if (r->reader != NULL) {
		redisReaderFree(r->reader);
		close(r->fd);
	}
	r->reader = NULL;
	buf_clear(&r->out);
	r->due = 0;
}

void
redis_close(struct redis *r)
{
	disconnect(r);
	buf_release(&r->out);
	redis_pool_free(r->pool);
	r->pool = NULL;
}

static void
disconnect_for(struct redis *r, int64_t pause, bool strict_backoff)
{
	timing_count(r->timing, METRIC_CACHE_ERRORS, 1);
	log_warn("cache: Redis is unavailable: %s",
		 r->error == 0 ? "unusable reply" : strerror(r->error));
	disconnect(r);
	r->strict_backoff = strict_backoff;
	r->retry_at = time_monotonic_us() + pause;
}

void
redis_fail(struct redis *r)
{
	bool silent = r->error == EAGAIN || r->error == ETIMEDOUT || r->error == EINPROGRESS;
	int64_t pause = silent ? TIMEOUT_BACKOFF * r->conf->redis_timeout_ms * 1000 : 0;

	disconnect_for(r, pause < RETRY_US ? RETRY_US : pause, silent);
}

void
redis_fail_unsupported(struct redis *r)
{
	disconnect_for(r, UNSUPPORTED_US, true);
}

void
redis_retry_now(struct redis *r)
{
	if (!r->strict_backoff)
		r->retry_at = 0;
}

void
redis_reset_backoff(struct redis *r)
{
	r->retry_at = 0;
}

/*
 * Writes "*3\r\n" (n words) or "$10\r\n" (a word of n bytes) into room[24].
 * Without printf(): with it the 61 keys of a feed took 43,000 of a request's
 * 380,000 instructions, now 6,000.
 */
static char *
put_length(char *room, char type, size_t n)
{
	char digits[20];
	size_t count = 0;

	*room++ = type;
	do
		digits[count++] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	while (count > 0)
		*room++ = digits[--count];
	*room++ = '\r';
	*room++ = '\n';
	return room;
}

void
redis_append(struct redis *r, size_t n, const char **argv, const size_t *lens)
{
	size_t size = 24, len, i;
	char *start, *p;

	if (r->due == 0) {
		r->first = argv[0];
		r->sent = 0;
		r->since = time_monotonic_us();
	}
	r->sent++;
	r->due++;
	for (i = 0; i < n; i++)
		size += (lens != NULL ? lens[i] : strlen(argv[i])) + 26;
	if ((start = p = buf_reserve(&r->out, size)) == NULL)
		return; /* buf_failed() reports it */
	p = put_length(p, '*', n);
	for (i = 0; i < n; i++) {
		len = lens != NULL ? lens[i] : strlen(argv[i]);
		p = put_length(p, '$', len);
		memcpy(p, argv[i], len);
		p += len;
		*p++ = '\r';
		*p++ = '\n';
	}
	r->out.len += (size_t)(p - start);
}

static bool
set_error(struct redis *r, int error)
{
	r->error = error;
	return false;
}

/* Sends all appended commands. */
static bool
flush(struct redis *r)
{
	size_t done = 0;

	if (buf_failed(&r->out))
		return set_error(r, ENOMEM);
	while (done < r->out.len) {
		ssize_t n = send(r->fd, r->out.data + done, r->out.len - done, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return set_error(r, errno);
		done += (size_t)n;
	}
	buf_clear(&r->out);
	return true;
}

/* Receives more of a reply. */
static bool
read_more(struct redis *r)
{
	char chunk[16384];
	ssize_t n;

	do
		n = recv(r->fd, chunk, sizeof(chunk), 0);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return set_error(r, n == 0 ? ECONNRESET : errno);
	return redisReaderFeed(r->reader, chunk, (size_t)n) == REDIS_OK || set_error(r, ENOMEM);
}

static const struct redis_reply *
receive(struct redis *r)
{
	void *reply = NULL;

	redis_pool_clear(r->pool);
	if (!flush(r))
		return NULL;
	for (;;) {
		if (redisReaderGetReply(r->reader, &reply) != REDIS_OK) {
			(void)set_error(r, r->reader->err == REDIS_ERR_OOM ? ENOMEM : EPROTO);
			return NULL;
		}
		if (reply != NULL)
			break;
		if (!read_more(r))
			return NULL;
	}
	return redis_pool_finish(r->pool);
}

/* Counts an error reply; logs it at most once a second. */
static void
log_refusal(struct redis *r, const struct redis_reply *reply)
{
	int64_t now = time_monotonic_us();

	timing_count(r->timing, METRIC_CACHE_REFUSALS, 1);
	if (now < r->next_refusal_log)
		return;
	r->next_refusal_log = now + REFUSAL_LOG_US;
	log_warn("cache: Redis refuses %s%s: %.*s", r->first,
		 r->sent > 1 ? " or another command of the pipeline" : "", (int)reply->len,
		 reply->text);
}

const struct redis_reply *
redis_receive(struct redis *r)
{
	const struct redis_reply *reply = receive(r);

	if (reply != NULL && reply->type == REDIS_ERROR)
		log_refusal(r, reply);
	r->due = reply != NULL ? r->due - 1 : 0;
	if (r->due == 0)
		timing_step(r->timing, TIMING_CACHE, r->first, r->sent, r->since, reply == NULL);
	return reply;
}

bool
redis_skip(struct redis *r, size_t n)
{
	while (n-- > 0)
		if (redis_receive(r) == NULL)
			return false;
	return true;
}

int
redis_fd(const struct redis *r)
{
	return r->reader == NULL ? -1 : r->fd;
}

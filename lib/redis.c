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

#include "log.h"
#include "redis.h"
#include "redis_url.h"
#include "text.h"

#define RETRY_US 500000
#define POOL_ELEMENTS 4096 /* more in one reply is an error */

/*
 * hiredis 1.0 knows more types of replies, those of RESP3, which we never ask
 * for: what 0.14 refuses while it parses, on_string(), on_array() and
 * on_other_*() refuse.
 */
#if HIREDIS_MAJOR >= 1
#define HAS_RESP3 1
typedef size_t array_size;
#else
#define HAS_RESP3 0
typedef int array_size;
#endif

/*
 * Where replies are built: the top one and its elements, and the bytes of
 * their texts.  hiredis calls the functions below as it reads.
 */
struct redis_pool {
	struct redis_reply top, elements[POOL_ELEMENTS];
	char *bytes;
	size_t used, size;
};

/* The reply that a task of hiredis's is about: an element of the array above it, or the top. */
static struct redis_reply *
place(const redisReadTask *task)
{
	struct redis_pool *pool = task->privdata;

	if (task->parent == NULL)
		return &pool->top;
	return task->idx < POOL_ELEMENTS ? &pool->elements[task->idx] : NULL;
}

/* Sets the type of a reply that is a string to hiredis; false for one of RESP3. */
static bool
text_type(const redisReadTask *task, struct redis_reply *reply)
{
	reply->type = task->type == REDIS_REPLY_STRING	 ? REDIS_TEXT
		      : task->type == REDIS_REPLY_STATUS ? REDIS_STATUS
							 : REDIS_ERROR;
	return reply->type != REDIS_ERROR || task->type == REDIS_REPLY_ERROR;
}

/*
 * Bytes move when there is no room, so texts are kept as offsets until the
 * reply is complete (finish_texts).
 */
static void *
on_string(const redisReadTask *task, char *text, size_t len)
{
	struct redis_pool *pool = task->privdata;
	struct redis_reply *reply = place(task);
	size_t size = pool->size;
	char *bytes;

	if (reply == NULL || !text_type(task, reply))
		return NULL;
	while (size - pool->used < len + 1)
		size = size == 0 ? 65536 : size * 2;
	if (size != pool->size) {
		if ((bytes = realloc(pool->bytes, size)) == NULL)
			return NULL;
		pool->bytes = bytes;
		pool->size = size;
	}
	memcpy(pool->bytes + pool->used, text, len);
	reply->number = (int64_t)pool->used;
	reply->len = len;
	pool->used += len;
	return reply;
}

static void *
on_array(const redisReadTask *task, array_size n)
{
	struct redis_pool *pool = task->privdata;
	struct redis_reply *reply = place(task);

	/* None of our commands answers with arrays in an array. */
	if (task->type != REDIS_REPLY_ARRAY || reply != &pool->top || n > POOL_ELEMENTS)
		return NULL;
	reply->type = REDIS_ARRAY;
	reply->elements = pool->elements;
	reply->n = (size_t)n;
	return reply;
}

static void *
on_integer(const redisReadTask *task, long long value)
{
	struct redis_reply *reply = place(task);

	if (reply == NULL)
		return NULL;
	reply->type = REDIS_NUMBER;
	reply->number = value;
	return reply;
}

static void *
on_nil(const redisReadTask *task)
{
	struct redis_reply *reply = place(task);

	if (reply != NULL)
		reply->type = REDIS_NOTHING;
	return reply;
}

static void
on_free(void *reply)
{
	(void)reply; /* the pool's */
}

#if HAS_RESP3
static void *
on_other_double(const redisReadTask *task, double value, char *text, size_t len)
{
	(void)task, (void)value, (void)text, (void)len;
	return NULL;
}

static void *
on_other_bool(const redisReadTask *task, int value)
{
	(void)task, (void)value;
	return NULL;
}
#endif

static redisReplyObjectFunctions functions = {
	.createString = on_string,
	.createArray = on_array,
	.createInteger = on_integer,
	.createNil = on_nil,
	.freeObject = on_free,
#if HAS_RESP3
	/* Without these hiredis would make up a reply, and ours be that of another command. */
	.createDouble = on_other_double,
	.createBool = on_other_bool,
#endif
};

/* A connected socket, or -1 with errno.  Linux heeds SO_SNDTIMEO in connect() too. */
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

/* Makes the socket a connection; closes it where memory is out. */
static bool
adopt(struct redis *r, struct timeval timeout)
{
	setsockopt(r->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	if ((r->reader = redisReaderCreateWithFunctions(&functions)) != NULL) {
		r->reader->privdata = r->pool;
		/* Above this it would take a new buffer for each reply, and abort without. */
		r->reader->maxbuf = 0;
		return true;
	}
	close(r->fd);
	errno = ENOMEM;
	return false;
}

/* Sends a command that prepares the connection; false when it is not done. */
static bool
greet(struct redis *r, const char **words, size_t n)
{
	const struct redis_reply *reply;

	redis_append_words(r, words, n);
	if ((reply = redis_receive(r)) == NULL)
		return false;
	if (reply->type == REDIS_ERROR)
		log_warn("cache: Redis refuses %s: %.*s", words[0], (int)reply->len, reply->text);
	return reply->type == REDIS_STATUS;
}

/* Says who we are (a user's name since Redis 6), and chooses the database. */
static bool
log_in(struct redis *r, const struct redis_url *url)
{
	const char *who[] = { "AUTH", url->user, url->password };
	const char *password[] = { "AUTH", url->password };
	const char *db[] = { "SELECT", url->db };
	bool named = url->user != NULL && url->user[0] != '\0';

	return (url->password == NULL || greet(r, named ? who : password, named ? 3 : 2)) &&
	       (url->db == NULL || url->db[0] == '\0' || greet(r, db, 2));
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
	if (r->pool == NULL && (r->pool = calloc(1, sizeof(*r->pool))) == NULL)
		return false;
	conf_redis(r->conf, text, sizeof(text));
	r->error = 0;
	errno = EINVAL; /* conf_load() has looked at it */
	if (!redis_url_read(&url, text, why, sizeof(why)) ||
	    (r->fd = connect_to(&url, timeout)) < 0 || !adopt(r, timeout)) {
		r->error = errno;
		redis_lost(r);
		return false;
	}
	if (log_in(r, &url)) {
		meter_count(r->meter, METRIC_CACHE_CONNECTS, 1);
		return true;
	}
	redis_lost(r);
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
	if (r->pool != NULL)
		free(r->pool->bytes);
	free(r->pool);
	r->pool = NULL;
}

void
redis_lost(struct redis *r)
{
	r->timed_out = r->error == EAGAIN || r->error == ETIMEDOUT || r->error == EINPROGRESS;
	meter_count(r->meter, METRIC_CACHE_ERRORS, 1);
	log_warn("cache: Redis is away: %s",
		 r->error == 0 ? "an answer of no use" : strerror(r->error));
	disconnect(r);
	r->retry_at = time_monotonic_us() + RETRY_US;
}

void
redis_try_again(struct redis *r)
{
	r->retry_at = 0;
}

/* "*3\r\n", "$10\r\n": what precedes n words, or a word of n bytes; room[24]. */
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
	size_t size = 24, i;
	char *start, *p;

	if (r->due == 0) {
		r->first = argv[0];
		r->sent = 0;
		r->since = time_monotonic_us();
	}
	r->sent++;
	r->due++;
	for (i = 0; i < n; i++)
		size += lens[i] + 26;
	if ((start = p = buf_room(&r->out, size)) == NULL)
		return; /* the buffer remembers it */
	p = put_length(p, '*', n);
	for (i = 0; i < n; i++) {
		p = put_length(p, '$', lens[i]);
		memcpy(p, argv[i], lens[i]);
		p += lens[i];
		*p++ = '\r';
		*p++ = '\n';
	}
	r->out.len += (size_t)(p - start);
}

void
redis_append_words(struct redis *r, const char **argv, size_t n)
{
	size_t lens[8], i;

	for (i = 0; i < n; i++)
		lens[i] = strlen(argv[i]);
	redis_append(r, n, argv, lens);
}

static void
finish_text(const struct redis_pool *pool, struct redis_reply *reply)
{
	if (reply->type == REDIS_TEXT || reply->type == REDIS_STATUS || reply->type == REDIS_ERROR)
		reply->text = pool->bytes + reply->number;
}

static bool
fail(struct redis *r, int error)
{
	r->error = error;
	return false;
}

/* Sends what was appended. */
static bool
flush(struct redis *r)
{
	size_t done = 0;

	if (buf_failed(&r->out))
		return fail(r, ENOMEM);
	while (done < r->out.len) {
		ssize_t n = send(r->fd, r->out.data + done, r->out.len - done, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(r, errno);
		done += (size_t)n;
	}
	buf_clear(&r->out);
	return true;
}

/* Waits for more of a reply. */
static bool
feed(struct redis *r)
{
	char chunk[16384];
	ssize_t n;

	do
		n = recv(r->fd, chunk, sizeof(chunk), 0);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return fail(r, n == 0 ? ECONNRESET : errno);
	return redisReaderFeed(r->reader, chunk, (size_t)n) == REDIS_OK || fail(r, ENOMEM);
}

static const struct redis_reply *
receive(struct redis *r)
{
	struct redis_pool *pool = r->pool;
	void *reply = NULL;
	size_t i;

	pool->used = 0;
	if (!flush(r))
		return NULL;
	for (;;) {
		if (redisReaderGetReply(r->reader, &reply) != REDIS_OK) {
			(void)fail(r, r->reader->err == REDIS_ERR_OOM ? ENOMEM : EPROTO);
			return NULL;
		}
		if (reply != NULL)
			break;
		if (!feed(r))
			return NULL;
	}
	finish_text(pool, &pool->top);
	for (i = 0; pool->top.type == REDIS_ARRAY && i < pool->top.n; i++)
		finish_text(pool, &pool->elements[i]);
	return &pool->top;
}

const struct redis_reply *
redis_receive(struct redis *r)
{
	const struct redis_reply *reply = receive(r);

	r->due = reply != NULL ? r->due - 1 : 0;
	if (r->due == 0)
		meter_step(r->meter, METER_CACHE, r->first, r->sent, r->since, reply == NULL);
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

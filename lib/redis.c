/* redis.c: see redis.h. */
#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "buf.h"
#include "log.h"
#include "redis.h"
#include "text.h"

#define RETRY_US 500000
#define POOL_ELEMENTS 4096 /* more in one reply is an error */

/*
 * Where replies are built: the top one and its elements, and the bytes of
 * their texts.  hiredis calls the functions below as it reads.
 */
struct redis_pool {
	struct redis_reply top, elements[POOL_ELEMENTS];
	char *bytes;
	size_t used, size;
	struct buf command; /* the one that is being appended */
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

	if (reply == NULL)
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
	reply->type = task->type == REDIS_REPLY_STRING	 ? REDIS_TEXT
		      : task->type == REDIS_REPLY_STATUS ? REDIS_STATUS
							 : REDIS_ERROR;
	reply->number = (int64_t)pool->used;
	reply->len = len;
	pool->used += len;
	return reply;
}

static void *
on_array(const redisReadTask *task, int n)
{
	struct redis_pool *pool = task->privdata;
	struct redis_reply *reply = place(task);

	/* None of our commands answers with arrays in an array. */
	if (reply != &pool->top || n > POOL_ELEMENTS)
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

static redisReplyObjectFunctions functions = { on_string, on_array, on_integer, on_nil, on_free };

static int
port_number(const char *text)
{
	int64_t port = 0;

	if (text == NULL)
		return 6379;
	return text_int(text, strlen(text), &port) && port > 0 && port < 65536 ? (int)port : 0;
}

/* redis://[:password@]host[:port][/db] or unix:/path; url is taken apart in place. */
static redisContext *
connect_to(char *url, struct timeval timeout, char **password, char **db)
{
	char *host, *port, *at;

	*password = *db = NULL;
	if (strncmp(url, "unix:", 5) == 0)
		return redisConnectUnixWithTimeout(url + 5, timeout);
	host = url + (strncmp(url, "redis://", 8) == 0 ? 8 : 0);
	if ((at = strrchr(host, '@')) != NULL) {
		*at = '\0';
		if ((*password = strchr(host, ':')) != NULL)
			++*password;
		host = at + 1;
	}
	if ((*db = strchr(host, '/')) != NULL)
		*(*db)++ = '\0';
	if ((port = strrchr(host, ':')) != NULL)
		*port++ = '\0';
	return redisConnectWithTimeout(host, port_number(port), timeout);
}

bool
redis_open(struct redis *r)
{
	struct timeval timeout = { r->conf->redis_timeout_ms / 1000,
				   r->conf->redis_timeout_ms % 1000 * 1000 };
	char url[CONF_TEXT_MAX * 2], *password, *db;
	size_t greetings = 0;

	if (time_monotonic_us() < r->retry_at)
		return false;
	if (r->pool == NULL && (r->pool = calloc(1, sizeof(*r->pool))) == NULL)
		return false;
	conf_redis(r->conf, url, sizeof(url));
	r->context = connect_to(url, timeout, &password, &db);
	if (r->context == NULL || r->context->err != 0) {
		redis_lost(r);
		return false;
	}
	redisSetTimeout(r->context, timeout);
	r->context->reader->fn = &functions;
	r->context->reader->privdata = r->pool;
	if (password != NULL && ++greetings > 0)
		REDIS_COMMAND(r, "AUTH", password);
	if (db != NULL && db[0] != '\0' && ++greetings > 0)
		REDIS_COMMAND(r, "SELECT", db);
	if (redis_skip(r, greetings))
		return true;
	redis_lost(r);
	return false;
}

static void
disconnect(struct redis *r)
{
	if (r->context != NULL)
		redisFree(r->context);
	r->context = NULL;
}

void
redis_close(struct redis *r)
{
	disconnect(r);
	if (r->pool != NULL) {
		free(r->pool->bytes);
		buf_release(&r->pool->command);
	}
	free(r->pool);
	r->pool = NULL;
}

void
redis_lost(struct redis *r)
{
	/* hiredis tells a timeout by EAGAIN; memory or a refused connection are something else. */
	r->timed_out = r->context != NULL && r->context->err == REDIS_ERR_IO &&
		       (errno == EAGAIN || errno == ETIMEDOUT);
	log_warn("cache: Redis is away: %s",
		 r->context == NULL ? "out of memory" : r->context->errstr);
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

/*
 * hiredis's redisAppendCommandArgv() formats each length with its printf: that
 * was a seventh of a feed's work.
 */
void
redis_append(struct redis *r, size_t n, const char **argv, const size_t *lens)
{
	struct buf *command = &r->pool->command;
	size_t size = 24, i;
	char *p;

	for (i = 0; i < n; i++)
		size += lens[i] + 26;
	buf_clear(command);
	if ((p = buf_room(command, size)) == NULL) {
		/* Most likely it fails too, and marks the connection as finished. */
		redisAppendCommandArgv(r->context, (int)n, argv, lens);
		return;
	}
	p = put_length(p, '*', n);
	for (i = 0; i < n; i++) {
		p = put_length(p, '$', lens[i]);
		memcpy(p, argv[i], lens[i]);
		p += lens[i];
		*p++ = '\r';
		*p++ = '\n';
	}
	redisAppendFormattedCommand(r->context, command->data, (size_t)(p - command->data));
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

const struct redis_reply *
redis_receive(struct redis *r)
{
	struct redis_pool *pool = r->pool;
	void *reply = NULL;
	size_t i;

	pool->used = 0;
	if (redisGetReply(r->context, &reply) != REDIS_OK || reply == NULL)
		return NULL;
	finish_text(pool, &pool->top);
	for (i = 0; pool->top.type == REDIS_ARRAY && i < pool->top.n; i++)
		finish_text(pool, &pool->elements[i]);
	return &pool->top;
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
	return r->context == NULL ? -1 : r->context->fd;
}

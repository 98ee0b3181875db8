/* redis_pool.c: see redis_pool.h. */
#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "data/redis_pool.h"

#define POOL_ELEMENTS 4096 /* a larger reply is an error */

/*
 * hiredis 1.0 parses RESP3 replies, which we never ask for.  on_string(),
 * on_array() and on_other_*() reject them; hiredis 0.14 does so itself.
 */
#if HIREDIS_MAJOR >= 1
#define HAS_RESP3 1
typedef size_t array_size;
#else
#define HAS_RESP3 0
typedef int array_size;
#endif

/*
 * Holds one reply: the top-level value, its elements and the bytes of their
 * strings.  hiredis calls the on_*() functions while it parses.
 */
struct redis_pool {
	struct redis_reply top, elements[POOL_ELEMENTS];
	char *bytes;
	size_t used, size;
};

/* The reply to fill: an element of the array, or the top-level value. */
static struct redis_reply *
target(const redisReadTask *task)
{
	struct redis_pool *pool = task->privdata;

	if (task->parent == NULL)
		return &pool->top;
	return task->idx < POOL_ELEMENTS ? &pool->elements[task->idx] : NULL;
}

/* Sets the type of a string reply.  False for a RESP3 type. */
static bool
text_type(const redisReadTask *task, struct redis_reply *reply)
{
	reply->type = task->type == REDIS_REPLY_STRING	 ? REDIS_TEXT
		      : task->type == REDIS_REPLY_STATUS ? REDIS_STATUS
							 : REDIS_ERROR;
	return reply->type != REDIS_ERROR || task->type == REDIS_REPLY_ERROR;
}

/*
 * Stores a string as an offset, because realloc() may move the bytes;
 * redis_pool_finish() turns the offsets into pointers.
 */
static void *
on_string(const redisReadTask *task, char *text, size_t len)
{
	struct redis_pool *pool = task->privdata;
	struct redis_reply *reply = target(task);
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
	struct redis_reply *reply = target(task);

	/* None of our commands returns nested arrays. */
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
	struct redis_reply *reply = target(task);

	if (reply == NULL)
		return NULL;
	reply->type = REDIS_NUMBER;
	reply->number = value;
	return reply;
}

static void *
on_nil(const redisReadTask *task)
{
	struct redis_reply *reply = target(task);

	if (reply != NULL)
		reply->type = REDIS_NIL;
	return reply;
}

static void
on_free(void *reply)
{
	(void)reply; /* memory of the pool */
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
	/*
	 * Without these hiredis would skip the value, and replies would no
	 * longer match commands.
	 */
	.createDouble = on_other_double,
	.createBool = on_other_bool,
#endif
};

struct redis_pool *
redis_pool_new(void)
{
	return calloc(1, sizeof(struct redis_pool));
}

void
redis_pool_free(struct redis_pool *pool)
{
	if (pool != NULL)
		free(pool->bytes);
	free(pool);
}

struct redisReader *
redis_pool_reader(struct redis_pool *pool)
{
	redisReader *reader = redisReaderCreateWithFunctions(&functions);

	if (reader == NULL)
		return NULL;
	reader->privdata = pool;
	/*
	 * Never shrink the read buffer: hiredis would reallocate it for each
	 * large reply, and abort() if that fails.
	 */
	reader->maxbuf = 0;
	return reader;
}

void
redis_pool_clear(struct redis_pool *pool)
{
	pool->used = 0;
}

static void
finish_text(const struct redis_pool *pool, struct redis_reply *reply)
{
	if (reply->type == REDIS_TEXT || reply->type == REDIS_STATUS || reply->type == REDIS_ERROR)
		reply->text = pool->bytes + reply->number;
}

const struct redis_reply *
redis_pool_finish(struct redis_pool *pool)
{
	size_t i;

	finish_text(pool, &pool->top);
	for (i = 0; pool->top.type == REDIS_ARRAY && i < pool->top.n; i++)
		finish_text(pool, &pool->elements[i]);
	return &pool->top;
}

/* redis_pool.c: see redis_pool.h. */
#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "data/redis_pool.h"

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
		reply->type = REDIS_NIL;
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
	/* Above this it would take a new buffer for each reply, and abort without. */
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

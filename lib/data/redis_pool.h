/*
 * redis_pool.h: builds the replies that hiredis parses, in one array that is
 * reused for each reply.
 */
#ifndef DS_REDIS_POOL_H
#define DS_REDIS_POOL_H

#include "data/redis_reply.h"

/* NULL: out of memory. */
struct redis_pool *redis_pool_new(void);

/* Accepts NULL. */
void redis_pool_free(struct redis_pool *pool);

/* A hiredis reader that builds its replies in pool.  NULL: out of memory. */
struct redisReader *redis_pool_reader(struct redis_pool *pool);

/* Call before each reply. */
void redis_pool_clear(struct redis_pool *pool);

/* The parsed reply, valid until the pool is cleared. */
const struct redis_reply *redis_pool_finish(struct redis_pool *pool);

#endif

/*
 * redis_pool.h: replies of Redis as hiredis's reader builds them for redis.c:
 * in one array that is used again for each reply.
 */
#ifndef DS_REDIS_POOL_H
#define DS_REDIS_POOL_H

#include "data/redis_reply.h"

/* NULL when memory is out. */
struct redis_pool *redis_pool_new(void);

/* Accepts NULL. */
void redis_pool_free(struct redis_pool *pool);

/* hiredis's reader, which builds its replies in pool; NULL when memory is out. */
struct redisReader *redis_pool_reader(struct redis_pool *pool);

/* Before a reply is read. */
void redis_pool_clear(struct redis_pool *pool);

/* The reply that the reader has read, good until the pool is cleared. */
const struct redis_reply *redis_pool_finish(struct redis_pool *pool);

#endif

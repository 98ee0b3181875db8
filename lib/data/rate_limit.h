/*
 * rate_limit.h: how often somebody may do something, counted in Redis alone:
 * without Redis nothing is limited.
 *
 * cache_get_and_rate_limit() asks together with other keys, cache_rate_limit()
 * asks alone; the functions here are the question and the answer on the wire.
 */
#ifndef DS_RATE_LIMIT_H
#define DS_RATE_LIMIT_H

#include <stdint.h>

#include "base/keys.h"
#include "data/redis.h"

/* One more of what may be done per_minute times a minute, in a burst or evenly spread. */
struct rate_limit {
	struct key key;	    /* KEY_NONE: nothing is limited */
	int64_t per_minute; /* at least 1 */
	int64_t wait;	    /* the answer, in seconds; 0: allowed, and counted */
};

/* Appends the command.  prefix: see cache_no_epoch_prefix(). */
void rate_limit_send(struct redis *r, const char *prefix, const struct rate_limit *limit);

/* Sets limit->wait by the reply.  An error reply means that it is allowed. */
void rate_limit_read(struct rate_limit *limit, const struct redis_reply *reply);

#endif

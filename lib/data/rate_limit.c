/* rate_limit.c: see rate_limit.h. */
#include <stdio.h>

#include "data/rate_limit.h"

/*
 * GCRA: the key stores the theoretical arrival time.  Unlike a counter per time
 * window it never allows twice the rate at the border of two windows, and it
 * knows when the next request is allowed (Retry-After).  ARGV[1] is the interval,
 * ARGV[2] the burst tolerance, both in microseconds.  A stored time further
 * ahead than the tolerance was written under a wrong clock and is ignored.
 */
static const char script[] =
    "local t = redis.call('TIME') "
    "local now, each, most = t[1] * 1000000 + t[2], tonumber(ARGV[1]), tonumber(ARGV[2]) "
    "local used = tonumber(redis.call('GET', KEYS[1]) or now) or now "
    "if used < now or used > now + most then used = now end "
    "if used + each > now + most then return used + each - now - most end "
    "redis.call('SET', KEYS[1], string.format('%.0f', used + each), 'PX', "
    "math.ceil((used + each - now) / 1000)) "
    "return 0";

void
rate_limit_send(struct redis *r, const char *prefix, const struct rate_limit *limit)
{
	struct key_text key = key_write(prefix, limit->key);
	char interval[24];

	snprintf(interval, sizeof(interval), "%lld", (long long)(60000000 / limit->per_minute));
	REDIS_COMMAND(r, "EVAL", script, "1", key.text, interval, "60000000");
}

void
rate_limit_read(struct rate_limit *limit, const struct redis_reply *reply)
{
	limit->wait = reply->type == REDIS_NUMBER ? (reply->number + 999999) / 1000000 : 0;
}

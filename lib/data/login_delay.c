/* login_delay.c: see login_delay.h. */
#include <stdio.h>

#include "data/cache.h"
#include "data/login_delay.h"
#include "data/redis.h"

#define KNOWN_S "2592000" /* an address is remembered for 30 days */

/* KEYS: the count of failures, and a key that expires with the delay.  ARGV[1]: the longest delay.
 */
static const char failed_script[] =
    "local n = redis.call('INCR', KEYS[1]) "
    "local wait = n < 5 and 0 or math.min(2 ^ (n - 5), tonumber(ARGV[1])) "
    "redis.call('EXPIRE', KEYS[1], wait + 900) "
    "if wait > 0 then redis.call('SET', KEYS[2], '', 'EX', wait) end "
    "return wait";

static struct key_text
key(const struct login_attempt *a, const struct cache *c, enum key_kind kind, int64_t address)
{
	return key_write(cache_no_epoch_prefix(c), (struct key){ kind, a->name, address });
}

/* The milliseconds of a PTTL reply, rounded up to seconds. */
static int64_t
seconds(const struct redis_reply *reply)
{
	return reply->type == REDIS_NUMBER && reply->number > 0 ? (reply->number + 999) / 1000 : 0;
}

int64_t
login_delay_begin(struct login_attempt *a, struct cache *c, const char *name, const char *address,
		  int64_t max_delay)
{
	struct redis *r = max_delay == 0 ? NULL : cache_connection(c);
	const struct redis_reply *known, *wait = NULL;
	int64_t shared = 0;

	*a = (struct login_attempt){ key_hash(name), key_hash(address), max_delay, 0 };
	if (r == NULL)
		return 0;
	REDIS_COMMAND(r, "EXISTS", key(a, c, KEY_LOGIN_KNOWN, a->address).text);
	REDIS_COMMAND(r, "PTTL", key(a, c, KEY_LOGIN_DELAY, 0).text);
	REDIS_COMMAND(r, "PTTL", key(a, c, KEY_LOGIN_DELAY, a->address).text);
	if ((known = redis_receive(r)) != NULL) {
		if (known->type == REDIS_NUMBER && known->number == 1)
			a->separate = a->address;
		if ((wait = redis_receive(r)) != NULL) {
			shared = seconds(wait);
			wait = redis_receive(r);
		}
	}
	if (wait == NULL) {
		redis_fail(r);
		return 0;
	}
	return a->separate == 0 ? shared : seconds(wait);
}

void
login_delay_failed(const struct login_attempt *a, struct cache *c)
{
	struct redis *r = a->max_delay == 0 ? NULL : cache_connection(c);
	char max_delay[24];

	if (r == NULL)
		return;
	snprintf(max_delay, sizeof(max_delay), "%lld", (long long)a->max_delay);
	REDIS_COMMAND(r, "EVAL", failed_script, "2",
		      key(a, c, KEY_LOGIN_FAILURES, a->separate).text,
		      key(a, c, KEY_LOGIN_DELAY, a->separate).text, max_delay);
	if (!redis_skip(r, 1))
		redis_fail(r);
}

void
login_delay_passed(const struct login_attempt *a, struct cache *c)
{
	struct redis *r = a->max_delay == 0 ? NULL : cache_connection(c);

	if (r == NULL)
		return;
	REDIS_COMMAND(r, "DEL", key(a, c, KEY_LOGIN_FAILURES, a->separate).text,
		      key(a, c, KEY_LOGIN_DELAY, a->separate).text);
	REDIS_COMMAND(r, "SET", key(a, c, KEY_LOGIN_KNOWN, a->address).text, "", "EX", KNOWN_S);
	if (!redis_skip(r, 2))
		redis_fail(r);
}

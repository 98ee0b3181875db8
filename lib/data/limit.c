/* limit.c: see limit.h. */
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "data/cache.h"
#include "data/limit.h"
#include "data/redis.h"

#define KNOWN_S "2592000" /* how long an address is remembered: 30 days */

/*
 * The time until which what was done uses up what may be done (GCRA): one
 * number.  ARGV[1] microseconds each, ARGV[2] as many of them as may be used
 * in advance.  A time that is further ahead comes from a clock that was wrong.
 */
static const char take_script[] =
    "local t = redis.call('TIME') "
    "local now, each, most = t[1] * 1000000 + t[2], tonumber(ARGV[1]), tonumber(ARGV[2]) "
    "local used = tonumber(redis.call('GET', KEYS[1]) or now) or now "
    "if used < now or used > now + most then used = now end "
    "if used + each > now + most then return used + each - now - most end "
    "redis.call('SET', KEYS[1], string.format('%.0f', used + each), 'PX', "
    "math.ceil((used + each - now) / 1000)) "
    "return 0";

/* KEYS: how many were wrong, and what lives as long as the delay.  ARGV[1]: the longest delay. */
static const char wrong_script[] =
    "local n = redis.call('INCR', KEYS[1]) "
    "local wait = n < 5 and 0 or math.min(2 ^ (n - 5), tonumber(ARGV[1])) "
    "redis.call('EXPIRE', KEYS[1], wait + 900) "
    "if wait > 0 then redis.call('SET', KEYS[2], '', 'EX', wait) end "
    "return wait";

void
limit_ask(struct redis *r, const char *prefix, const struct limit_take *take)
{
	struct key_text key = key_write(prefix, take->key);
	char each[24];

	snprintf(each, sizeof(each), "%lld", (long long)(60000000 / take->per_minute));
	REDIS_COMMAND(r, "EVAL", take_script, "1", key.text, each, "60000000");
}

void
limit_answer(struct limit_take *take, const struct redis_reply *reply)
{
	take->wait = reply->type == REDIS_NUMBER ? (reply->number + 999999) / 1000000 : 0;
}

void
limit_ask_now(struct limit_take *take, struct cache *c)
{
	struct redis *r = cache_connection(c);
	const struct redis_reply *reply;

	take->wait = 0;
	if (r == NULL)
		return;
	limit_ask(r, cache_lasting(c), take);
	if ((reply = redis_receive(r)) != NULL)
		limit_answer(take, reply);
	else
		redis_lost(r);
}

/* 63 bits that nobody can turn back, or aim at. */
static int64_t
hash(const char *text)
{
	unsigned char digest[EVP_MAX_MD_SIZE] = { 0 };
	uint64_t bits;

	if (EVP_Digest(text, strlen(text), digest, NULL, EVP_sha256(), NULL) != 1) {
		ERR_clear_error(); /* what it keeps of an error is memory */
		return 0;
	}
	memcpy(&bits, digest, sizeof(bits));
	return (int64_t)(bits >> 1);
}

struct key
limit_address(enum key_kind kind, const char *address)
{
	struct in6_addr six;
	char text[INET6_ADDRSTRLEN];

	snprintf(text, sizeof(text), "%s", address);
	if (inet_pton(AF_INET6, address, &six) == 1) {
		memset(six.s6_addr + 8, 0, 8);
		inet_ntop(AF_INET6, &six, text, sizeof(text));
	}
	return key_of(kind, hash(text));
}

static struct key_text
key(const struct limit_guess *g, const struct cache *c, enum key_kind kind, int64_t from)
{
	return key_write(cache_lasting(c), (struct key){ kind, g->who, from });
}

/* Milliseconds, of a PTTL's answer, as whole seconds. */
static int64_t
seconds(const struct redis_reply *reply)
{
	return reply->type == REDIS_NUMBER && reply->number > 0 ? (reply->number + 999) / 1000 : 0;
}

int64_t
limit_guess_begin(struct limit_guess *g, struct cache *c, const char *who, const char *from,
		  int64_t longest)
{
	struct redis *r = longest == 0 ? NULL : cache_connection(c);
	const struct redis_reply *known, *wait = NULL;
	int64_t all = 0;

	*g = (struct limit_guess){ hash(who), hash(from), longest, 0 };
	if (r == NULL)
		return 0;
	REDIS_COMMAND(r, "EXISTS", key(g, c, KEY_GUESS_KNOWN, g->from).text);
	REDIS_COMMAND(r, "PTTL", key(g, c, KEY_GUESS_WAIT, 0).text);
	REDIS_COMMAND(r, "PTTL", key(g, c, KEY_GUESS_WAIT, g->from).text);
	if ((known = redis_receive(r)) != NULL) {
		if (known->type == REDIS_NUMBER && known->number == 1)
			g->apart = g->from;
		if ((wait = redis_receive(r)) != NULL) {
			all = seconds(wait);
			wait = redis_receive(r);
		}
	}
	if (wait == NULL) {
		redis_lost(r);
		return 0;
	}
	return g->apart == 0 ? all : seconds(wait);
}

void
limit_guess_wrong(const struct limit_guess *g, struct cache *c)
{
	struct redis *r = g->longest == 0 ? NULL : cache_connection(c);
	char longest[24];

	if (r == NULL)
		return;
	snprintf(longest, sizeof(longest), "%lld", (long long)g->longest);
	REDIS_COMMAND(r, "EVAL", wrong_script, "2", key(g, c, KEY_GUESS_WRONG, g->apart).text,
		      key(g, c, KEY_GUESS_WAIT, g->apart).text, longest);
	if (!redis_skip(r, 1))
		redis_lost(r);
}

void
limit_guess_right(const struct limit_guess *g, struct cache *c)
{
	struct redis *r = g->longest == 0 ? NULL : cache_connection(c);

	if (r == NULL)
		return;
	REDIS_COMMAND(r, "DEL", key(g, c, KEY_GUESS_WRONG, g->apart).text,
		      key(g, c, KEY_GUESS_WAIT, g->apart).text);
	REDIS_COMMAND(r, "SET", key(g, c, KEY_GUESS_KNOWN, g->from).text, "", "EX", KNOWN_S);
	if (!redis_skip(r, 2))
		redis_lost(r);
}

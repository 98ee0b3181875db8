/* cache.c: see cache.h.  The connection is in redis.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/hooks.h"
#include "base/text.h"
#include "data/cache.h"
#include "data/epoch.h"
#include "data/lost_invalidations.h"
#include "data/redis.h"

#define LEASE_MS "3000"	   /* longer than any load, so that a lease does not expire during one */
#define TTL_S "3600"	   /* upper bound of a copy's lifetime, whatever goes wrong */
#define INVALIDATE_TRIES 4 /* attempts to send an invalidation */

/*
 * Stores each value only if its key still holds our lease.  One script for all
 * keys: the cost of an EVAL call is several times that of one key (60 values of
 * an uncached feed: Redis needs 0.41 ms instead of 0.59, the worker 0.30 instead
 * of 0.50).
 */
static const char put_script[] = "for i = 1, #KEYS do "
				 "if redis.call('GET', KEYS[i]) == ARGV[2 * i - 1] then "
				 "redis.call('SET', KEYS[i], ARGV[2 * i], 'EX', " TTL_S ") end end";

/* Compare-and-set; keeps the key's remaining lifetime. */
static const char replace_script[] = "if redis.call('GET', KEYS[1]) == ARGV[1] then "
				     "redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL') end";

struct cache {
	struct redis redis;
	struct epoch epoch;
	struct lost_invalidations debt;
	const char *database; /* db_identity(), which may change; borrowed */
	uint64_t nonce;	      /* makes our leases unique */
	uint64_t leases;      /* number of leases taken */
};

struct cache *
cache_new(const struct conf *conf, const char *database)
{
	struct cache *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->redis.conf = conf;
	c->database = database;
	if (getrandom(&c->nonce, sizeof(c->nonce), 0) != sizeof(c->nonce)) {
		free(c);
		return NULL;
	}
	lost_invalidations_open(&c->debt, conf->home);
	return c;
}

void
cache_set_timing(struct cache *c, struct timing *timing)
{
	c->redis.timing = timing;
}

void
cache_free(struct cache *c)
{
	if (c == NULL)
		return;
	redis_close(&c->redis);
	lost_invalidations_close(&c->debt);
	free(c);
}

/* Starts a new epoch if invalidations were lost since the current one began.  False: failed. */
static bool
start_due_epoch(struct cache *c)
{
	uint64_t lost = lost_invalidations_total(&c->debt);

	if (!lost_invalidations_pending(&c->debt))
		return true;
	if (!epoch_replace(&c->epoch, &c->redis))
		return false;
	lost_invalidations_settle(&c->debt, lost);
	return true;
}

/* Is there a connection, and do its copies belong to the database in use? */
static bool
is_ready(const struct cache *c)
{
	return redis_is_open(&c->redis) && strcmp(c->epoch.database, c->database) == 0;
}

static bool
introduce(struct cache *c)
{
	bool unsupported;

	if (!redis_open(&c->redis))
		return false;
	if (epoch_connect(&c->epoch, &c->redis, &unsupported))
		return true;
	if (unsupported)
		redis_fail_unsupported(&c->redis);
	else
		redis_fail(&c->redis);
	return false;
}

/* Connects if needed.  True: the known epoch is valid, provided epoch_is_current() confirms it. */
static bool
connected(struct cache *c)
{
	if (c->database[0] == '\0')
		return false;
	if (!is_ready(c)) {
		if (strcmp(c->epoch.database, c->database) != 0) {
			redis_close(&c->redis);
			epoch_init(&c->epoch, c->database);
		}
		if (!introduce(c))
			return false;
	}
	if (start_due_epoch(c))
		return true;
	redis_fail(&c->redis);
	return false;
}

struct redis *
cache_connection(struct cache *c)
{
	return connected(c) ? &c->redis : NULL;
}

const char *
cache_no_epoch_prefix(const struct cache *c)
{
	return c->epoch.no_epoch_prefix;
}

/*
 * Sends the epoch check and an MGET.  The check uses GETEX, which counts as a
 * write: a Redis that refuses writes (a replica, a failing disk) refuses it
 * too.  Its copies must not be used, because they could not be invalidated.
 */
static bool
send_get(struct cache *c, struct arena *a, const struct cache_item *items, size_t n)
{
	struct key_text *keys = arena_alloc(a, n * sizeof(*keys));
	const char **argv = arena_alloc(a, (n + 1) * sizeof(*argv));
	size_t *lens = arena_alloc(a, (n + 1) * sizeof(*lens)), i;

	if (keys == NULL || argv == NULL || lens == NULL)
		return false;
	argv[0] = "MGET", lens[0] = 4;
	for (i = 0; i < n; i++) {
		keys[i] = key_write(c->epoch.id, items[i].key);
		argv[i + 1] = keys[i].text;
		lens[i + 1] = (size_t)keys[i].len;
	}
	epoch_send_check(&c->epoch, &c->redis);
	redis_append(&c->redis, n + 1, argv, lens);
	return true;
}

static void
read_items(struct cache_item *items, size_t n, const struct redis_reply *reply, struct arena *a)
{
	size_t i;

	for (i = 0; i < n; i++) {
		const struct redis_reply *v = &reply->elements[i];
		struct cache_item *item = &items[i];

		if (v->type != REDIS_TEXT)
			continue;
		item->lease[0] = 'x'; /* 'x': held by another reader, or a value */
		if (v->len > 0 && v->text[0] != 'L') {
			item->data = arena_copy(a, v->text, v->len);
			item->len = v->len;
		}
	}
}

/*
 * An error other than WRONGTYPE means that Redis may also refuse deletions:
 * counts as a lost invalidation.
 */
static bool
is_refusal(struct cache *c, const struct redis_reply *reply)
{
	if (reply->type != REDIS_ERROR || redis_wrong_type(reply))
		return false;
	lost_invalidations_add(&c->debt);
	return true;
}

/* One attempt.  False: the connection is closed or unusable. */
static bool
get_once(struct cache *c, struct arena *a, struct cache_item *items, size_t n,
	 struct rate_limit *limit, bool *stale)
{
	const struct redis_reply *reply;

	*stale = false;
	if (!send_get(c, a, items, n))
		return false;
	if (limit->key.kind != KEY_NONE)
		rate_limit_send(&c->redis, c->epoch.no_epoch_prefix, limit);
	if ((reply = redis_receive(&c->redis)) == NULL)
		return false;
	if (is_refusal(c, reply))
		return false;
	*stale = !epoch_is_current(&c->epoch, reply);
	if ((reply = redis_receive(&c->redis)) == NULL || is_refusal(c, reply))
		return false;
	*stale = *stale || reply->type != REDIS_ARRAY || reply->n != n;
	if (!*stale)
		read_items(items, n, reply, a);
	if (limit->key.kind == KEY_NONE)
		return true;
	if ((reply = redis_receive(&c->redis)) == NULL)
		return false;
	rate_limit_read(limit, reply);
	limit->key.kind = KEY_NONE; /* count once, even if the epoch was stale */
	return true;
}

static void
send_lease(struct cache *c, struct key what, char lease[CACHE_LEASE_MAX])
{
	struct key_text key = key_write(c->epoch.id, what);

	snprintf(lease, CACHE_LEASE_MAX, "L%016llx%llx", (unsigned long long)c->nonce,
		 (unsigned long long)++c->leases);
	REDIS_COMMAND(&c->redis, "SET", key.text, lease, "NX", "PX", LEASE_MS);
}

/* Receives the answer for a lease; clears lease if it was not granted.  False: connection lost. */
static bool
receive_lease(struct cache *c, char lease[CACHE_LEASE_MAX])
{
	const struct redis_reply *reply;

	if (lease[0] != 'L') {
		lease[0] = '\0';
		return true;
	}
	if ((reply = redis_receive(&c->redis)) == NULL)
		return false;
	if (reply->type != REDIS_STATUS)
		lease[0] = '\0';
	return true;
}

/* Sets leases for all keys without a value.  False: connection lost. */
static bool
take_leases(struct cache *c, struct cache_item *items, size_t n)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < n; i++)
		if (items[i].lease[0] == '\0')
			send_lease(c, items[i].key, items[i].lease);
	for (i = 0; ok && i < n; i++)
		ok = receive_lease(c, items[i].lease);
	return ok;
}

/* Clears leases, and values unless values is true. */
static void
clear_items(struct cache_item *items, size_t n, bool values)
{
	size_t i;

	for (i = 0; i < n; i++) {
		items[i].lease[0] = '\0';
		if (!values)
			items[i].data = NULL;
	}
}

void
cache_get(struct cache *c, struct arena *a, struct cache_item *items, size_t n)
{
	struct rate_limit none = { .wait = 0 };

	cache_get_and_rate_limit(c, a, items, n, &none);
}

static void
look_up(struct cache *c, struct arena *a, struct cache_item *items, size_t n,
	struct rate_limit *limit)
{
	bool stale = true, ok = true;
	int attempt;

	clear_items(items, n, false);
	if (n == 0 || !connected(c))
		return;
	for (attempt = 0; ok && stale && attempt < 2; attempt++) {
		ok = get_once(c, a, items, n, limit, &stale);
		if (ok && stale)
			ok = epoch_load(&c->epoch, &c->redis);
	}
	if (ok && stale)
		return; /* the epoch changes too quickly: treat all as misses */
	if (ok && take_leases(c, items, n))
		return;
	redis_fail(&c->redis);
	clear_items(items, n, ok);
}

void
cache_get_and_rate_limit(struct cache *c, struct arena *a, struct cache_item *items, size_t n,
			 struct rate_limit *limit)
{
	size_t i;

	look_up(c, a, items, n, limit);
	for (i = 0; i < n; i++)
		timing_count_lookup(c->redis.timing, items[i].key.kind, items[i].data != NULL);
}

void
cache_rate_limit(struct cache *c, struct rate_limit *limit)
{
	const struct redis_reply *reply;

	limit->wait = 0;
	if (!connected(c))
		return;
	rate_limit_send(&c->redis, c->epoch.no_epoch_prefix, limit);
	if ((reply = redis_receive(&c->redis)) != NULL)
		rate_limit_read(limit, reply);
	else
		redis_fail(&c->redis);
}

/* Sends put_script for n keys.  False: out of memory. */
static bool
send_put(struct cache *c, const struct cache_item *const *items, size_t n)
{
	const char **argv = calloc(3 * n + 3, sizeof(*argv));
	size_t *lens = calloc(3 * n + 3, sizeof(*lens)), i;
	struct key_text *keys = calloc(n, sizeof(*keys));
	bool ok = argv != NULL && lens != NULL && keys != NULL;
	char count[24];

	if (ok) {
		argv[0] = "EVAL", lens[0] = 4;
		argv[1] = hook_put_script(put_script), lens[1] = strlen(argv[1]);
		argv[2] = count, lens[2] = (size_t)snprintf(count, sizeof(count), "%zu", n);
		for (i = 0; i < n; i++) {
			keys[i] = key_write(c->epoch.id, items[i]->key);
			argv[3 + i] = keys[i].text, lens[3 + i] = (size_t)keys[i].len;
			argv[3 + n + 2 * i] = items[i]->lease;
			lens[3 + n + 2 * i] = strlen(items[i]->lease);
			argv[4 + n + 2 * i] = items[i]->data, lens[4 + n + 2 * i] = items[i]->len;
		}
		redis_append(&c->redis, 3 * n + 3, argv, lens);
	}
	free(argv);
	free(lens);
	free(keys);
	return ok;
}

void
cache_put(struct cache *c, const struct cache_item *items, size_t n)
{
	const struct cache_item **ours = calloc(n + 1, sizeof(*ours));
	size_t i, count = 0;

	hook_before_put();
	for (i = 0; ours != NULL && i < n; i++)
		if (items[i].lease[0] == 'L' && items[i].data != NULL)
			ours[count++] = &items[i];
	if (count > 0 && is_ready(c) && send_put(c, ours, count) && !redis_skip(&c->redis, 1))
		redis_fail(&c->redis);
	free(ours);
}

void
cache_replace(struct cache *c, const struct cache_item *found, const char *data, size_t len)
{
	struct key_text key = key_write(c->epoch.id, found->key);
	const char *script = hook_put_script(replace_script);
	const char *argv[] = { "EVAL", script, "1", key.text, found->data, data };
	const size_t lens[] = { 4, strlen(script), 1, (size_t)key.len, found->len, len };

	hook_before_put();
	if (!is_ready(c))
		return;
	redis_append(&c->redis, 6, argv, lens);
	if (!redis_skip(&c->redis, 1))
		redis_fail(&c->redis);
}

/* One attempt.  False: the connection is closed or unusable. */
static bool
invalidate_once(struct cache *c, const struct key *keys, size_t n, bool *stale)
{
	const struct redis_reply *reply;
	size_t i;

	epoch_send_check(&c->epoch, &c->redis);
	for (i = 0; i < n; i++)
		REDIS_COMMAND(&c->redis, "DEL", key_write(c->epoch.id, keys[i]).text);
	if ((reply = redis_receive(&c->redis)) == NULL || is_refusal(c, reply))
		return false;
	*stale = !epoch_is_current(&c->epoch, reply);
	return redis_skip(&c->redis, n);
}

bool
cache_invalidate(struct cache *c, const struct key *keys, size_t n)
{
	bool stale = n > 0;
	int i;

	/* Redis may be back since we lost it, and other workers may have cached what we changed. */
	redis_retry_now(&c->redis);
	for (i = 0; stale && i < INVALIDATE_TRIES && connected(c); i++) {
		if (invalidate_once(c, keys, n, &stale) &&
		    (!stale || epoch_load(&c->epoch, &c->redis)))
			continue;
		redis_fail(&c->redis);
		redis_retry_now(&c->redis);
		stale = true;
	}
	if (stale)
		lost_invalidations_add(&c->debt);
	return !stale;
}

void
cache_invalidate_all(struct cache *c)
{
	lost_invalidations_add(&c->debt);
}

void
cache_finish_invalidate_all(struct cache *c)
{
	if (lost_invalidations_pending(&c->debt))
		(void)connected(c);
}

bool
cache_ping(struct cache *c)
{
	if (!connected(c))
		return false;
	REDIS_COMMAND(&c->redis, "PING");
	if (redis_skip(&c->redis, 1))
		return true;
	redis_fail(&c->redis);
	return false;
}

int
cache_fd(const struct cache *c)
{
	return redis_fd(&c->redis);
}

void
cache_on_readable(struct cache *c)
{
	/* No reply is pending while idle, so data or EOF means that the connection is unusable. */
	redis_close(&c->redis);
	redis_reset_backoff(&c->redis);
}

/*
 * cache.h: copies of database content in Redis.
 *
 * No function fails: without Redis every lookup is a miss, and the caller reads
 * PostgreSQL.
 *
 * Cache-aside with leases (Nishtala et al., "Scaling Memcache at Facebook",
 * 3.2.1): a reader that misses puts a lease in the key's place, loads, and
 * stores the value only if the lease is still there.  A writer deletes the key
 * after its commit, with any lease.  So a value loaded before a commit is never
 * stored after it.
 *
 * All keys start with the current epoch, which is kept in Redis too and
 * compared in each round trip (epoch.h).  If invalidations may have been lost,
 * a new epoch makes all copies unreachable; lost_invalidations.h tells all
 * processes of the instance.
 */
#ifndef DS_CACHE_H
#define DS_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/keys.h"
#include "data/rate_limit.h"
#include "obs/timing.h"

struct cache;

#define CACHE_LEASE_MAX 40

/* A key and its value. */
struct cache_item {
	struct key key;
	const char *data; /* NULL: miss */
	size_t len;
	char lease[CACHE_LEASE_MAX]; /* "": no lease, so cache_put() will not store it */
};

/* For login_delay.c: the connection, opened if needed.  NULL: Redis is down. */
struct redis *cache_connection(struct cache *c);

/* The prefix of keys that do not depend on an epoch, see keys.h. */
const char *cache_no_epoch_prefix(const struct cache *c);

/*
 * Does not connect.  conf and database are borrowed; database is db_identity(),
 * which may change whenever db connects.  NULL: out of memory.
 */
struct cache *cache_new(const struct conf *conf, const char *site);

/* Sets the timing (borrowed) that records each pipeline; NULL, the default: none. */
void cache_set_timing(struct cache *c, struct timing *timing);

/* Accepts NULL. */
void cache_free(struct cache *c);

/*
 * Looks up n items: one round trip if all are hits, else two.  Values are
 * copied into a.  A miss may get a lease.
 */
void cache_get(struct cache *c, struct arena *a, struct cache_item *items, size_t n);

/* The same; also asks for limit in the first round trip, unless its key is KEY_NONE. */
void cache_get_and_rate_limit(struct cache *c, struct arena *a, struct cache_item *items, size_t n,
			      struct rate_limit *limit);

/* Asks for limit only. */
void cache_rate_limit(struct cache *c, struct rate_limit *limit);

/* Stores the items that have data and a lease of ours. */
void cache_put(struct cache *c, const struct cache_item *items, size_t n);

/*
 * Compare-and-set: replaces the value only if it is still `found`, and keeps
 * its expiry.  `found` must be unique (contain a lease) to avoid ABA.
 */
void cache_replace(struct cache *c, const struct cache_item *found, const char *data, size_t len);

/*
 * Deletes keys; call after the commit that changed what they are copies of.
 * False if Redis is down, or has not answered recently: then no process of this
 * instance uses a copy before a new epoch has started.  Either way the caller's
 * next read does not see the old value.
 */
bool cache_invalidate(struct cache *c, const struct key *keys, size_t n);

/* Invalidations may have been lost: start a new epoch before the next lookup. */
void cache_invalidate_all(struct cache *c);

/* Starts the new epoch now if one is due and Redis is up. */
void cache_finish_invalidate_all(struct cache *c);

/* Does Redis answer a PING? */
bool cache_ping(struct cache *c);

/* The descriptor to poll while idle, or -1; call cache_on_readable() when it is readable. */
int cache_fd(const struct cache *c);
void cache_on_readable(struct cache *c);

#endif

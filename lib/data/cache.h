/*
 * cache.h: Redis, which holds copies only.
 *
 * The only module that speaks hiredis.  Nothing here fails: without Redis all
 * is a miss, and the caller reads PostgreSQL.
 *
 * Reading is cache-aside with a lease (Nishtala et al., "Scaling Memcache at
 * Facebook", 3.2.1).  Whoever misses puts a lease in the key's place, loads,
 * and stores only if the lease still stands there; a writer deletes the key
 * after its commit, lease and all.  So what was loaded before a commit is
 * never stored after it.
 *
 * All keys start with an epoch, a word that is kept in Redis too and compared
 * in each round trip (epoch.h).  When deletions may have been lost, a new epoch
 * makes all that is cached unreachable; that there are such is known to all
 * processes of the instance (lost_invalidations.h).
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

/* A value. */
struct cache_item {
	struct key key;
	const char *data; /* NULL: not cached */
	size_t len;
	char lease[CACHE_LEASE_MAX]; /* "": may not be stored by us */
};

/* The connection for login_delay.c, opened if need be; NULL: Redis is away. */
struct redis *cache_connection(struct cache *c);

/* What keys start with there; see keys.h. */
const char *cache_no_epoch_prefix(const struct cache *c);

/*
 * Does not connect.  conf is borrowed, and so is site: the name of the database
 * whose copies are kept, as db_identity() gives it and changes it.  NULL when memory is
 * out.
 */
struct cache *cache_new(const struct conf *conf, const char *site);

/* Who is told of each pipeline (borrowed); NULL, as at first: nobody. */
void cache_set_timing(struct cache *c, struct timing *timing);

/* Accepts NULL. */
void cache_free(struct cache *c);

/*
 * Looks all of it up: one round trip when all is there, two when not.  What is
 * found is copied into a; what is not may get a lease.
 */
void cache_get(struct cache *c, struct arena *a, struct cache_item *items, size_t n);

/* The same, with limit (its key may be of KEY_NONE) in the first round trip. */
void cache_get_and_rate_limit(struct cache *c, struct arena *a, struct cache_item *items, size_t n,
			      struct rate_limit *limit);

/* Asks for limit alone, in a round trip of its own. */
void cache_rate_limit(struct cache *c, struct rate_limit *limit);

/* Stores those items that have a lease of ours and data. */
void cache_put(struct cache *c, const struct cache_item *items, size_t n);

/*
 * Stores data where still stands what was found, which must be unlike all that
 * has ever stood there before a change.  It does not live longer than that.
 */
void cache_replace(struct cache *c, const struct cache_item *found, const char *data, size_t len);

/*
 * Deletes, after a commit that changed what the keys are copies of.  False if
 * Redis could not be told, or is one that has just not answered in time: no
 * process of this instance believes then what is there, before a new epoch has
 * begun.  So the writer's own next read does not find the old value.
 */
bool cache_invalidate(struct cache *c, const struct key *keys, size_t n);

/* Deletions may have been lost: a new epoch comes before anything else is read. */
void cache_invalidate_all(struct cache *c);

/* Starts it now, if one is due and Redis is there. */
void cache_finish_invalidate_all(struct cache *c);

/* Does Redis answer? */
bool cache_ping(struct cache *c);

/* The descriptor to watch while idle, or -1; and what to do when it stirs. */
int cache_fd(const struct cache *c);
void cache_on_readable(struct cache *c);

#endif

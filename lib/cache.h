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
 * in each round trip.  When deletions may have been lost, a new epoch makes
 * all that is cached unreachable.
 */
#ifndef DS_CACHE_H
#define DS_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "conf.h"
#include "keys.h"

struct cache;

#define CACHE_LEASE_MAX 40

struct cache_item {
	int64_t id;
	const char *data; /* NULL: not cached */
	size_t len;
	char lease[CACHE_LEASE_MAX]; /* "": may not be stored by us */
};

/* Does not connect.  conf is borrowed.  NULL when memory is out. */
struct cache *cache_new(const struct conf *conf);

/* Accepts NULL. */
void cache_free(struct cache *c);

/*
 * Looks up n items by id: sets data (a copy in a), or NULL and perhaps a
 * lease.  One round trip when all are there, two when not.
 */
void cache_get(struct cache *c, struct arena *a, enum key_kind kind, struct cache_item *items,
	       size_t n);

/* Stores those items that have a lease of ours and data. */
void cache_put(struct cache *c, enum key_kind kind, const struct cache_item *items, size_t n);

/*
 * Deletes, after a commit that changed what the keys are copies of.  False if
 * Redis could not be told: jobs/fold will see to it.
 */
bool cache_drop(struct cache *c, enum key_kind kind, const int64_t *ids, size_t n);

/* Starts a new epoch: nothing cached before is ever read again.  False if Redis is away. */
bool cache_new_epoch(struct cache *c);

/* The descriptor to watch while idle, or -1; and what to do when it stirs. */
int cache_fd(const struct cache *c);
void cache_stir(struct cache *c);

#endif

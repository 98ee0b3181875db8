/*
 * flags.h: what the viewer likes and whom they follow: asked of sets in the
 * cache, or of PostgreSQL.
 */
#ifndef DS_FLAGS_H
#define DS_FLAGS_H

#include "req.h"

/* A question, to be looked up by cache_get(): which of n ids does the viewer like, or follow? */
struct cache_set flags_likes(const struct req *r, const int64_t *videos, size_t n);
struct cache_set flags_follows(const struct req *r, const int64_t *users, size_t n);

/*
 * Answers from PostgreSQL what the cache could not, and stores the viewer's
 * set there.  Afterwards set->has is there.  A viewer who is nobody likes
 * nothing and asks nobody.
 */
enum err flags_complete(struct req *r, struct cache_set *set) MUST_CHECK;

#endif

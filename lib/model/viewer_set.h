/*
 * viewer_set.h: which videos the viewer likes and whom the viewer follows.
 *
 * Each set is one value in the cache, looked up together with what is shown,
 * and searched here.  Small sets are cached whole; for large sets only the
 * answers looked up so far.  A Redis set with SMISMEMBER of 30 members per feed
 * cost both sides several times as much.
 */
#ifndef DS_VIEWER_SET_H
#define DS_VIEWER_SET_H

#include "http/req.h"

/* The viewer's sets, to be looked up by cache_get(). */
struct cache_item viewer_set_likes(const struct req *r);
struct cache_item viewer_set_follows(const struct req *r);

/*
 * Sets (*has)[i] if the set contains ids[i], for n ids; *has is in the
 * request's arena.  A miss is loaded from PostgreSQL and cached.  All false if
 * nobody is logged in; list is not used then.
 */
enum err viewer_set_contains(struct req *r, struct cache_item *list, const int64_t *ids, size_t n,
			     bool **has) MUST_CHECK;

#endif

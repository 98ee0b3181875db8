/*
 * viewer_set.h: what the viewer likes and whom they follow.
 *
 * Each is kept in the cache as one value, asked for together with what is
 * shown, and searched here: all ids of those who like few, and what was asked
 * for so far of those who like many.  A set in Redis, asked for 30 members a
 * feed, cost both sides several times as much, and a change deletes it just as
 * it does a value.
 */
#ifndef DS_FLAGS_H
#define DS_FLAGS_H

#include "http/req.h"

/* The viewer's list, to be looked up by cache_get(). */
struct cache_item viewer_set_likes(const struct req *r);
struct cache_item viewer_set_follows(const struct req *r);

/*
 * Which of n ids are in the list: n answers in *has, in the request's arena.
 * What the cache did not have is read from PostgreSQL and stored.  A viewer who
 * is nobody likes nothing; list is not looked at then.
 */
enum err viewer_set_contains(struct req *r, struct cache_item *list, const int64_t *ids, size_t n,
			     bool **has) MUST_CHECK;

#endif

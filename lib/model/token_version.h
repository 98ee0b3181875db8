/*
 * token_version.h: is a token still in force?
 *
 * A token names a version; logging out and a new password make another one the
 * account's.  It has a copy of its own in the cache, asked for with whatever
 * else a request wants: an account's card would do, but that changes with each
 * like and would have to be loaded for the next one.
 */
#ifndef DS_SESSION_H
#define DS_SESSION_H

#include "http/req.h"

/* The version of an account's tokens, to be looked up by cache_get(). */
struct cache_item token_version_item(int64_t user);

/*
 * Whether r->token_version is the one in force for r->viewer.  What the cache
 * did not have is read from PostgreSQL and stored.  An account that is gone
 * has none.
 */
enum err token_version_check(struct req *r, struct cache_item *item, bool *in_force) MUST_CHECK;

#endif

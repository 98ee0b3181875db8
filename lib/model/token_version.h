/*
 * token_version.h: is a token still valid?
 *
 * A token contains the account's token version.  Logout and password change
 * increment it, which revokes all earlier tokens.  The version has its own key
 * in the cache, because a user's fragment is invalidated by each like.
 */
#ifndef DS_TOKEN_VERSION_H
#define DS_TOKEN_VERSION_H

#include "http/req.h"

/* The token version of a user, to be looked up by cache_get(). */
struct cache_item token_version_item(int64_t user);

/*
 * Sets *in_force if r->token_version is the current version of r->viewer.  A
 * miss is loaded from PostgreSQL and cached.  False for a deleted user.
 */
enum err token_version_check(struct req *r, struct cache_item *item, bool *in_force) MUST_CHECK;

#endif

/* token_version.c: see token_version.h.  SQL: sql/user.sql. */
#include <stdio.h>

#include "base/text.h"
#include "model/token_version.h"

#define DIGITS 24

struct cache_item
token_version_item(int64_t user)
{
	return (struct cache_item){ .key = key_of(KEY_USER_TOKENS, user) };
}

/* Loads the version from PostgreSQL and caches it. data stays NULL for a deleted user. */
static enum err
load(struct req *r, struct cache_item *item)
{
	char *text = arena_alloc(r->arena, DIGITS);
	db_result *res = NULL;
	enum err e;

	item->data = NULL;
	if (text == NULL)
		return ERR_INTERNAL;
	e = db_query(r->db, STMT_USER_TOKENS, &res, db_int(r->viewer));
	if (e == ERR_OK && db_rows(res) == 1) {
		item->len = (size_t)snprintf(
		    text, DIGITS, "%lld",
		    (long long)db_get_int(res, 0, db_column(res, "token_version")));
		item->data = text;
		cache_put(r->cache, item, 1);
	}
	db_clear(res);
	return e;
}

/* Parses the cached version.  False: absent or invalid. */
static bool
version(const struct cache_item *item, int64_t *v)
{
	return item->data != NULL && text_int(item->data, item->len, v);
}

enum err
token_version_check(struct req *r, struct cache_item *item, bool *in_force)
{
	int64_t v = 0;
	enum err e = ERR_OK;

	/*
	 * A token with a newer version than the copy proves that the copy is
	 * stale, because we signed the token: its invalidation was lost.
	 */
	if (!version(item, &v) || v < r->token_version)
		e = load(r, item);
	*in_force = e == ERR_OK && version(item, &v) && v == r->token_version;
	return e;
}

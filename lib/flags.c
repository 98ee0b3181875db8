/* flags.c: see flags.h.  SQL: sql/flags.sql. */
#include <string.h>

#include "flags.h"

#define SET_MAX 5000 /* members; who likes more is asked for in PostgreSQL each time */

struct cache_set
flags_likes(const struct req *r, const int64_t *videos, size_t n)
{
	return (struct cache_set){ .key = key_of(KEY_USER_LIKES, r->viewer),
				   .members = videos,
				   .n = n };
}

struct cache_set
flags_follows(const struct req *r, const int64_t *users, size_t n)
{
	return (struct cache_set){ .key = key_of(KEY_USER_FOLLOWS, r->viewer),
				   .members = users,
				   .n = n };
}

/* Marks those members that are in the result's only column. */
static void
mark(struct cache_set *set, const db_result *res)
{
	int rows = db_rows(res), id = db_column(res, "id"), row;
	size_t i;

	for (row = 0; row < rows; row++)
		for (i = 0; i < set->n; i++)
			if (set->members[i] == db_get_int(res, row, id))
				set->has[i] = true;
}

/* Only the members asked for. */
static enum err
ask_members(struct req *r, struct cache_set *set)
{
	struct db_arg ids = db_ids(r->arena, set->members, set->n);
	db_result *res = NULL;
	enum err e;

	if (ids.text == NULL)
		return ERR_INTERNAL;
	e = db_query(r->db, set->key.kind == KEY_USER_LIKES ? STMT_LIKES_AMONG : STMT_FOLLOWS_AMONG,
		     &res, db_int(r->viewer), ids);
	if (e == ERR_OK)
		mark(set, res);
	db_clear(res);
	return e;
}

/* All of the set, to be stored, unless it is too large for that. */
static enum err
load_set(struct req *r, struct cache_set *set)
{
	db_result *res = NULL;
	int64_t *all;
	bool too_large;
	int rows, row;
	enum err e;

	e = db_query(r->db, set->key.kind == KEY_USER_LIKES ? STMT_LIKES_ALL : STMT_FOLLOWS_ALL,
		     &res, db_int(r->viewer), db_int(SET_MAX + 1));
	if (e != ERR_OK)
		return e;
	rows = db_rows(res);
	too_large = rows > SET_MAX;
	if ((all = arena_alloc(r->arena, (size_t)rows * sizeof(*all) + 1)) != NULL) {
		for (row = 0; row < rows; row++)
			all[row] = db_get_int(res, row, 0);
		cache_put_set(r->cache, set, all, (size_t)rows, too_large);
	}
	if (!too_large)
		mark(set, res);
	db_clear(res);
	return too_large ? ask_members(r, set) : ERR_OK;
}

enum err
flags_complete(struct req *r, struct cache_set *set)
{
	if (set->state == SET_KNOWN)
		return ERR_OK;
	set->has = arena_alloc(r->arena, set->n * sizeof(*set->has) + 1);
	if (set->has == NULL)
		return ERR_INTERNAL;
	memset(set->has, 0, set->n * sizeof(*set->has));
	if (r->viewer == 0 || set->n == 0)
		return ERR_OK;
	/* Without a lease nothing can be stored: no need to read it all. */
	return set->lease[0] == 'L' ? load_set(r, set) : ask_members(r, set);
}

/* viewer_set.c: see viewer_set.h.  SQL: sql/viewer_set.sql. */
#include <string.h>

#include "base/hooks.h"
#include "base/ids.h"
#include "model/viewer_set.h"

/*
 * The cached value starts with a letter:
 *
 * FULL	all ids of the set, packed (ids.h)
 * PARTIAL	for sets of more than FULL_MAX ids: a lease, a NUL, and the answers
 * 	looked up so far, packed: 2 * id, plus 1 if the id is in the set. Other
 * 	lookups add their answers with cache_replace(). The lease is the one
 * 	with which the value was first stored; it makes the value unique.
 *
 * Workers of other versions treat an unknown letter as a value without
 * information and ask PostgreSQL; so does this one.
 */
#define FULL 'S'
#define PARTIAL 'A'
/*
 * Reading more ids costs more than looking up the ids of two dozen pages, and
 * each like invalidates the set.
 */
#define FULL_MAX 1000
#define PARTIAL_MAX 2000 /* with more answers the value starts over */

struct cache_item
viewer_set_likes(const struct req *r)
{
	return (struct cache_item){ .key = key_of(KEY_USER_LIKES, r->viewer) };
}

struct cache_item
viewer_set_follows(const struct req *r)
{
	return (struct cache_item){ .key = key_of(KEY_USER_FOLLOWS, r->viewer) };
}

/* The ids of a result's only column.  False: out of memory. */
static bool
ids_of_result(struct arena *a, const db_result *res, struct ids *out)
{
	size_t i;

	out->n = (size_t)db_rows(res);
	if ((out->v = arena_alloc(a, out->n * sizeof(*out->v) + 1)) == NULL)
		return false;
	for (i = 0; i < out->n; i++)
		out->v[i] = (uint64_t)db_get_int(res, (int)i, 0);
	out->n = ids_sort(out->v, out->n);
	return true;
}

/* Loads the set from PostgreSQL. More than FULL_MAX ids mean that it is incomplete. */
static enum err
load_all(struct req *r, enum key_kind kind, struct ids *all)
{
	db_result *res = NULL;
	enum err e;

	e = db_query(r->db, kind == KEY_USER_LIKES ? STMT_LIKES_ALL : STMT_FOLLOWS_ALL, &res,
		     db_int(r->viewer), db_int(hook_full_set_max(FULL_MAX) + 1));
	if (e == ERR_OK && !ids_of_result(r->arena, res, all))
		e = ERR_INTERNAL;
	db_clear(res);
	return e;
}

/* Looks up ids in PostgreSQL and turns each into an answer. */
static enum err
load_answers(struct req *r, enum key_kind kind, struct ids *ids)
{
	struct db_arg among = db_int_array(r->arena, (const int64_t *)ids->v, ids->n);
	struct ids liked;
	db_result *res = NULL;
	size_t i;
	enum err e;

	if (among.text == NULL)
		return ERR_INTERNAL;
	e = db_query(r->db, kind == KEY_USER_LIKES ? STMT_LIKES_AMONG : STMT_FOLLOWS_AMONG, &res,
		     db_int(r->viewer), among);
	if (e == ERR_OK && !ids_of_result(r->arena, res, &liked))
		e = ERR_INTERNAL;
	for (i = 0; e == ERR_OK && i < ids->n; i++)
		ids->v[i] = ids->v[i] * 2 + ids_contains(liked, ids->v[i]);
	db_clear(res);
	return e;
}

/* Those of n ids that have no answer yet.  False: out of memory. */
static bool
ids_unanswered(struct req *r, struct ids known, const int64_t *ids, size_t n, struct ids *out)
{
	size_t i, place;

	out->n = 0;
	if ((out->v = arena_alloc(r->arena, n * sizeof(*out->v) + 1)) == NULL)
		return false;
	for (i = 0; i < n; i++) {
		place = ids_lower_bound(known, (uint64_t)ids[i] * 2);
		if (place == known.n || known.v[place] / 2 != (uint64_t)ids[i])
			out->v[out->n++] = (uint64_t)ids[i];
	}
	out->n = ids_sort(out->v, out->n);
	return true;
}

/* Stores answers: replaces the value that was found, or stores the first one. */
static void
store_answers(struct req *r, struct cache_item *list, struct ids answers)
{
	const char *found = list->data, *name = found == NULL ? list->lease : found + 1, *data;
	size_t n = strlen(name) + 2, len;
	char *prefix = arena_alloc(r->arena, n);

	if (prefix == NULL)
		return;
	prefix[0] = PARTIAL;
	memcpy(prefix + 1, name, n - 1);
	if ((data = ids_pack(r->arena, prefix, n, answers, &len)) == NULL)
		return;
	if (found != NULL) {
		cache_replace(r->cache, list, data, len);
		return;
	}
	list->data = data;
	list->len = len;
	cache_put(r->cache, list, 1);
}

/* Completes the known answers for n ids from PostgreSQL, and caches them. */
static enum err
complete_answers(struct req *r, struct cache_item *list, bool store, const int64_t *ids, size_t n,
		 struct ids *known)
{
	struct ids more;
	enum err e;

	if (!ids_unanswered(r, *known, ids, n, &more))
		return ERR_INTERNAL;
	if (known->n > 0 && known->n + more.n > PARTIAL_MAX) {
		known->n = 0;
		return complete_answers(r, list, store, ids, n, known);
	}
	if (more.n == 0)
		return ERR_OK;
	if ((e = load_answers(r, list->key.kind, &more)) != ERR_OK)
		return e;
	if (!ids_merge(r->arena, *known, more, known))
		return ERR_INTERNAL;
	if (store && known->n <= PARTIAL_MAX)
		store_answers(r, list, *known);
	return ERR_OK;
}

/* Checks ids against a PARTIAL value. */
static enum err
contains_partial(struct req *r, struct cache_item *list, const int64_t *ids, size_t n, bool *has)
{
	struct ids known = { NULL, 0 };
	bool asked = list->data != NULL && list->data[0] == PARTIAL;
	/* Cached values are NUL-terminated. */
	size_t i, prefix = asked ? 2 + strlen(list->data + 1) : 0;
	enum err e;

	if (asked && prefix > list->len)
		asked = false;
	if (asked && !ids_unpack(r->arena, list->data + prefix, list->len - prefix, &known))
		return ERR_INTERNAL;
	e = complete_answers(r, list, asked || list->lease[0] == 'L', ids, n, &known);
	for (i = 0; e == ERR_OK && i < n; i++)
		has[i] = ids_contains(known, (uint64_t)ids[i] * 2 + 1);
	return e;
}

/* Checks ids against the full set. */
static void
contains_full(struct ids all, const int64_t *ids, size_t n, bool *has)
{
	size_t i;

	for (i = 0; i < n; i++)
		has[i] = ids_contains(all, (uint64_t)ids[i]);
}

enum err
viewer_set_contains(struct req *r, struct cache_item *list, const int64_t *ids, size_t n,
		    bool **has)
{
	static const char letter[] = { FULL };
	struct ids all;
	enum err e;

	if ((*has = arena_alloc(r->arena, n * sizeof(**has) + 1)) == NULL)
		return ERR_INTERNAL;
	memset(*has, 0, n * sizeof(**has));
	if (r->viewer == 0 || n == 0)
		return ERR_OK;
	if (list->data != NULL && list->data[0] == FULL) {
		if (!ids_unpack(r->arena, list->data + 1, list->len - 1, &all))
			return ERR_INTERNAL;
		contains_full(all, ids, n, *has);
		return ERR_OK;
	}
	/* Without a lease the set could not be cached, so do not load all of it. */
	if (list->data != NULL || list->lease[0] != 'L')
		return contains_partial(r, list, ids, n, *has);
	if ((e = load_all(r, list->key.kind, &all)) != ERR_OK)
		return e;
	if (all.n > (size_t)hook_full_set_max(FULL_MAX))
		return contains_partial(r, list, ids, n, *has);
	if ((list->data = ids_pack(r->arena, letter, 1, all, &list->len)) == NULL)
		return ERR_INTERNAL;
	cache_put(r->cache, list, 1);
	contains_full(all, ids, n, *has);
	return ERR_OK;
}

/* flags.c: see flags.h.  SQL: sql/flags.sql. */
#include <stdlib.h>
#include <string.h>

#include "flags.h"
#include "ids.h"

/*
 * As it is cached: a letter; then the ids, ascending, each as its distance
 * from the one before, in groups of 7 bits, the lowest first, with the 8th set
 * where another follows (LEB128).
 */
#define LIST 'S'
#define TOO_LARGE 'T'	/* nothing follows: who likes more is asked for in PostgreSQL each time */
#define LIST_MAX 5000	/* ids */
#define DISTANCE_MAX 10 /* bytes */

struct cache_item
flags_likes(const struct req *r)
{
	return (struct cache_item){ .key = key_of(KEY_USER_LIKES, r->viewer) };
}

struct cache_item
flags_follows(const struct req *r)
{
	return (struct cache_item){ .key = key_of(KEY_USER_FOLLOWS, r->viewer) };
}

/* The ids of a result's only column, ascending; NULL when memory is out. */
static const int64_t *
sorted(struct arena *a, const db_result *res)
{
	size_t n = (size_t)db_rows(res), i;
	int64_t *ids = arena_alloc(a, n * sizeof(*ids) + 1);

	if (ids == NULL)
		return NULL;
	for (i = 0; i < n; i++)
		ids[i] = db_get_int(res, (int)i, 0);
	qsort(ids, n, sizeof(*ids), ids_compare);
	return ids;
}

/* The list of a result's only column; NULL when memory is out. */
static const char *
encode(struct arena *a, const db_result *res, size_t *len)
{
	size_t n = (size_t)db_rows(res), i;
	const int64_t *ids = sorted(a, res);
	unsigned char *out = arena_alloc(a, n * DISTANCE_MAX + 1), *p = out;
	uint64_t before = 0, distance;

	if (ids == NULL || out == NULL)
		return NULL;
	*p++ = LIST;
	for (i = 0; i < n; i++) {
		distance = (uint64_t)ids[i] - before;
		before = (uint64_t)ids[i];
		for (; distance > 127; distance >>= 7)
			*p++ = (unsigned char)(distance | 128);
		*p++ = (unsigned char)distance;
	}
	*len = (size_t)(p - out);
	return (const char *)out;
}

/* The ids of a cached list, ascending; NULL when memory is out. */
static const int64_t *
decode(struct arena *a, const struct cache_item *list, size_t *n)
{
	const unsigned char *p = (const unsigned char *)list->data + 1;
	const unsigned char *end = (const unsigned char *)list->data + list->len;
	int64_t *ids = arena_alloc(a, list->len * sizeof(*ids)); /* a byte at least for each */
	uint64_t id = 0, distance = 0;
	int shift = 0;

	for (*n = 0; ids != NULL && p < end; p++) {
		distance |= (uint64_t)(*p & 127) << shift;
		shift = (*p & 128) && shift < 63 ? shift + 7 : 0;
		if (shift > 0)
			continue;
		ids[(*n)++] = (int64_t)(id += distance);
		distance = 0;
	}
	return ids;
}

static bool
holds(const int64_t *list, size_t n, int64_t id)
{
	size_t from = 0, to = n, middle;

	while (from < to) {
		middle = from + (to - from) / 2;
		if (list[middle] == id)
			return true;
		if (list[middle] < id)
			from = middle + 1;
		else
			to = middle;
	}
	return false;
}

static enum err
search(struct req *r, const struct cache_item *list, const int64_t *ids, size_t n, bool *has)
{
	size_t listed, i;
	const int64_t *all = decode(r->arena, list, &listed);

	if (all == NULL)
		return ERR_INTERNAL;
	for (i = 0; i < n; i++)
		has[i] = holds(all, listed, ids[i]);
	return ERR_OK;
}

/* Only those asked for, of PostgreSQL. */
static enum err
ask(struct req *r, enum key_kind kind, const int64_t *ids, size_t n, bool *has)
{
	struct db_arg among = db_ids(r->arena, ids, n);
	db_result *res = NULL;
	const int64_t *found;
	size_t i;
	enum err e;

	if (among.text == NULL)
		return ERR_INTERNAL;
	e = db_query(r->db, kind == KEY_USER_LIKES ? STMT_LIKES_AMONG : STMT_FOLLOWS_AMONG, &res,
		     db_int(r->viewer), among);
	if (e != ERR_OK)
		return e;
	if ((found = sorted(r->arena, res)) == NULL)
		e = ERR_INTERNAL;
	for (i = 0; e == ERR_OK && i < n; i++)
		has[i] = holds(found, (size_t)db_rows(res), ids[i]);
	db_clear(res);
	return e;
}

/* All of the list, from PostgreSQL and into the cache. */
static enum err
load(struct req *r, struct cache_item *list)
{
	static const char too_large[] = { TOO_LARGE };
	db_result *res = NULL;
	enum err e;

	e = db_query(r->db, list->key.kind == KEY_USER_LIKES ? STMT_LIKES_ALL : STMT_FOLLOWS_ALL,
		     &res, db_int(r->viewer), db_int(LIST_MAX + 1));
	if (e != ERR_OK)
		return e;
	if (db_rows(res) > LIST_MAX) {
		list->data = too_large;
		list->len = 1;
	} else {
		list->data = encode(r->arena, res, &list->len);
	}
	db_clear(res);
	if (list->data == NULL)
		return ERR_INTERNAL;
	cache_put(r->cache, list, 1);
	return ERR_OK;
}

enum err
flags_among(struct req *r, struct cache_item *list, const int64_t *ids, size_t n, bool **has)
{
	enum err e;

	if ((*has = arena_alloc(r->arena, n * sizeof(**has) + 1)) == NULL)
		return ERR_INTERNAL;
	memset(*has, 0, n * sizeof(**has));
	if (r->viewer == 0 || n == 0)
		return ERR_OK;
	/* Without a lease nothing can be stored: no need to read it all. */
	if (list->data == NULL && list->lease[0] == 'L' && (e = load(r, list)) != ERR_OK)
		return e;
	if (list->data == NULL || list->data[0] != LIST)
		return ask(r, list->key.kind, ids, n, *has);
	return search(r, list, ids, n, *has);
}

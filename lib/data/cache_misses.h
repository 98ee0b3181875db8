/* cache_misses.h: what the cache did not have, as an argument for the database. */
#ifndef DS_MISSING_H
#define DS_MISSING_H

#include "data/cache.h"
#include "data/db.h"

/*
 * The ids of those items that have no data, as an array.  len is 0 when none
 * is missing; text is NULL when memory is out.
 */
static inline struct db_arg
cache_misses(struct arena *a, const struct cache_item *items, size_t n)
{
	int64_t *ids = arena_alloc(a, n * sizeof(*ids) + 1);
	struct db_arg none = { DB_ARRAY, 0, ids == NULL ? NULL : "", 0 };
	size_t i, missing = 0;

	for (i = 0; ids != NULL && i < n; i++)
		if (items[i].data == NULL)
			ids[missing++] = items[i].key.id;
	return missing == 0 ? none : db_int_array(a, ids, missing);
}

#endif

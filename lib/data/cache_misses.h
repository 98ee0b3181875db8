/* cache_misses.h: the ids that the cache did not have, as a statement's argument. */
#ifndef DS_CACHE_MISSES_H
#define DS_CACHE_MISSES_H

#include "data/cache.h"
#include "data/db.h"

/*
 * An array of the ids of all items without data.  len is 0 if there is none;
 * text is NULL if memory is out.
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

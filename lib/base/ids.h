/*
 * ids.h: sorted sets of numbers, and their packed form.
 *
 * A packed set stores the distance of each number from the previous one as
 * LEB128: groups of 7 bits, lowest first, the 8th bit set if another group
 * follows.  Ids that lie close take one or two bytes each.
 */
#ifndef DS_IDS_H
#define DS_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Ascending, without duplicates. */
struct ids {
	uint64_t *v;
	size_t n;
};

/* Comparison function of signed ids for qsort() and bsearch(), ascending. */
static inline int
ids_compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Sorts v and removes duplicates.  Returns how many numbers remain. */
size_t ids_sort(uint64_t *v, size_t n);

/* The index of the first number that is not less than x; list.n if there is none. */
size_t ids_lower_bound(struct ids list, uint64_t x);

bool ids_contains(struct ids list, uint64_t x);

/* The union of two sets, allocated in a.  False: out of memory. */
bool ids_merge(struct arena *a, struct ids one, struct ids other, struct ids *out);

/* Packs a set behind a prefix; *len is the length of both.  NULL: out of memory. */
const char *ids_pack(struct arena *a, const char *prefix, size_t prefix_len, struct ids list,
		     size_t *len);

/* Unpacks.  Accepts any bytes: invalid ones result in some set.  False: out of memory. */
bool ids_unpack(struct arena *a, const char *data, size_t len, struct ids *out);

#endif

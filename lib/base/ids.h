/*
 * ids.h: sorted lists of numbers, and how they are packed.
 *
 * Packed, a list is the distance of each number from the one before, in groups
 * of 7 bits, the lowest first, with the 8th bit set where another follows
 * (LEB128): a byte or two for each, where ids lie close.
 */
#ifndef DS_IDS_H
#define DS_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Ascending, each once. */
struct ids {
	uint64_t *v;
	size_t n;
};

/* For qsort() and bsearch() of signed ids: ascending. */
static inline int
ids_compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Puts n numbers in order; how many are left when each is there once. */
size_t ids_sort(uint64_t *v, size_t n);

/* Where a number stands, or the next larger one if it is not there; list.n: behind all. */
size_t ids_lower_bound(struct ids list, uint64_t x);

bool ids_contains(struct ids list, uint64_t x);

/* Both together, in the arena.  False when memory is out. */
bool ids_merge(struct arena *a, struct ids one, struct ids other, struct ids *out);

/* A list behind a prefix; *len is that of both.  NULL when memory is out. */
const char *ids_pack(struct arena *a, const char *prefix, size_t prefix_len, struct ids list,
		     size_t *len);

/* Takes any bytes: those that no list gives make some list too.  False when memory is out. */
bool ids_unpack(struct arena *a, const char *data, size_t len, struct ids *out);

#endif

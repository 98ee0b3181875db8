/* ids.h: ids in order. */
#ifndef DS_IDS_H
#define DS_IDS_H

#include <stdint.h>

/* For qsort() and bsearch(): ascending. */
static inline int
ids_compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

#endif

/* ids.c: see ids.h. */
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"

#define DISTANCE_MAX 10 /* bytes */

static int
by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

size_t
ids_sort(uint64_t *v, size_t n)
{
	size_t i, kept = 0;

	if (n > 0)
		qsort(v, n, sizeof(*v), by_value);
	for (i = 0; i < n; i++)
		if (i == 0 || v[i] != v[kept - 1])
			v[kept++] = v[i];
	return kept;
}

size_t
ids_lower_bound(struct ids list, uint64_t x)
{
	size_t from = 0, to = list.n, middle;

	while (from < to) {
		middle = from + (to - from) / 2;
		if (list.v[middle] < x)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

bool
ids_contains(struct ids list, uint64_t x)
{
	size_t place = ids_lower_bound(list, x);

	return place < list.n && list.v[place] == x;
}

bool
ids_merge(struct arena *a, struct ids one, struct ids other, struct ids *out)
{
	size_t i = 0, k = 0;

	out->n = 0;
	if ((out->v = arena_alloc(a, (one.n + other.n) * sizeof(*out->v) + 1)) == NULL)
		return false;
	while (i < one.n || k < other.n) {
		uint64_t x =
		    k == other.n || (i < one.n && one.v[i] < other.v[k]) ? one.v[i] : other.v[k];

		i += i < one.n && one.v[i] == x;
		k += k < other.n && other.v[k] == x;
		out->v[out->n++] = x;
	}
	return true;
}

const char *
ids_pack(struct arena *a, const char *prefix, size_t prefix_len, struct ids list, size_t *len)
{
	char *out = arena_alloc(a, prefix_len + list.n * DISTANCE_MAX + 1), *p = out;
	uint64_t before = 0, distance;
	size_t i;

	if (out == NULL)
		return NULL;
	memcpy(p, prefix, prefix_len);
	p += prefix_len;
	for (i = 0; i < list.n; i++) {
		distance = list.v[i] - before;
		before = list.v[i];
		for (; distance > 127; distance >>= 7)
			*p++ = (char)(unsigned char)(distance | 128);
		*p++ = (char)(unsigned char)distance;
	}
	*len = (size_t)(p - out);
	return out;
}

bool
ids_unpack(struct arena *a, const char *data, size_t len, struct ids *out)
{
	const unsigned char *p = (const unsigned char *)data, *end = p + len;
	uint64_t x = 0, distance = 0;
	int shift = 0;

	out->n = 0;
	/* Each packed number takes at least one byte. */
	if ((out->v = arena_alloc(a, len * sizeof(*out->v) + 1)) == NULL)
		return false;
	for (; p < end; p++) {
		distance |= (uint64_t)(*p & 127) << shift;
		shift = (*p & 128) && shift < 63 ? shift + 7 : 0;
		if (shift > 0)
			continue;
		out->v[out->n++] = x += distance;
		distance = 0;
	}
	return true;
}

/* ids.c: lib/base/ids.c. */
#include <string.h>

#include "base/ids.h"
#include "tap.h"

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

static struct ids
list_of(uint64_t *v, size_t n)
{
	return (struct ids){ v, ids_sort(v, n) };
}

static bool
same(struct ids one, struct ids other)
{
	return one.n == other.n &&
	       (one.n == 0 || memcmp(one.v, other.v, one.n * sizeof(*one.v)) == 0);
}

static void
order(void)
{
	uint64_t v[] = { 9, 3, 9, 1, UINT64_MAX, 3, 0 }, sorted[] = { 0, 1, 3, 9, UINT64_MAX };
	struct ids list = list_of(v, COUNT(v)), none = { NULL, 0 };

	CHECK(same(list, (struct ids){ sorted, 5 }), "sorting removes duplicates");
	CHECK(ids_contains(list, 0) && ids_contains(list, 9) && ids_contains(list, UINT64_MAX),
	      "an id is found");
	CHECK(!ids_contains(list, 2) && !ids_contains(list, 10) && !ids_contains(none, 0),
	      "a missing id is not found");
	CHECK(ids_lower_bound(list, 0) == 0 && ids_lower_bound(list, 4) == 3,
	      "the lower bound is the next larger id");
	CHECK(ids_lower_bound(list, 10) == 4 && ids_lower_bound(none, 1) == 0,
	      "the lower bound is behind the last id");
}

static void
merging(struct arena *a)
{
	uint64_t x[] = { 1, 5, 7 }, y[] = { 0, 5, 9, 10 }, both[] = { 0, 1, 5, 7, 9, 10 };
	struct ids one = { x, 3 }, other = { y, 4 }, none = { NULL, 0 }, out;

	CHECK(ids_merge(a, one, other, &out) && same(out, (struct ids){ both, 6 }),
	      "two sets are merged");
	CHECK(ids_merge(a, other, one, &out) && same(out, (struct ids){ both, 6 }),
	      "merging is symmetric");
	CHECK(ids_merge(a, one, none, &out) && same(out, one),
	      "a set merged with an empty one stays");
	CHECK(ids_merge(a, none, none, &out) && out.n == 0,
	      "two empty sets merge into an empty one");
}

/* Packs, and unpacks what stands behind the prefix. */
static bool
returns(struct arena *a, struct ids list, size_t bytes)
{
	struct ids out;
	size_t len = 0;
	const char *packed = ids_pack(a, "AB", 2, list, &len);

	return packed != NULL && memcmp(packed, "AB", 2) == 0 && len == 2 + bytes &&
	       ids_unpack(a, packed + 2, len - 2, &out) && same(out, list);
}

static void
packing(struct arena *a)
{
	uint64_t close[] = { 0, 1, 128, 255 }, far[] = { 128, 1ull << 40, 1ull << 63, UINT64_MAX };
	char junk[64];
	struct ids out;

	CHECK(returns(a, (struct ids){ NULL, 0 }, 0), "an empty set is packed");
	CHECK(returns(a, (struct ids){ close, 4 }, 4), "close ids take a byte each");
	CHECK(returns(a, (struct ids){ far, 4 }, 2 + 6 + 9 + 9), "distant ids are packed");
	memset(junk, 0xff, sizeof(junk));
	CHECK(ids_unpack(a, junk, sizeof(junk), &out) && out.n <= sizeof(junk),
	      "any bytes are unpacked to some set");
	CHECK(ids_unpack(a, junk, 3, &out) && out.n == 0, "truncated data is unpacked to some set");
}

int
main(void)
{
	struct arena a = ARENA_INIT;

	order();
	merging(&a);
	packing(&a);
	arena_release(&a);
	return done();
}

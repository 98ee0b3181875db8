/*
 * viewer_set.c: lib/model/viewer_set.c, with a cache and a database that
 * record what they are asked.  The linker puts the functions below in the place
 * of theirs (--wrap, see the Makefile).
 */
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "model/viewer_set.h"
#include "tap.h"

#define WRAP(name) __wrap_##name

/* The database: the viewer's set, and the statements that ran. */
static int64_t rows[2000];
static int rows_n;
static int loads, lookups; /* of the whole set, and of some ids */
static char looked_up[256];
static bool down;

/* The cache: what was stored last. */
static char stored[8192];
static size_t stored_len;
static int stores, replaces;

enum err WRAP(db_run)(struct db *db, enum stmt stmt, db_result **res, const struct db_arg *args,
		      int n);
void WRAP(db_clear)(db_result *res);
int WRAP(db_rows)(const db_result *res);
int64_t WRAP(db_get_int)(const db_result *res, int row, int column);
void WRAP(cache_put)(struct cache *c, const struct cache_item *items, size_t n);
void WRAP(cache_replace)(struct cache *c, const struct cache_item *found, const char *data,
			 size_t len);

/* A lookup of some ids gets all rows, too: more than was asked for does no harm. */
enum err
WRAP(db_run)(struct db *db, enum stmt stmt, db_result **res, const struct db_arg *args, int n)
{
	(void)db;
	(void)res;
	(void)n;
	if (stmt == STMT_LIKES_ALL || stmt == STMT_FOLLOWS_ALL) {
		loads++;
	} else {
		lookups++;
		snprintf(looked_up, sizeof(looked_up), "%s", args[1].text);
	}
	return down ? ERR_UNAVAILABLE : ERR_OK;
}

void
WRAP(db_clear)(db_result *res)
{
	(void)res;
}

int
WRAP(db_rows)(const db_result *res)
{
	(void)res;
	return rows_n;
}

int64_t
WRAP(db_get_int)(const db_result *res, int row, int column)
{
	(void)res;
	(void)column;
	return rows[row];
}

static void
store(const char *data, size_t len)
{
	stored_len = len < sizeof(stored) ? len : 0;
	memcpy(stored, data, stored_len);
}

void
WRAP(cache_put)(struct cache *c, const struct cache_item *items, size_t n)
{
	(void)c;
	(void)n;
	stores++;
	store(items[0].data, items[0].len);
}

void
WRAP(cache_replace)(struct cache *c, const struct cache_item *found, const char *data, size_t len)
{
	(void)c;
	(void)found;
	replaces++;
	store(data, len);
}

static struct arena arena = ARENA_INIT;

static void
begin(int set_size)
{
	int i;

	rows_n = set_size;
	for (i = 0; i < set_size; i++)
		rows[i] = 10 * (i + 1);
	loads = lookups = stores = replaces = 0;
	looked_up[0] = '\0';
	down = false;
}

/* Which of 10, 11 and 12 are in the set, as "101"; "error" if that fails. */
static const char *
contains(int64_t viewer, bool lease, const char *data, size_t len)
{
	static const int64_t ids[] = { 10, 11, 12 };
	static char text[8];
	struct req r = { .arena = &arena, .viewer = viewer };
	struct cache_item list = viewer_set_likes(&r);
	bool *has;
	size_t i;

	list.data = data == NULL ? NULL : arena_copy(&arena, data, len);
	list.len = len;
	snprintf(list.lease, sizeof(list.lease), "%s", lease ? "L1" : data != NULL ? "x" : "");
	if (viewer_set_contains(&r, &list, ids, 3, &has) != ERR_OK)
		return "error";
	for (i = 0; i < 3; i++)
		text[i] = has[i] ? '1' : '0';
	text[3] = '\0';
	return text;
}

#define IS(actual, expected) (strcmp(actual, expected) == 0)

static void
small(void)
{
	begin(3);
	CHECK(IS(contains(0, true, NULL, 0), "000") && loads + lookups == 0,
	      "an anonymous viewer has empty sets");
	CHECK(IS(contains(7, true, NULL, 0), "100") && loads == 1 && stores == 1 &&
		  stored[0] == 'S',
	      "a miss with a lease loads a small set and caches it whole");
	begin(0); /* the database must not be needed */
	CHECK(IS(contains(7, false, stored, stored_len), "100") && loads + lookups == 0,
	      "a cached small set needs no statement");
	begin(3);
	CHECK(IS(contains(7, false, NULL, 0), "100") && loads == 0 && lookups == 1 && stores == 0,
	      "a miss without a lease looks up the ids and caches nothing");
}

static void
large(void)
{
	char partial[sizeof(stored)];
	size_t len;

	begin(1001);
	CHECK(IS(contains(7, true, NULL, 0), "100") && loads == 1 && lookups == 1 && stores == 1 &&
		  stored[0] == 'A' && strcmp(stored + 1, "L1") == 0,
	      "of a large set only the answers are cached, behind the lease");
	memcpy(partial, stored, len = stored_len);
	begin(1001);
	CHECK(IS(contains(7, false, partial, len), "100") && loads + lookups == 0,
	      "cached answers need no statement");
}

/* A cached value with the answer for 10 only. */
static void
more_answers(void)
{
	uint64_t known[] = { 21 };
	const char *data;
	size_t len;

	begin(1001);
	data = ids_pack(&arena, "AL1", 4, (struct ids){ known, 1 }, &len);
	CHECK(IS(contains(7, false, data, len), "100") && IS(looked_up, "{11,12}"),
	      "only ids without an answer are looked up");
	CHECK(stores == 0 && replaces == 1 && strcmp(stored, "AL1") == 0,
	      "new answers replace the value, with its lease");
}

static void
too_many_answers(void)
{
	uint64_t known[2000];
	const char *data;
	size_t i, len;

	begin(1001);
	for (i = 0; i < 2000; i++)
		known[i] = 2 * (100 + i);
	data = ids_pack(&arena, "AL1", 4, (struct ids){ known, 2000 }, &len);
	CHECK(IS(contains(7, false, data, len), "100") && IS(looked_up, "{10,11,12}") &&
		  replaces == 1 && stored_len < 20,
	      "a value with too many answers starts over");
}

static void
failures(void)
{
	begin(3);
	down = true;
	CHECK(IS(contains(7, true, NULL, 0), "error") && stores == 0,
	      "a failed statement is an error, and nothing is cached");
	begin(3);
	CHECK(IS(contains(7, false, "?", 1), "100") && loads == 0 && lookups == 1,
	      "a value of another version is ignored");
	CHECK(stores + replaces == 0, "a value of another version is not replaced");
	CHECK(IS(contains(7, false, "Axy", 3), "100"), "a truncated value is ignored");
}

int
main(void)
{
	small();
	large();
	more_answers();
	too_many_answers();
	failures();
	arena_release(&arena);
	return done();
}

/*
 * fold.c: folds the ledgers into the counters.  SQL: sql/fold.sql.
 *
 * Every change of an account leaves a ledger row, so this job sees them all
 * and deletes the cached copies once more: a deletion that a worker could not
 * deliver is made up for here.  If Redis is away from us too, all that is
 * cached is given up as soon as it is back.
 */
#include "background.h"
#include "log.h"

#define BATCH 5000
#define IDLE_MS 100

struct fold {
	struct background bg;
	struct arena arena;
	bool cache_suspect; /* deletions may have been lost: start a new epoch */
};

/* Deletes the copies of what was folded. */
static void
drop_copies(struct fold *f, const db_result *res)
{
	int n = db_rows(res), id = db_column(res, "id"), i;
	int64_t *ids = arena_alloc(&f->arena, (size_t)n * sizeof(*ids));

	if (ids == NULL) {
		f->cache_suspect = true;
		return;
	}
	for (i = 0; i < n; i++)
		ids[i] = db_get_int(res, i, id);
	if (!cache_drop(f->bg.cache, KEY_USER_CARD, ids, (size_t)n))
		f->cache_suspect = true;
}

/* One batch of one ledger: how many counters were touched, -1 on failure. */
static int
fold(struct fold *f, enum stmt stmt)
{
	db_result *res = NULL;
	int n = -1;

	if (db_query(f->bg.db, stmt, &res, db_int(BATCH)) == ERR_OK) {
		n = db_rows(res);
		if (stmt == STMT_FOLD_ACCOUNTS && n > 0)
			drop_copies(f, res);
	}
	db_clear(res);
	arena_clear(&f->arena);
	return n;
}

int
main(void)
{
	/* Suspect from the start: we may have died between a batch and its deletions. */
	struct fold f = { .arena = ARENA_INIT, .cache_suspect = true };
	bool ok = background_start(&f.bg, "fold"), more = true;

	while (ok && background_pause(more ? 0 : IDLE_MS)) {
		int accounts = fold(&f, STMT_FOLD_ACCOUNTS), videos = fold(&f, STMT_FOLD_VIDEOS);

		more = accounts > 0 || videos > 0;
		if (f.cache_suspect && cache_new_epoch(f.bg.cache)) {
			log_info("cache: new epoch");
			f.cache_suspect = false;
		}
	}
	arena_release(&f.arena);
	return background_end(&f.bg, ok);
}

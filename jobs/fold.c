/*
 * fold.c: folds the ledgers into the counters.  SQL: sql/fold.sql.
 *
 * Every change of cached data leaves a ledger row.  So this job can repeat each
 * invalidation, in case a worker could not deliver it, for example because it
 * died.  If Redis is down here too, all copies are invalidated as soon as it is
 * back.
 */
#include "jobs/job_runtime.h"
#include "obs/log.h"

#define BATCH 2000
#define IDLE_MS 100

struct fold {
	struct job_runtime rt;
	struct arena arena;
	bool outcome_unknown; /* a batch whose result was lost may have been folded */
};

/* Lists the keys that a batch invalidates, at most four per row. */
static size_t
changed_keys(enum stmt stmt, const db_result *res, struct key *keys)
{
	int n = db_rows(res), i;
	size_t count = 0;
	bool moved;

	for (i = 0; i < n; i++) {
		int64_t id = stmt == STMT_FOLD_CHATS ? 0 : db_get_int(res, i, 0);

		switch (stmt) {
		case STMT_FOLD_ACCOUNTS:
			keys[count++] = key_of(KEY_USER_FRAGMENT, id);
			if (db_get_bool(res, i, db_column(res, "liked")))
				keys[count++] = key_of(KEY_USER_LIKES, id);
			if (db_get_bool(res, i, db_column(res, "followed")))
				keys[count++] = key_of(KEY_USER_FOLLOWS, id);
			if (db_get_bool(res, i, db_column(res, "changed")))
				keys[count++] = key_of(KEY_USER_TOKENS, id);
			break;
		case STMT_FOLD_VIDEOS:
			moved = db_get_bool(res, i, db_column(res, "moved"));
			keys[count++] = key_of(KEY_VIDEO_FRAGMENT, id);
			if (moved || db_get_bool(res, i, db_column(res, "discussed")))
				keys[count++] = key_of(KEY_VIDEO_COMMENTS, id);
			if (moved)
				keys[count++] = key_of(KEY_FEED_NEWEST, 0);
			break;
		default:
			keys[count++] = key_chat(db_get_int(res, i, db_column(res, "low_id")),
						 db_get_int(res, i, db_column(res, "high_id")));
		}
	}
	return count;
}

static void
invalidate_copies(struct fold *f, enum stmt stmt, const db_result *res)
{
	struct key *keys = arena_alloc(&f->arena, (size_t)db_rows(res) * 4 * sizeof(*keys));

	if (keys == NULL)
		cache_invalidate_all(f->rt.cache);
	else
		cache_invalidate(f->rt.cache, keys, changed_keys(stmt, res, keys));
}

/* Folds one batch of one ledger.  False if it was empty or failed. */
static bool
fold(struct fold *f, enum stmt stmt)
{
	db_result *res = NULL;
	bool more = false;

	if (db_query(f->rt.db, stmt, &res, db_int(BATCH)) != ERR_OK) {
		f->outcome_unknown = f->outcome_unknown || db_outcome_unknown(f->rt.db);
		return false;
	}
	if (f->outcome_unknown)
		cache_invalidate_all(f->rt.cache);
	f->outcome_unknown = false;
	if (db_rows(res) > 0) {
		invalidate_copies(f, stmt, res);
		more = true;
	}
	db_clear(res);
	arena_clear(&f->arena);
	return more;
}

int
main(void)
{
	/*
	 * Unknown at start: the previous process may have died between a batch
	 * and its invalidations.
	 */
	struct fold f = { .arena = ARENA_INIT, .outcome_unknown = true };
	bool ok = job_runtime_start(&f.rt, "fold", DB_ROLE_APP, JOB_STATEMENT_MS), more = true;

	while (ok && job_runtime_sleep(more ? 0 : IDLE_MS)) {
		more = fold(&f, STMT_FOLD_ACCOUNTS);
		more = fold(&f, STMT_FOLD_VIDEOS) || more;
		more = fold(&f, STMT_FOLD_CHATS) || more;
		cache_finish_invalidate_all(f.rt.cache);
	}
	arena_release(&f.arena);
	return job_runtime_end(&f.rt, ok);
}

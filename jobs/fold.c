/*
 * fold.c: folds the ledgers into the counters.  SQL: sql/fold.sql.
 *
 * Every change of what is cached leaves a ledger row, so this job sees them all
 * and deletes the copies once more: a deletion that a worker could not
 * deliver, because it died for example, is made up for here.  If Redis is away
 * from us too, all that is cached is given up as soon as it is back.
 */
#include "jobs/background.h"
#include "obs/log.h"

#define BATCH 2000
#define IDLE_MS 100

struct fold {
	struct background bg;
	struct arena arena;
	bool unsure; /* a batch whose answer was lost may have been folded */
};

/* The keys that a batch has made out of date; room for four of each row. */
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
			keys[count++] = key_of(KEY_USER_CARD, id);
			if (db_get_bool(res, i, db_column(res, "liked")))
				keys[count++] = key_of(KEY_USER_LIKES, id);
			if (db_get_bool(res, i, db_column(res, "followed")))
				keys[count++] = key_of(KEY_USER_FOLLOWS, id);
			if (db_get_bool(res, i, db_column(res, "changed")))
				keys[count++] = key_of(KEY_USER_TOKENS, id);
			break;
		case STMT_FOLD_VIDEOS:
			moved = db_get_bool(res, i, db_column(res, "moved"));
			keys[count++] = key_of(KEY_VIDEO_CARD, id);
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
drop_copies(struct fold *f, enum stmt stmt, const db_result *res)
{
	struct key *keys = arena_alloc(&f->arena, (size_t)db_rows(res) * 4 * sizeof(*keys));

	if (keys == NULL)
		cache_distrust(f->bg.cache);
	else
		cache_drop(f->bg.cache, keys, changed_keys(stmt, res, keys));
}

/* One batch of one ledger; false when it was empty, or on failure. */
static bool
fold(struct fold *f, enum stmt stmt)
{
	db_result *res = NULL;
	bool more = false;

	if (db_query(f->bg.db, stmt, &res, db_int(BATCH)) != ERR_OK) {
		f->unsure = f->unsure || db_unsure(f->bg.db);
		return false;
	}
	if (f->unsure)
		cache_distrust(f->bg.cache);
	f->unsure = false;
	if (db_rows(res) > 0) {
		drop_copies(f, stmt, res);
		more = true;
	}
	db_clear(res);
	arena_clear(&f->arena);
	return more;
}

int
main(void)
{
	/* From the start: we may have died between a batch and its deletions. */
	struct fold f = { .arena = ARENA_INIT, .unsure = true };
	bool ok = background_start(&f.bg, "fold", DB_ROLE_APP, BACKGROUND_WAIT_MS), more = true;

	while (ok && background_pause(more ? 0 : IDLE_MS)) {
		more = fold(&f, STMT_FOLD_ACCOUNTS);
		more = fold(&f, STMT_FOLD_VIDEOS) || more;
		more = fold(&f, STMT_FOLD_CHATS) || more;
		cache_settle(f.bg.cache);
	}
	arena_release(&f.arena);
	return background_end(&f.bg, ok);
}

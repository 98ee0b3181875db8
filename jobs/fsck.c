/*
 * fsck.c: compares files and rows and repairs them: each row needs its files, each
 * file needs a row. Safe on a live instance. SQL: sql/sweep.sql.
 *
 *   fsck		repairs and reports; fails if something remains
 *   fsck check	only reports; fails if something is wrong
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "jobs/job_runtime.h"
#include "jobs/orphans.h"

#define BATCH 1000
#define GRACE_S 60 /* younger files may get their row later */

struct fsck {
	struct job_runtime rt;
	bool repair;
	long videos, files, wrong, repaired;
};

static void
report(struct fsck *f, const char *what, const char *name, bool repaired)
{
	f->wrong++;
	f->repaired += repaired;
	printf("%s: %s%s\n", name, what,
	       repaired	   ? " (repaired)"
	       : f->repair ? " (could not be repaired)"
			   : "");
}

/* What is missing for this video; NULL: nothing. */
static const char *
missing(const struct fsck *f, const db_result *res, int row)
{
	const char *state = db_get_text(res, row, db_column(res, "state"), NULL);
	const char *source = db_get_text(res, row, db_column(res, "source"), NULL);
	const char *small = db_get_text(res, row, db_column(res, "small_file"), NULL);
	char path[STORE_PATH_MAX];

	store_upload_path(&f->rt.conf, source, path);
	if (strcmp(state, "processing") == 0 && db_get_bool(res, row, db_column(res, "lost")))
		return "in processing, but without a job";
	if (strcmp(state, "processing") == 0 && access(path, F_OK) != 0)
		return "in processing, but its upload is missing";
	if (strcmp(state, "ready") != 0)
		return NULL;
	if (!store_media_exists(&f->rt.conf,
				db_get_text(res, row, db_column(res, "play_file"), NULL)))
		return "ready, but its video file is missing";
	if (!store_media_exists(&f->rt.conf,
				db_get_text(res, row, db_column(res, "cover_file"), NULL)))
		return "ready, but its cover is missing";
	if (small[0] != '\0' && !store_media_exists(&f->rt.conf, small))
		return "ready, but its small rendition is missing";
	return NULL;
}

static bool
fail_video(struct fsck *f, int64_t id, const char *state)
{
	db_result *res = NULL;
	enum err e;

	e = db_query(f->rt.db, STMT_FSCK_FAIL, &res, db_int(id), db_text(state, strlen(state)));
	db_clear(res);
	return e == ERR_OK;
}

/*
 * Reports a video with missing files.  A job that finishes meanwhile deletes
 * its upload, so the row is read again before.
 */
static bool
check_video(struct fsck *f, const db_result *seen, int row)
{
	int64_t id = db_get_int(seen, row, db_column(seen, "id"));
	db_result *res = NULL;
	const char *what;
	char name[32];

	if (missing(f, seen, row) == NULL)
		return true;
	if (db_query(f->rt.db, STMT_FSCK_VIDEOS, &res, db_int(id - 1), db_int(1)) != ERR_OK)
		return false;
	if (db_rows(res) == 1 && db_get_int(res, 0, db_column(res, "id")) == id &&
	    (what = missing(f, res, 0)) != NULL) {
		snprintf(name, sizeof(name), "video %lld", (long long)id);
		report(f, what, name,
		       f->repair &&
			   fail_video(f, id, db_get_text(res, 0, db_column(res, "state"), NULL)));
	}
	db_clear(res);
	return true;
}

static bool
check_videos(struct fsck *f)
{
	db_result *res = NULL;
	int64_t last = 0;
	bool ok = true;
	int n = BATCH, i;

	while (ok && n == BATCH) {
		if (db_query(f->rt.db, STMT_FSCK_VIDEOS, &res, db_int(last), db_int(BATCH)) !=
		    ERR_OK)
			return false;
		n = db_rows(res);
		for (i = 0; ok && i < n; i++, f->videos++)
			ok = check_video(f, res, i);
		if (n > 0)
			last = db_get_int(res, n - 1, db_column(res, "id"));
		db_clear(res);
		res = NULL;
	}
	return ok;
}

static bool
is_old(const struct stat *st)
{
	return st->st_mtime < time(NULL) - GRACE_S && st->st_ctime < time(NULL) - GRACE_S;
}

static void
on_orphan(void *ctx, enum orphan_place place, const char *name)
{
	struct fsck *f = ctx;

	report(f, "not referenced by any row", name,
	       f->repair && orphan_remove_unless_used(&f->rt, place, name) == ERR_OK);
}

static bool
check_files(struct fsck *f)
{
	struct orphan_scan scan = { &f->rt, ORPHAN_MEDIA, is_old, on_orphan, f, 0 };
	bool ok = true;

	for (; ok && scan.place < ORPHAN_PLACES; scan.place++)
		ok = orphan_scan(&scan) == ERR_OK;
	f->files = scan.files;
	return ok;
}

static int
check(struct fsck *f)
{
	bool ok = job_runtime_start(&f->rt, "fsck", DB_ROLE_APP, JOB_STATEMENT_MS) &&
		  check_videos(f) && check_files(f);

	if (!ok)
		fprintf(stderr, "the database is unavailable: the check is incomplete\n");
	printf("%ld videos, %ld files: %ld wrong", f->videos, f->files, f->wrong);
	if (f->repair && f->wrong > 0)
		printf(", %ld repaired", f->repaired);
	putchar('\n');
	job_runtime_end(&f->rt, true);
	return ok && f->wrong == f->repaired ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct fsck f = { .repair = argc == 1 };

	if (argc == 1 || (argc == 2 && strcmp(argv[1], "check") == 0))
		return check(&f);
	fprintf(stderr, "usage: fsck [check]\n");
	return 2;
}

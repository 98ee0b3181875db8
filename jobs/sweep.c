/*
 * sweep.c: deletes what is not needed any more: files and rows of deleted
 * videos, uploads that were aborted or failed long ago, files left by crashed
 * requests, and the previous signing key after its tokens have expired.  If
 * disk space is low, failed and unfinished uploads are deleted earlier.  Also
 * computes the missing forms of names.  SQL: sql/sweep.sql, sql/user.sql,
 * sql/message.sql.
 */
#include <stdio.h>
#include <time.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/user_text.h"
#include "files/disk_space.h"
#include "http/auth.h"
#include "jobs/job_runtime.h"
#include "jobs/orphans.h"
#include "obs/log.h"

#define IDLE_MS 500
#define BATCH 100
/*
 * Likes of a deleted video deleted at a time.  The request deletes only the
 * video's row: each like is on a page of its own, and deleting a million of them
 * takes longer than a statement may.
 */
#define LEFTOVERS 500
#define NAMES 500   /* names that get their forms at a time */
#define SCAN_S 600  /* between scans of the folders */
#define GRACE_S 900 /* younger files may belong to a request in progress */

struct sweep {
	struct job_runtime rt;
	int64_t skip_until; /* orphan files up to this id could not be deleted */
};

static bool
forget_orphan_file(struct sweep *s, int64_t id)
{
	db_result *res = NULL;
	bool ok = db_query(s->rt.db, STMT_TRASH_DONE, &res, db_int(id)) == ERR_OK;

	db_clear(res);
	return ok;
}

/*
 * Deletes files of deleted videos; returns how many.  A file that cannot be
 * deleted is skipped until the next scan of the folders.  Stops if the database
 * is down.
 */
static int
delete_orphan_files(struct sweep *s)
{
	db_result *res = NULL;
	bool ok = true;
	enum err e;
	int n = 0, done = 0, i;

	if (db_query(s->rt.db, STMT_TRASH_NEXT, &res, db_int(BATCH), db_int(s->skip_until)) ==
	    ERR_OK)
		n = db_rows(res);
	for (i = 0; ok && i < n; i++) {
		int64_t id = db_get_int(res, i, db_column(res, "id"));
		const char *name = db_get_text(res, i, db_column(res, "name"), NULL);

		e = orphan_remove_unless_used(&s->rt, ORPHAN_MEDIA, name);
		if (e == ERR_INTERNAL)
			s->skip_until = id;
		else if ((ok = e == ERR_OK && forget_orphan_file(s, id)))
			done++;
	}
	db_clear(res);
	return done;
}

/* Deletes one upload whose name the statement returns.  False: there was none. */
static bool
expire_upload(struct job_runtime *rt, enum stmt stmt, const char *column, const struct db_arg *args,
	      int n)
{
	db_result *res = NULL;
	bool found = db_run(rt->db, stmt, &res, args, n) == ERR_OK && db_rows(res) == 1;

	if (found && !db_is_null(res, 0, db_column(res, column)))
		store_delete_upload(&rt->conf, db_get_text(res, 0, db_column(res, column), NULL));
	db_clear(res);
	return found;
}

/* Deletes some rows of a deleted video, and its original.  False: there was none. */
static bool
delete_video_rows(struct job_runtime *rt, enum stmt stmt, const struct db_arg *args, int n)
{
	db_result *res = NULL;
	bool found = db_run(rt->db, stmt, &res, args, n) == ERR_OK && db_rows(res) == 1;

	if (found)
		store_delete_original(&rt->conf, db_get_int(res, 0, db_column(res, "video_id")));
	db_clear(res);
	return found;
}

static bool
is_old(const struct stat *st)
{
	return st->st_mtime < time(NULL) - GRACE_S;
}

static void
on_orphan(void *ctx, enum orphan_place place, const char *name)
{
	enum err e = orphan_remove_unless_used(ctx, place, name);

	(void)e; /* the next scan finds it again */
}

/*
 * Deletes what crashed requests and attempts left: uploads without a row, work
 * folders, spooled bodies, and originals of videos deleted by SQL.
 */
static void
scan(struct sweep *s)
{
	struct orphan_scan scan = { &s->rt, ORPHAN_UPLOAD, is_old, on_orphan, &s->rt, 0 };
	enum err e = ERR_OK; /* else the next scan continues */

	for (; e == ERR_OK && scan.place < ORPHAN_PLACES; scan.place++)
		e = orphan_scan(&scan);
	s->skip_until = 0;
}

/* Deletes the previous signing key after all its tokens have expired. */
static void
delete_old_key(struct job_runtime *rt)
{
	char path[CONF_TEXT_MAX + 16];

	snprintf(path, sizeof(path), "%s/keys/token", rt->conf.home);
	if (auth_delete_old_key(path, rt->conf.token_days, time(NULL)))
		log_info("removed the previous signing key: its tokens have expired");
}

/* Deletes the read positions of devices whose tokens have all expired. */
static void
delete_expired_devices(struct job_runtime *rt)
{
	int64_t last = time(NULL) - rt->conf.token_days * 86400;
	db_result *res = NULL;

	if (db_query(rt->db, STMT_MESSAGE_DEVICES_GONE, &res, db_int(auth_new_device(last, 0))) ==
	    ERR_OK)
		db_clear(res);
}

/*
 * Formats names with their forms as the argument of user_fold.  A name without
 * a form gets its number.
 */
static void
list_forms(struct buf *list, const db_result *names)
{
	struct name_forms forms;
	const char *name;
	size_t len;
	int i;

	json_open(list, NULL, '[');
	for (i = 0; i < db_rows(names); i++) {
		int64_t id = db_get_int(names, i, db_column(names, "id"));

		name = db_get_text(names, i, db_column(names, "name"), &len);
		if (name_forms(name, len, &forms) != ERR_OK) {
			snprintf(forms.folded, sizeof(forms.folded), "\n%lld", (long long)id);
			snprintf(forms.looks, sizeof(forms.looks), "%s", forms.folded);
		}
		json_open(list, NULL, '{');
		json_int(list, "id", id);
		json_str(list, "name", name, len);
		json_cstr(list, "folded", forms.folded);
		json_cstr(list, "looks", forms.looks);
		json_close(list, '}');
	}
	json_close(list, ']');
}

/*
 * Computes the forms of names that an older program or SQL has written.
 * Returns how many there were.
 */
static int
fold_names(struct job_runtime *rt)
{
	db_result *names = NULL, *res = NULL;
	struct buf list = BUF_INIT;
	int n = 0, had = 0, i;

	if (db_query(rt->db, STMT_USER_UNFOLDED, &names, db_int(NAMES)) != ERR_OK ||
	    db_rows(names) == 0)
		goto out;
	list_forms(&list, names);
	if (buf_failed(&list) ||
	    db_query(rt->db, STMT_USER_FOLD, &res, db_text(list.data, list.len)) != ERR_OK)
		goto out;
	n = db_rows(res);
	for (i = 0; i < n; i++)
		had += db_get_bool(res, i, db_column(res, "had"));
	if (had > 0)
		log_info("%d names can be confused with those of older accounts; they are kept",
			 had);
out:
	buf_release(&list);
	db_clear(names);
	db_clear(res);
	return n;
}

/* By how many ms uploads expire earlier when disk space is low: they live one hour then. */
static int64_t
early_by(const struct conf *conf)
{
	return (conf->upload_hours - 1) * 3600000;
}

int
main(void)
{
	struct sweep s = { .skip_until = 0 };
	struct job_runtime *rt = &s.rt;
	bool ok = job_runtime_start(rt, "sweep", DB_ROLE_APP, JOB_STATEMENT_MS), more = false;
	int64_t scan_at = 0; /* by time_monotonic_us() */

	if (ok)
		store_quarantine_restore_all(&rt->conf); /* left by a sweep that died */
	while (ok && job_runtime_sleep(more ? 0 : IDLE_MS)) {
		const bool room = disk_space_sufficient(&rt->conf);
		const struct db_arg kept = db_int(room ? rt->conf.failed_days * 86400000 : 0);
		const struct db_arg early = db_int(room ? 0 : early_by(&rt->conf));
		const struct db_arg rows = db_int(LEFTOVERS);

		disk_space_write_flag(&rt->conf);
		more = delete_orphan_files(&s) > 0;
		more = expire_upload(rt, STMT_UPLOAD_EXPIRE, "name", &early, 1) || more;
		more = expire_upload(rt, STMT_JOB_EXPIRE, "source", &kept, 1) || more;
		more = delete_video_rows(rt, STMT_LEFTOVER_NEXT, &rows, 1) || more;
		more = delete_video_rows(rt, STMT_PURGE_NEXT, NULL, 0) || more;
		more = fold_names(rt) > 0 || more;
		if (time_monotonic_us() >= scan_at) {
			scan(&s);
			delete_old_key(rt);
			delete_expired_devices(rt);
			scan_at = time_monotonic_us() + SCAN_S * INT64_C(1000000);
		}
	}
	return job_runtime_end(rt, ok);
}

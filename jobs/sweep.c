/*
 * sweep.c: removes what nobody needs any more: what deleted videos leave,
 * uploads that were broken off or failed long ago, leftovers of requests that
 * died, a signing key whose tokens have expired.  SQL: sql/sweep.sql.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "auth.h"
#include "background.h"
#include "log.h"
#include "store.h"

#define IDLE_MS 500
#define BATCH 100
#define LEFTOVERS 500 /* likes of a deleted video that go at a time */
#define SCAN_S 600    /* between looks at whole folders */
#define GRACE_S 900   /* younger files may belong to a request that is under way */

/* Does the row that a statement gives say yes?  Unknown is yes: then the file stays. */
static bool
used(struct background *bg, enum stmt stmt, const char *name)
{
	db_result *res = NULL;
	bool answer = true;

	if (db_query(bg->db, stmt, &res, db_text(name, strlen(name))) == ERR_OK)
		answer = db_get_bool(res, 0, db_column(res, "used"));
	db_clear(res);
	return answer;
}

/* See store.h: aside first, then the question, then the end. */
static void
remove_media(struct background *bg, const char *name)
{
	if (!store_set_aside(&bg->conf, name))
		log_warn("sweep: cannot move %s aside", name);
	else if (used(bg, STMT_FILE_USED, name))
		store_restore(&bg->conf, name);
	else
		store_remove(&bg->conf, name);
}

static void
trash_done(struct background *bg, int64_t id)
{
	db_result *res = NULL;
	enum err e;

	e = db_query(bg->db, STMT_TRASH_DONE, &res, db_int(id));
	(void)e; /* then it is looked at again */
	db_clear(res);
}

/* Files of deleted videos; how many were looked at. */
static int
empty_trash(struct background *bg)
{
	db_result *res = NULL;
	int n = 0, i;

	if (db_query(bg->db, STMT_TRASH_NEXT, &res, db_int(BATCH)) == ERR_OK)
		n = db_rows(res);
	for (i = 0; i < n; i++) {
		remove_media(bg, db_get_text(res, i, db_column(res, "name"), NULL));
		trash_done(bg, db_get_int(res, i, db_column(res, "id")));
	}
	db_clear(res);
	return n;
}

/* Forgets one upload by a statement that gives its name; false when there is none. */
static bool
forget(struct background *bg, enum stmt stmt, const char *column, const struct db_arg *args, int n)
{
	db_result *res = NULL;
	bool found = db_run(bg->db, stmt, &res, args, n) == ERR_OK && db_rows(res) == 1;

	if (found && !db_is_null(res, 0, db_column(res, column)))
		store_forget(&bg->conf, db_get_text(res, 0, db_column(res, column), NULL));
	db_clear(res);
	return found;
}

/* Some of what a deleted video has left; false when there is none. */
static bool
purge(struct background *bg, enum stmt stmt, const struct db_arg *args, int n)
{
	db_result *res = NULL;
	bool found = db_run(bg->db, stmt, &res, args, n) == ERR_OK && db_rows(res) == 1;

	db_clear(res);
	return found;
}

/* Old files below upload/ that no row knows: their request died before it was acknowledged. */
static void
scan_uploads(struct background *bg)
{
	char path[STORE_PATH_MAX];
	struct dirent *entry;
	struct stat st;
	DIR *folder;

	store_upload_path(&bg->conf, "", path);
	if ((folder = opendir(path)) == NULL)
		return;
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.' || fstatat(dirfd(folder), entry->d_name, &st, 0) != 0 ||
		    st.st_mtime > time(NULL) - GRACE_S)
			continue;
		if (!used(bg, STMT_SOURCE_USED, entry->d_name))
			store_forget(&bg->conf, entry->d_name);
	}
	closedir(folder);
}

/* The key that signed tokens before the last rotation, once all of them have expired. */
static void
forget_key(struct background *bg)
{
	char path[CONF_TEXT_MAX + 16];

	snprintf(path, sizeof(path), "%s/keys/token", bg->conf.home);
	if (auth_forget_old(path, bg->conf.token_days, time(NULL)))
		log_info("the key before the last rotation is removed: its tokens have expired");
}

int
main(void)
{
	struct background bg = { .db = NULL };
	bool ok = background_start(&bg, "sweep"), more = false;
	time_t scanned = 0;

	if (ok)
		store_restore_all(&bg.conf); /* of a sweep that died */
	while (ok && background_pause(more ? 0 : IDLE_MS)) {
		const struct db_arg kept = db_int(bg.conf.failed_days * 86400000);
		const struct db_arg rows = db_int(LEFTOVERS);

		more = empty_trash(&bg) > 0;
		more = forget(&bg, STMT_UPLOAD_EXPIRE, "name", NULL, 0) || more;
		more = forget(&bg, STMT_JOB_EXPIRE, "source", &kept, 1) || more;
		more = purge(&bg, STMT_LEFTOVER_NEXT, &rows, 1) || more;
		more = purge(&bg, STMT_PURGE_NEXT, NULL, 0) || more;
		if (time(NULL) - scanned > SCAN_S) {
			scan_uploads(&bg);
			forget_key(&bg);
			scanned = time(NULL);
		}
	}
	return background_end(&bg, ok);
}

/*
 * fsck.c: compares files and rows, and mends: no row without its files, no
 * file without a row.  Safe on a live instance.  SQL: sql/sweep.sql.
 *
 *   fsck	repairs, says what it did
 *   fsck check	only says what is wrong, and fails if something is
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "background.h"
#include "store.h"

#define BATCH 1000
#define GRACE_S 60 /* younger files are on their way */

struct fsck {
	struct background bg;
	bool repair;
	long videos, files, wrong;
};

static void
report(struct fsck *f, const char *what, const char *name)
{
	f->wrong++;
	printf("%s: %s%s\n", name, what, f->repair ? " (repaired)" : "");
}

static bool
used(struct fsck *f, enum stmt stmt, const char *name)
{
	db_result *res = NULL;
	bool answer = true;

	if (db_query(f->bg.db, stmt, &res, db_text(name, strlen(name))) == ERR_OK)
		answer = db_get_bool(res, 0, db_column(res, "used"));
	db_clear(res);
	return answer;
}

/* What is missing for this video; NULL: nothing. */
static const char *
missing(const struct fsck *f, const db_result *res, int row)
{
	const char *state = db_get_text(res, row, db_column(res, "state"), NULL);
	const char *source = db_get_text(res, row, db_column(res, "source"), NULL);
	const char *small = db_get_text(res, row, db_column(res, "small_file"), NULL);
	char path[STORE_PATH_MAX];

	store_upload_path(&f->bg.conf, source, path);
	if (strcmp(state, "processing") == 0 && db_get_bool(res, row, db_column(res, "lost")))
		return "in processing, but no job knows of it";
	if (strcmp(state, "processing") == 0 && access(path, F_OK) != 0)
		return "in processing, but its upload is gone";
	if (strcmp(state, "ready") != 0)
		return NULL;
	if (!store_has(&f->bg.conf, db_get_text(res, row, db_column(res, "play_file"), NULL)))
		return "ready, but its video file is gone";
	if (!store_has(&f->bg.conf, db_get_text(res, row, db_column(res, "cover_file"), NULL)))
		return "ready, but its cover is gone";
	if (small[0] != '\0' && !store_has(&f->bg.conf, small))
		return "ready, but its small rendition is gone";
	return NULL;
}

static void
fail_video(struct fsck *f, int64_t id, const char *state)
{
	db_result *res = NULL;
	enum err e;

	e = db_query(f->bg.db, STMT_FSCK_FAIL, &res, db_int(id), db_text(state, strlen(state)));
	if (e != ERR_OK)
		fprintf(stderr, "video %lld could not be repaired\n", (long long)id);
	db_clear(res);
}

/*
 * A job that ends while we look takes its upload along: what seems wrong is
 * looked at twice, with the row read anew.
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
	if (db_query(f->bg.db, STMT_FSCK_VIDEOS, &res, db_int(id - 1), db_int(1)) != ERR_OK)
		return false;
	if (db_rows(res) == 1 && db_get_int(res, 0, db_column(res, "id")) == id &&
	    (what = missing(f, res, 0)) != NULL) {
		snprintf(name, sizeof(name), "video %lld", (long long)id);
		report(f, what, name);
		if (f->repair)
			fail_video(f, id, db_get_text(res, 0, db_column(res, "state"), NULL));
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
		if (db_query(f->bg.db, STMT_FSCK_VIDEOS, &res, db_int(last), db_int(BATCH)) !=
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
is_old(int folder, const char *name)
{
	struct stat st;

	return fstatat(folder, name, &st, 0) == 0 && st.st_mtime < time(NULL) - GRACE_S &&
	       st.st_ctime < time(NULL) - GRACE_S;
}

static void
remove_media(struct fsck *f, const char *name)
{
	if (!store_set_aside(&f->bg.conf, name))
		return;
	if (used(f, STMT_FILE_USED, name))
		store_restore(&f->bg.conf, name);
	else
		store_remove(&f->bg.conf, name);
}

/* The files of one folder; prefix is what stands before their names in the database. */
static void
check_folder(struct fsck *f, const char *path, const char *prefix, enum stmt stmt)
{
	char name[STORE_NAME_MAX];
	struct dirent *entry;
	DIR *folder = opendir(path);

	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.' || entry->d_type == DT_DIR ||
		    strlen(prefix) + strlen(entry->d_name) >= sizeof(name))
			continue;
		f->files++;
		snprintf(name, sizeof(name), "%.3s%.60s", prefix, entry->d_name);
		if (!is_old(dirfd(folder), entry->d_name) || used(f, stmt, name))
			continue;
		report(f, "belongs to nobody", name);
		if (f->repair && stmt == STMT_FILE_USED)
			remove_media(f, name);
		else if (f->repair)
			store_forget(&f->bg.conf, name);
	}
	closedir(folder);
}

static void
check_files(struct fsck *f)
{
	char path[STORE_PATH_MAX], prefix[4];
	int i;

	for (i = 0; i < 256; i++) {
		snprintf(prefix, sizeof(prefix), "%02x/", (unsigned)i & 0xff);
		snprintf(path, sizeof(path), "%s/media/%.2s", f->bg.conf.home, prefix);
		check_folder(f, path, prefix, STMT_FILE_USED);
	}
	store_upload_path(&f->bg.conf, "", path);
	check_folder(f, path, "", STMT_SOURCE_USED);
}

int
main(int argc, char **argv)
{
	struct fsck f = { .repair = argc < 2 || strcmp(argv[1], "check") != 0 };
	bool ok = background_start(&f.bg, "fsck") && check_videos(&f);

	if (ok)
		check_files(&f);
	else
		fprintf(stderr, "the database cannot be asked\n");
	printf("%ld videos, %ld files: %ld wrong%s\n", f.videos, f.files, f.wrong,
	       f.wrong > 0 && f.repair ? ", repaired" : "");
	background_end(&f.bg, true);
	return ok && (f.wrong == 0 || f.repair) ? 0 : 1;
}

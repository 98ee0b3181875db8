/* orphans.c: see orphans.h. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "jobs/orphans.h"

#define SPOOL_S 86400 /* longer than any upload takes */

static const struct {
	const char *folder;
	enum stmt used; /* STMT_COUNT: spooled files are in no table */
} places[ORPHAN_PLACES] = {
	[ORPHAN_MEDIA] = { "media", STMT_FILE_USED },
	[ORPHAN_UPLOAD] = { "upload", STMT_SOURCE_USED },
	[ORPHAN_WORK] = { "work", STMT_WORK_USED },
	[ORPHAN_SPOOL] = { "spool", STMT_COUNT },
	[ORPHAN_ORIGINAL] = { "original", STMT_ORIGINAL_USED },
};

enum err
orphan_is_used(struct job_runtime *rt, enum orphan_place place, const char *name, bool *answer)
{
	enum stmt used = places[place].used;
	db_result *res = NULL;

	if (used == STMT_COUNT) {
		*answer = false;
		return ERR_OK;
	}
	if (db_query(rt->db, used, &res, db_text(name, strlen(name))) != ERR_OK)
		return ERR_UNAVAILABLE;
	*answer = db_get_bool(res, 0, db_column(res, "used"));
	db_clear(res);
	return ERR_OK;
}

/* Quarantine first, then ask, then delete: see store.h. */
static enum err
remove_media(struct job_runtime *rt, const char *name)
{
	bool needed = true;
	enum err e;

	if (!store_quarantine(&rt->conf, name))
		return ERR_INTERNAL;
	if ((e = orphan_is_used(rt, ORPHAN_MEDIA, name, &needed)) == ERR_OK && !needed)
		return store_quarantine_delete(&rt->conf, name) ? ERR_OK : ERR_INTERNAL;
	store_quarantine_restore(&rt->conf, name);
	return e;
}

enum err
orphan_remove_unless_used(struct job_runtime *rt, enum orphan_place place, const char *name)
{
	char path[STORE_PATH_MAX];
	bool needed = true;
	enum err e;

	if (place == ORPHAN_MEDIA)
		return remove_media(rt, name);
	if ((e = orphan_is_used(rt, place, name, &needed)) != ERR_OK || needed)
		return e;
	snprintf(path, sizeof(path), "%s/%s/%s", rt->conf.home, places[place].folder, name);
	return store_remove_tree(path) ? ERR_OK : ERR_INTERNAL;
}

/* Is it the kind of entry that this folder holds, and old enough? */
static bool
is_candidate(const struct orphan_scan *s, const struct stat *st)
{
	return S_ISDIR(st->st_mode) == (s->place == ORPHAN_WORK) && s->is_old(st) &&
	       (s->place != ORPHAN_SPOOL || st->st_mtime < time(NULL) - SPOOL_S);
}

/* Scans one folder. prefix precedes its names in the database. */
static enum err
scan_folder(struct orphan_scan *s, const char *path, const char *prefix)
{
	char name[STORE_NAME_MAX];
	struct dirent *entry;
	enum err e = ERR_OK;
	struct stat st;
	bool needed;
	DIR *folder = opendir(path);

	if (folder == NULL)
		return ERR_OK;
	while (e == ERR_OK && (entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.' ||
		    strlen(prefix) + strlen(entry->d_name) >= sizeof(name))
			continue;
		s->files++;
		snprintf(name, sizeof(name), "%.3s%.60s", prefix, entry->d_name);
		if (fstatat(dirfd(folder), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !is_candidate(s, &st))
			continue;
		if ((e = orphan_is_used(s->rt, s->place, name, &needed)) == ERR_OK && !needed)
			s->on_orphan(s->ctx, s->place, name);
	}
	closedir(folder);
	return e;
}

enum err
orphan_scan(struct orphan_scan *s)
{
	char path[STORE_PATH_MAX], prefix[4] = "";
	const char *home = s->rt->conf.home;
	enum err e = ERR_OK;
	int i;

	snprintf(path, sizeof(path), "%s/%s", home, places[s->place].folder);
	if (s->place != ORPHAN_MEDIA)
		return scan_folder(s, path, prefix);
	for (i = 0; e == ERR_OK && i < 256; i++) {
		snprintf(prefix, sizeof(prefix), "%02x/", (unsigned)i & 0xff);
		snprintf(path, sizeof(path), "%s/media/%.2s", home, prefix);
		e = scan_folder(s, path, prefix);
	}
	return e;
}

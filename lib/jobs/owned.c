/* owned.c: see owned.h. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "jobs/owned.h"

#define SPOOL_S 86400 /* no upload lasts so long */

static const struct {
	const char *folder;
	enum stmt used; /* in the spool nobody but its request knows a file */
} places[OWNED_PLACES] = {
	[OWNED_MEDIA] = { "media", STMT_FILE_USED },
	[OWNED_UPLOAD] = { "upload", STMT_SOURCE_USED },
	[OWNED_WORK] = { "work", STMT_WORK_USED },
	[OWNED_SPOOL] = { "spool", STMT_COUNT },
	[OWNED_ORIGINAL] = { "original", STMT_ORIGINAL_USED },
};

enum err
owned(struct background *bg, enum owned_place place, const char *name, bool *answer)
{
	enum stmt used = places[place].used;
	db_result *res = NULL;

	if (used == STMT_COUNT) {
		*answer = false;
		return ERR_OK;
	}
	if (db_query(bg->db, used, &res, db_text(name, strlen(name))) != ERR_OK)
		return ERR_UNAVAILABLE;
	*answer = db_get_bool(res, 0, db_column(res, "used"));
	db_clear(res);
	return ERR_OK;
}

/* See store.h: aside first, then the question, then the end. */
static enum err
remove_media(struct background *bg, const char *name)
{
	bool needed = true;
	enum err e;

	if (!store_set_aside(&bg->conf, name))
		return ERR_INTERNAL;
	if ((e = owned(bg, OWNED_MEDIA, name, &needed)) == ERR_OK && !needed)
		return store_remove(&bg->conf, name) ? ERR_OK : ERR_INTERNAL;
	store_restore(&bg->conf, name);
	return e;
}

enum err
owned_remove(struct background *bg, enum owned_place place, const char *name)
{
	char path[STORE_PATH_MAX];
	bool needed = true;
	enum err e;

	if (place == OWNED_MEDIA)
		return remove_media(bg, name);
	if ((e = owned(bg, place, name, &needed)) != ERR_OK || needed)
		return e;
	snprintf(path, sizeof(path), "%s/%s/%s", bg->conf.home, places[place].folder, name);
	return store_discard(path) ? ERR_OK : ERR_INTERNAL;
}

/* Is it what lies in that place, and has it done so for long? */
static bool
is_candidate(const struct owned_scan *s, const struct stat *st)
{
	return S_ISDIR(st->st_mode) == (s->place == OWNED_WORK) && s->is_old(st) &&
	       (s->place != OWNED_SPOOL || st->st_mtime < time(NULL) - SPOOL_S);
}

/* One folder; prefix is what stands before its names in the database. */
static enum err
scan_folder(struct owned_scan *s, const char *path, const char *prefix)
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
		if ((e = owned(s->bg, s->place, name, &needed)) == ERR_OK && !needed)
			s->found(s->ctx, s->place, name);
	}
	closedir(folder);
	return e;
}

enum err
owned_scan(struct owned_scan *s)
{
	char path[STORE_PATH_MAX], prefix[4] = "";
	const char *home = s->bg->conf.home;
	enum err e = ERR_OK;
	int i;

	snprintf(path, sizeof(path), "%s/%s", home, places[s->place].folder);
	if (s->place != OWNED_MEDIA)
		return scan_folder(s, path, prefix);
	for (i = 0; e == ERR_OK && i < 256; i++) {
		snprintf(prefix, sizeof(prefix), "%02x/", (unsigned)i & 0xff);
		snprintf(path, sizeof(path), "%s/media/%.2s", home, prefix);
		e = scan_folder(s, path, prefix);
	}
	return e;
}

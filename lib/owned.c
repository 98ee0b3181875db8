/* owned.c: see owned.h. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "owned.h"

enum err
owned(struct background *bg, enum owned_place place, const char *name, bool *answer)
{
	static const enum stmt statements[OWNED_PLACES] = {
		[OWNED_MEDIA] = STMT_FILE_USED,
		[OWNED_UPLOAD] = STMT_SOURCE_USED,
	};
	db_result *res = NULL;

	if (db_query(bg->db, statements[place], &res, db_text(name, strlen(name))) != ERR_OK)
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
	bool needed = true;
	enum err e;

	if (place == OWNED_MEDIA)
		return remove_media(bg, name);
	if ((e = owned(bg, place, name, &needed)) != ERR_OK || needed)
		return e;
	return store_forget(&bg->conf, name) ? ERR_OK : ERR_INTERNAL;
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
		if (entry->d_name[0] == '.' || entry->d_type == DT_DIR ||
		    strlen(prefix) + strlen(entry->d_name) >= sizeof(name))
			continue;
		s->files++;
		snprintf(name, sizeof(name), "%.3s%.60s", prefix, entry->d_name);
		if (fstatat(dirfd(folder), entry->d_name, &st, 0) != 0 || !s->is_old(&st))
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
	static const char *const folders[OWNED_PLACES] = {
		[OWNED_MEDIA] = "media",
		[OWNED_UPLOAD] = "upload",
	};
	char path[STORE_PATH_MAX], prefix[4] = "";
	const char *home = s->bg->conf.home;
	enum err e = ERR_OK;
	int i;

	snprintf(path, sizeof(path), "%s/%s", home, folders[s->place]);
	if (s->place != OWNED_MEDIA)
		return scan_folder(s, path, prefix);
	for (i = 0; e == ERR_OK && i < 256; i++) {
		snprintf(prefix, sizeof(prefix), "%02x/", (unsigned)i & 0xff);
		snprintf(path, sizeof(path), "%s/media/%.2s", home, prefix);
		e = scan_folder(s, path, prefix);
	}
	return e;
}

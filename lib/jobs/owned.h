/*
 * owned.h: which files of the store belong to somebody, as the database says,
 * and the end of those that do not.  For programs in jobs/.  SQL: sql/sweep.sql.
 */
#ifndef DS_OWNED_H
#define DS_OWNED_H

#include <stdbool.h>
#include <sys/stat.h>

#include "files/store.h"
#include "jobs/background.h"

enum owned_place {
	OWNED_MEDIA,	/* names as in video_file: "ab/abcd….mp4" */
	OWNED_UPLOAD,	/* names as in job and upload */
	OWNED_WORK,	/* folders of attempts, see store_work_path() */
	OWNED_SPOOL,	/* nginx' names: of requests that have died, after a day */
	OWNED_ORIGINAL, /* numbers of videos */
	OWNED_PLACES
};

/* Does anybody need it?  ERR_UNAVAILABLE: the database does not say. */
enum err owned(struct background *bg, enum owned_place place, const char *name,
	       bool *answer) MUST_CHECK;

/*
 * Removes it unless somebody needs it.  ERR_UNAVAILABLE as above; ERR_INTERNAL:
 * it cannot be removed, said in the log.
 */
enum err owned_remove(struct background *bg, enum owned_place place, const char *name) MUST_CHECK;

/* A look at all files of a place. */
struct owned_scan {
	struct background *bg;
	enum owned_place place;
	bool (*is_old)(const struct stat *st); /* younger ones may be on their way to a row */
	/* Gets each old file that nobody needs; name is valid until it returns. */
	void (*found)(void *ctx, enum owned_place place, const char *name);
	void *ctx;
	long files; /* how many there are: counted on */
};

/* ERR_UNAVAILABLE as above, at which it ends. */
enum err owned_scan(struct owned_scan *scan) MUST_CHECK;

#endif

/*
 * orphans.h: which files of the store belong to somebody, as the database says,
 * and the end of those that do not.  For programs in jobs/.  SQL: sql/sweep.sql.
 */
#ifndef DS_OWNED_H
#define DS_OWNED_H

#include <stdbool.h>
#include <sys/stat.h>

#include "files/store.h"
#include "jobs/job_runtime.h"

enum orphan_place {
	ORPHAN_MEDIA,	 /* names as in video_file: "ab/abcd….mp4" */
	ORPHAN_UPLOAD,	 /* names as in job and upload */
	ORPHAN_WORK,	 /* folders of attempts, see store_work_path() */
	ORPHAN_SPOOL,	 /* nginx' names: of requests that have died, after a day */
	ORPHAN_ORIGINAL, /* numbers of videos */
	ORPHAN_PLACES
};

/* Does anybody need it?  ERR_UNAVAILABLE: the database does not say. */
enum err orphan_is_used(struct job_runtime *rt, enum orphan_place place, const char *name,
			bool *answer) MUST_CHECK;

/*
 * Removes it unless somebody needs it.  ERR_UNAVAILABLE as above; ERR_INTERNAL:
 * it cannot be removed, said in the log.
 */
enum err orphan_remove_unless_used(struct job_runtime *rt, enum orphan_place place,
				   const char *name) MUST_CHECK;

/* A look at all files of a place. */
struct orphan_scan {
	struct job_runtime *rt;
	enum orphan_place place;
	bool (*is_old)(const struct stat *st); /* younger ones may be on their way to a row */
	/* Gets each old file that nobody needs; name is valid until it returns. */
	void (*on_orphan)(void *ctx, enum orphan_place place, const char *name);
	void *ctx;
	long files; /* how many there are: counted on */
};

/* ERR_UNAVAILABLE as above, at which it ends. */
enum err orphan_scan(struct orphan_scan *scan) MUST_CHECK;

#endif

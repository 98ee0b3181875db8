/*
 * orphans.h: finds and deletes orphaned files (not referenced by any row).
 * SQL: sql/sweep.sql.
 */
#ifndef DS_ORPHANS_H
#define DS_ORPHANS_H

#include <stdbool.h>
#include <sys/stat.h>

#include "files/store.h"
#include "jobs/job_runtime.h"

enum orphan_place {
	ORPHAN_MEDIA,	 /* named as in video_file: "ab/abcd….mp4" */
	ORPHAN_UPLOAD,	 /* named as in job and upload */
	ORPHAN_WORK,	 /* folders of attempts, see store_work_path() */
	ORPHAN_SPOOL,	 /* named by nginx; of requests that died, after a day */
	ORPHAN_ORIGINAL, /* named by the video's number */
	ORPHAN_PLACES
};

/* Is it referenced?  ERR_UNAVAILABLE: the database is down. */
enum err orphan_is_used(struct job_runtime *rt, enum orphan_place place, const char *name,
			bool *answer) MUST_CHECK;

/*
 * Deletes it unless it is referenced.  ERR_UNAVAILABLE as above; ERR_INTERNAL:
 * it cannot be deleted, logged.
 */
enum err orphan_remove_unless_used(struct job_runtime *rt, enum orphan_place place,
				   const char *name) MUST_CHECK;

/* A scan of all files of a place. */
struct orphan_scan {
	struct job_runtime *rt;
	enum orphan_place place;
	bool (*is_old)(const struct stat *st); /* younger files may get their row later */
	/* Called for each old orphan; name is valid during the call. */
	void (*on_orphan)(void *ctx, enum orphan_place place, const char *name);
	void *ctx;
	long files; /* number of files, added up */
};

/* Stops with ERR_UNAVAILABLE if the database is down. */
enum err orphan_scan(struct orphan_scan *scan) MUST_CHECK;

#endif

/* run.h: another program, run under limits. */
#ifndef DS_RUN_H
#define DS_RUN_H

#include "media.h"

struct run_limits {
	int64_t wall_s, cpu_s; /* time */
	int64_t memory_mb;     /* address space */
	int64_t file_mb;       /* largest file written */
};

/*
 * Runs argv (NULL at the end) in job->folder, its output into the files
 * "stdout" and "stderr" there.  MEDIA_OK: exit status 0; MEDIA_UNREADABLE:
 * another one, or killed by a limit; MEDIA_TROUBLE: could not be run or was
 * killed by somebody else.
 */
enum media_result run_program(const struct media_job *job, const char *const argv[],
			      const struct run_limits *limits) MUST_CHECK;

#endif

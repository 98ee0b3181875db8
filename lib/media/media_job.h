/* media_job.h: the conversion of one video: its folder, and the programs that run in it. */
#ifndef DS_MEDIA_JOB_H
#define DS_MEDIA_JOB_H

#include <stdint.h>
#include <stdio.h>

#include "base/conf.h"
#include "files/container.h"
#include "files/store.h"
#include "media/reason.h"
#include "media/sandbox.h"

#define PROBE_SECONDS 30
#define LISTING_SECONDS 60

/*
 * folder/in has the parts of the upload, folder/out is writable by the
 * programs, folder/got has the results that were copied from out/.
 */
struct media_job {
	struct sandbox box;
	const struct conf *conf;
	enum container container; /* of in/input */
	int64_t duration_ms;	  /* for the progress; 0: unknown */
	int64_t time_limit_s;	  /* of the conversion */
	int64_t seen, limit;	  /* details of a failure's reason */
};

/* A command line for the sandbox.  The strings are borrowed. */
struct command {
	const char *argv[128];
	int n;
};

void command_add(struct command *c, const char *const words[]);
#define ADD(c, ...) command_add(c, (const char *const[]){ __VA_ARGS__, NULL })

/* A file in the job's folder, such as "stdout" or "out/cover.jpg". */
void media_job_path(const struct media_job *job, const char *name, char out[STORE_PATH_MAX]);
bool media_job_has(const struct media_job *job, const char *name);
void media_job_remove(const struct media_job *job, const char *name);
FILE *media_job_open(const struct media_job *job, const char *name);

/* Maps a program's result to the reason of a failure. */
enum reason media_job_reason(struct media_job *job, enum sandbox_result result);

/*
 * Copies out/name to got/as, see sandbox_output.h.  A missing file is no
 * failure; another type of file means that the upload is damaged.
 */
enum reason media_job_take_output(const struct media_job *job, const char *name, const char *as,
				  enum container kind, int64_t most);

#endif

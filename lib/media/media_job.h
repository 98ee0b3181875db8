/* media_job.h: one video that is being converted: its folder, and the programs that run there. */
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
 * What a job works on: folder/in holds the upload's parts, folder/out is for the
 * programs to write to, folder/got has the results that were taken over from there.
 */
struct media_job {
	struct sandbox box;
	const struct conf *conf;
	enum container container; /* of in/input */
	int64_t duration_ms;	  /* for progress; 0: unknown */
	int64_t time_limit_s;	  /* for the conversion */
	int64_t seen, limit;	  /* for the reason of a failure */
};

/* A command line for the sandbox; words are borrowed. */
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

/* What the end of a program means to the author. */
enum reason media_job_reason(struct media_job *job, enum sandbox_result result);

/*
 * Takes out/name over as got/as, see sandbox_output.h.  One that is not there is no
 * failure; one that is no such file is the upload's fault.
 */
enum reason media_job_take_output(const struct media_job *job, const char *name, const char *as,
				  enum container kind, int64_t most);

#endif

/*
 * transcode_pop.h: the queue of transcoding jobs, for the transcoder.
 * model/transcode_push.h adds the jobs.  SQL: sql/publish.sql.
 *
 * A job is taken with a lease that is renewed while it is worked on.  If the
 * process dies, another one takes the job after the lease has expired.  A
 * process that has only lost its lease holds an old attempt number and cannot
 * change the video any more.
 */
#ifndef DS_TRANSCODE_POP_H
#define DS_TRANSCODE_POP_H

#include "files/store.h"
#include "jobs/job_runtime.h"
#include "media/notice.h"
#include "media/reason.h"

/* All first stages come before all second stages. */
enum job_stage {
	STAGE_FIRST = 1, /* nothing is playable yet */
	STAGE_FULL,	 /* the small rendition is playable, the full one is missing */
};

struct job {
	struct job_runtime *rt;
	enum job_stage stage;
	int64_t video, attempt, failures;
	char source[STORE_NAME_MAX];	    /* name below upload/ */
	int64_t offset, length;		    /* of the video in that file */
	int64_t cover_offset, cover_length; /* of the author's cover; length 0: none */
	int64_t cover_ms;		    /* or the time of a frame as cover; -1: none */
	char trace[TRACE_PARENT_LEN + 1];   /* traceparent of the upload's request; "": none */
};

/* The files of a finished video, below media/. */
struct job_files {
	char play[STORE_NAME_MAX];
	char cover[STORE_NAME_MAX], small[STORE_NAME_MAX]; /* "": none */
};

/*
 * Takes the next job of stage last or before.  False: none, or the database is
 * down.  The attempt starts with the first job_renew_lease(): if the reply is
 * lost here, no attempt is used up.
 */
bool transcode_pop(struct job_runtime *rt, enum job_stage last, struct job *job);

/* Renews the lease and stores the progress.  False: another process has the job. */
bool job_renew_lease(const struct job *job, int progress);

/* Gives the job back for ms. failure: counts as a failed attempt. */
void job_release(const struct job *job, int64_t ms, bool failure);

/* Announces the files that the video will use.  Call before they are moved to media/. */
bool job_claim_files(const struct job *job, const struct job_files *files);

/*
 * Lets sweep check whether the files are used: the video may have been deleted
 * after job_claim_files(), when the files were not there to be found.
 */
void job_discard_files(const struct job *job, const struct job_files *files);

/* A notice for the author of a video that is ready. */
struct job_notice {
	enum notice what;
	int64_t seen;
};

/*
 * Change the state of the video.  False if that failed: the job will be taken
 * again.  job_set_ready() publishes the video; with `more` the job continues
 * with its second stage.  job_set_full() ends that stage: play is the full
 * rendition, or "" if it could not be made.
 */
bool job_set_ready(const struct job *job, const struct job_files *files,
		   const struct job_notice *notice, bool more);
bool job_set_full(const struct job *job, const char *play);
bool job_set_failed(const struct job *job, enum reason why, int64_t seen, int64_t limit);

#endif

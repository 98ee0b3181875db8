/*
 * transcode_pop.h: the jobs of the database, as the transcoder sees them.  SQL:
 * sql/publish.sql.
 *
 * A job is taken with a lease that is renewed while it is worked on.  If the
 * process dies, another takes the job when the lease ends; a process that has
 * only lost its lease has an old attempt's number and can no longer decide
 * anything.
 */
#ifndef DS_QUEUE_H
#define DS_QUEUE_H

#include "files/store.h"
#include "jobs/job_runtime.h"
#include "media/notice.h"
#include "media/reason.h"

/* All jobs of the first stage come before those of the second. */
enum job_stage {
	STAGE_FIRST = 1, /* nothing plays yet */
	STAGE_FULL,	 /* the small rendition plays, the full one is to be made */
};

struct job {
	struct job_runtime *rt;
	enum job_stage stage;
	int64_t video, attempt, failures;
	char source[STORE_NAME_MAX];	    /* below upload/ */
	int64_t offset, length;		    /* of the video, within the source */
	int64_t cover_offset, cover_length; /* of the author's cover; length 0: none */
	int64_t cover_ms;		    /* or its moment; -1: none */
	char trace[TRACE_PARENT_LEN + 1];   /* of the request that brought it; "": none */
};

/* The files of a finished video, below media/. */
struct job_files {
	char play[STORE_NAME_MAX];
	char cover[STORE_NAME_MAX], small[STORE_NAME_MAX]; /* "": none */
};

/*
 * Takes the next job of a stage up to this one; false when there is none, or no
 * database.  The attempt begins with the first job_renew_lease().
 */
bool transcode_pop(struct job_runtime *rt, enum job_stage last, struct job *job);

/* Renews the lease and tells progress; false when the job is lost to another. */
bool job_renew_lease(const struct job *job, int progress);

/* Lets go of the job for some time; failure: the attempt ended in trouble. */
void job_release(const struct job *job, int64_t ms, bool failure);

/* Says which files the video is about to use, before they are put into their places. */
bool job_claim_files(const struct job *job, const struct job_files *files);

/*
 * Has sweep look whether they are used: the video may have been deleted since
 * the claim, and they have been looked for before they were in their places.
 */
void job_discard_files(const struct job *job, const struct job_files *files);

/* What the author is told of a video that is ready. */
struct job_notice {
	enum notice what;
	int64_t seen;
};

/*
 * Decide the job.  False if that could not be told: the job will be taken again.
 * job_set_ready() publishes the video; if more is to come, the job goes on to its
 * second stage.  job_set_full() ends that: play is the full rendition's name, or
 * "" if it could not be made.
 */
bool job_set_ready(const struct job *job, const struct job_files *files,
		   const struct job_notice *notice, bool more);
bool job_set_full(const struct job *job, const char *play);
bool job_set_failed(const struct job *job, enum reason why, int64_t seen, int64_t limit);

#endif

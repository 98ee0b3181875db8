/*
 * transcode_push.h: turns an upload into a video: inserts its row and its job
 * in one statement.  Both kinds of upload end here.  jobs/transcode_pop.h takes
 * the job.
 */
#ifndef DS_TRANSCODE_PUSH_H
#define DS_TRANSCODE_PUSH_H

#include "files/container.h"
#include "files/store.h"
#include "http/req.h"

struct submission {
	const char *title;
	size_t title_len;
	const char *source;		    /* name below upload/ */
	int64_t offset, length;		    /* of the video in that file */
	int64_t cover_offset, cover_length; /* of the author's cover; length 0: none */
	int64_t cover_ms;		    /* or the time of a frame as cover; -1: none */
};

/* ERR_OK for a supported video, else the error for this type. */
enum err upload_type_error(enum container kind) MUST_CHECK;

/* The error for a user over a limit: busy videos of most, or kept bytes. */
enum err upload_limit_error(struct req *r, int64_t busy, int64_t most, int64_t kept) MUST_CHECK;

#define PUSH_RESUMABLE INT64_MAX

/*
 * Adds the video unless the user has `most` videos in processing
 * (ERR_TOO_MANY_PROCESSING) or too many bytes of uploads (ERR_QUOTA).
 *
 * PUSH_RESUMABLE: a resumable upload, which was counted when it was created.
 * ERR_UPLOAD_UNKNOWN if it has expired meanwhile.
 *
 * After ERR_UNAVAILABLE the row may exist, so the file must be kept.
 */
enum err transcode_push(struct req *r, const struct submission *s, int64_t most) MUST_CHECK;

#endif

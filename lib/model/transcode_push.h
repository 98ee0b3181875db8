/*
 * transcode_push.h: the moment in which an upload becomes a video: its row and its
 * job, in one statement.  Both ways of uploading end here.
 */
#ifndef DS_ENQUEUE_H
#define DS_ENQUEUE_H

#include "files/container.h"
#include "files/store.h"
#include "http/req.h"

struct submission {
	const char *title;
	size_t title_len;
	const char *source;		    /* the file below upload/ */
	int64_t offset, length;		    /* of the video in it */
	int64_t cover_offset, cover_length; /* of the author's cover; length 0: none */
	int64_t cover_ms;		    /* or its moment; -1: none */
};

/* ERR_OK for a video that is read, else what the file is. */
enum err upload_type_error(enum container kind) MUST_CHECK;

/* Why there is no room for more: so many of most on their way, so many bytes kept. */
enum err upload_limit_error(struct req *r, int64_t busy, int64_t most, int64_t kept) MUST_CHECK;

#define PUSH_RESUMABLE INT64_MAX

/*
 * ERR_TOO_MANY_PROCESSING when the user has as many in processing as most allows, ERR_QUOTA
 * when too many bytes of their uploads are kept.  PUSH_RESUMABLE: an upload in pieces, which was
 * counted when it began; ERR_UPLOAD_UNKNOWN when it has expired meanwhile. ERR_UNAVAILABLE leaves
 * open whether it happened: the file must stay.
 */
enum err transcode_push(struct req *r, const struct submission *s, int64_t most) MUST_CHECK;

#endif

/*
 * upload.h: what the two files about resumable uploads share: upload_create.c makes
 * them, upload.c does all else.
 */
#ifndef DS_UPLOAD_H
#define DS_UPLOAD_H

#include "files/store.h"
#include "http/reply.h"
#include "http/req.h"

#define UPLOAD_PARTIAL "partial" /* the Upload-Concat of a part */
#define UPLOAD_FINAL "final;"	 /* how that of joined parts begins */

struct upload {
	char name[STORE_NAME_MAX];
	const char *title; /* borrowed */
	size_t title_len;
	const char *concat; /* borrowed; "": neither a part nor joined */
	int64_t length, cover_ms, expires_at;
	int64_t video; /* what it has become, or 0 */
	int64_t received;
	int fd; /* of the file, locked; -1 */
	db_result *res;
};

/* Closes the file, frees the result and what was borrowed of it. */
void upload_release(struct upload *u);

/* An integer header; false if it is missing or bad. */
bool upload_number(const struct req *r, const char *header, int64_t *out);

/* Headers of the reply. */
void upload_tell_number(struct reply *out, const char *name, int64_t value);
void upload_tell_expiry(struct reply *out, int64_t expires_at);

/* Is the request of our version of tus? */
enum err upload_check_version(const struct req *r, struct reply *out) MUST_CHECK;

/*
 * The upload of this name, of the viewer; one that has become a video needs no
 * file.  *opened says whether its file could be had, locked.
 */
enum err upload_find(struct req *r, const char *name, struct upload *u,
		     enum err *opened) MUST_CHECK;

/* What nginx has spooled of the body, and its size; the caller closes it, also on failure. */
enum err upload_open_chunk(const struct req *r, int *fd, int64_t *n) MUST_CHECK;

/* Is the chunk (its file, n bytes) of the right type, not too much, and whole? */
enum err upload_check_chunk(struct req *r, const struct upload *u, int chunk, int64_t n) MUST_CHECK;

/* Appends it; what a full disk let through of it is taken back. */
enum err upload_append_chunk(const struct req *r, struct upload *u, int chunk,
			     int64_t n) MUST_CHECK;

/*
 * A complete upload becomes a video, unless it is a part.  This is tried again by
 * the HEAD of a client that did not get our answer.  How many are in processing
 * was asked when the upload was made, and is not a reason to throw it away now.
 */
enum err upload_finish(struct req *r, struct upload *u) MUST_CHECK;

#endif

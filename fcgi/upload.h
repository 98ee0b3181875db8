/*
 * upload.h: internals of resumable uploads, shared by upload_create.c (POST) and
 * upload.c (all other methods).
 */
#ifndef DS_UPLOAD_H
#define DS_UPLOAD_H

#include "files/store.h"
#include "http/reply.h"
#include "http/req.h"

#define UPLOAD_PARTIAL "partial" /* Upload-Concat of a partial upload */
#define UPLOAD_FINAL "final;"	 /* prefix of Upload-Concat of a final upload */

struct upload {
	char name[STORE_NAME_MAX];
	const char *title; /* borrowed */
	size_t title_len;
	const char *concat; /* borrowed; "": neither partial nor final */
	int64_t length, cover_ms, expires_at;
	int64_t video; /* the video made of it, or 0 */
	int64_t received;
	int fd; /* of the file, locked; -1 */
	db_result *res;
};

/* Closes the file and frees the result, with all that is borrowed from it. */
void upload_release(struct upload *u);

/* Parses an integer header; false if missing or invalid. */
bool upload_number(const struct req *r, const char *header, int64_t *out);

/* Add headers to the reply. */
void upload_header_int(struct reply *out, const char *name, int64_t value);
void upload_header_expires(struct reply *out, int64_t expires_at);

/* Checks that the request has a supported version of tus. */
enum err upload_check_version(const struct req *r, struct reply *out) MUST_CHECK;

/*
 * Finds the viewer's upload of this name.  *opened is the result of opening and
 * locking its file; ERR_OK if it has become a video and needs none.
 */
enum err upload_find(struct req *r, const char *name, struct upload *u,
		     enum err *opened) MUST_CHECK;

/* Opens the body stored by nginx; the caller closes *fd, also on failure. */
enum err upload_open_chunk(const struct req *r, int *fd, int64_t *n) MUST_CHECK;

/* Checks Content-Type, size and checksum of a chunk (a file of n bytes). */
enum err upload_check_chunk(struct req *r, const struct upload *u, int chunk, int64_t n) MUST_CHECK;

/* Appends the chunk; truncates to the old size if the disk is full. */
enum err upload_append_chunk(const struct req *r, struct upload *u, int chunk,
			     int64_t n) MUST_CHECK;

/*
 * Makes a video of a complete upload, unless it is partial.  HEAD calls it again,
 * for a client that did not receive the reply.  Does not check processing_max: that
 * was checked when the upload was created.
 */
enum err upload_finish(struct req *r, struct upload *u) MUST_CHECK;

#endif

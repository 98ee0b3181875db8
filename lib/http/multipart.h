/*
 * multipart.h: parses multipart/form-data (RFC 7578, RFC 2046 5.1) in place.
 *
 * The body is a file of any size or a buffer in memory.  It is scanned through
 * a window of fixed size; a part's content is returned as a range of the body.
 */
#ifndef DS_MULTIPART_H
#define DS_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define MULTIPART_MAX_PARTS 32
#define MULTIPART_MAX_HEADER 8192

/* A body: len bytes in memory, or in the file fd if mem is NULL. */
struct body {
	const char *mem;
	int fd;
	int64_t len;
};

struct part {
	const char *name; /* name of the field, in the arena; "" if absent */
	size_t name_len;
	int64_t offset, len; /* range of the content in the body */
};

/* Copies n bytes from offset into a, with a NUL appended.  NULL on failure. */
char *body_copy(const struct body *b, struct arena *a, int64_t offset, size_t n);

/*
 * Finds the boundary in a Content-Type.  Returns its length and sets *boundary
 * (borrowed); 0 if there is none or it is longer than RFC 2046 allows.
 */
size_t multipart_boundary(const char *content_type, const char **boundary);

/* Is this Content-Type multipart/form-data? */
bool multipart_is(const char *content_type);

/*
 * Lists the parts in order.  On ERR_MULTIPART *detail is a static text that
 * describes the problem.
 */
enum err multipart_parse(const struct body *b, struct arena *a, const char *boundary, size_t n,
			 struct part parts[MULTIPART_MAX_PARTS], int *count,
			 const char **detail) MUST_CHECK;

#endif

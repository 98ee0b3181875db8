/*
 * multipart.h: multipart/form-data (RFC 7578, RFC 2046 5.1), read in place.
 *
 * The body may be a file of any size or bytes in memory: it is scanned through
 * a window of fixed size, and a part's content is told as a range of the body.
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

/* A body: len bytes in memory, or in the file fd where mem is NULL. */
struct body {
	const char *mem;
	int fd;
	int64_t len;
};

struct part {
	const char *name; /* of the field, in the arena; "" if it has none */
	size_t name_len;
	int64_t offset, len; /* of the content, within the body */
};

/* n bytes from offset on, in a, NUL behind them; NULL when unreadable. */
char *body_copy(const struct body *b, struct arena *a, int64_t offset, size_t n);

/*
 * Finds the boundary in a Content-Type: its length and *boundary (borrowed), or
 * 0 when there is none or it is longer than RFC 2046 allows.
 */
size_t multipart_boundary(const char *content_type, const char **boundary);

/* Is this Content-Type multipart/form-data? */
bool multipart_is(const char *content_type);

/*
 * Lists the parts in their order.  On ERR_MULTIPART, *detail is a static text
 * that says what is wrong with the body.
 */
enum err multipart_parse(const struct body *b, struct arena *a, const char *boundary, size_t n,
			 struct part parts[MULTIPART_MAX_PARTS], int *count,
			 const char **detail) MUST_CHECK;

#endif

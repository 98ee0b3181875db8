/*
 * buf.h: a growing run of bytes, and JSON written straight into it.
 *
 * Appending never fails visibly: when memory is out the buffer remembers it,
 * and whoever sends it asks buf_failed() once.
 */
#ifndef DS_BUF_H
#define DS_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
	char *data;
	size_t len, cap;
	bool failed;
	bool fixed; /* the memory is not ours: never grown, never freed */
};

#define BUF_INIT                         \
	{                                \
		NULL, 0, 0, false, false \
	}

/* In an array, which it does not outgrow. */
#define BUF_FIXED(array)                             \
	{                                            \
		array, 0, sizeof(array), false, true \
	}

/* Room for n more bytes: where to write them, or NULL.  The caller adds to len. */
char *buf_reserve(struct buf *b, size_t n);

void buf_add(struct buf *b, const void *p, size_t n);
void buf_int(struct buf *b, int64_t v);

static inline void
buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

static inline bool
buf_failed(const struct buf *b)
{
	return b->failed;
}

/* Empties; keeps the memory, but not all that one large reply made of it. */
void buf_clear(struct buf *b);

/* Frees. */
void buf_release(struct buf *b);

/*
 * JSON (RFC 8259).  A comma is written where one is due: after anything but
 * an opening bracket.  key is a literal of our own (not escaped), or NULL in
 * an array.  Strings must be valid UTF-8; they are escaped.
 */
void json_open(struct buf *b, const char *key, char bracket);
void json_close(struct buf *b, char bracket);
void json_int(struct buf *b, const char *key, int64_t v);
void json_boolean(struct buf *b, const char *key, bool v);
void json_str(struct buf *b, const char *key, const char *s, size_t n);
void json_cstr(struct buf *b, const char *key, const char *s);

/* A comma where one is due, then key and colon: for values written otherwise. */
void json_key(struct buf *b, const char *key);

/* The inside of a JSON string: s escaped, without the quotes. */
void json_escape(struct buf *b, const char *s, size_t n);

#endif

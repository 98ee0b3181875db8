/*
 * buf.h: a growing byte buffer, and JSON written directly into it.
 *
 * Appending does not return errors: the buffer remembers a failed allocation,
 * and whoever sends the buffer checks buf_failed() once.
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
	bool fixed; /* memory of the caller: neither grown nor freed */
};

#define BUF_INIT                         \
	{                                \
		NULL, 0, 0, false, false \
	}

/* A buffer in a fixed array.  Appending more than fits sets failed. */
#define BUF_FIXED(array)                             \
	{                                            \
		array, 0, sizeof(array), false, true \
	}

/* Makes room for n more bytes and returns where to write them, or NULL. The caller adds to len. */
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

/* Empties the buffer.  Its memory is kept, but shrunk if one large reply made it grow. */
void buf_clear(struct buf *b);

/* Frees the memory. */
void buf_release(struct buf *b);

/*
 * JSON (RFC 8259).  The functions write a comma where one is needed.  key is a
 * literal (not escaped), or NULL in an array.  Strings must be valid UTF-8;
 * they are escaped.
 */
void json_open(struct buf *b, const char *key, char bracket);
void json_close(struct buf *b, char bracket);
void json_int(struct buf *b, const char *key, int64_t v);
void json_boolean(struct buf *b, const char *key, bool v);
void json_str(struct buf *b, const char *key, const char *s, size_t n);
void json_cstr(struct buf *b, const char *key, const char *s);

/* Writes a comma if needed, then the key and a colon.  The caller writes the value. */
void json_key(struct buf *b, const char *key);

/* Appends s escaped, without quotes. */
void json_escape(struct buf *b, const char *s, size_t n);

#endif

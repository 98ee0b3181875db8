/* buf.c: see buf.h. */
#include <stdlib.h>

#include "base/buf.h"

#define BUF_MIN 4096
#define BUF_KEEP (256 * 1024)

char *
buf_reserve(struct buf *b, size_t n)
{
	size_t cap = b->cap < BUF_MIN ? BUF_MIN : b->cap;
	char *p;

	if (b->cap - b->len >= n && b->data != NULL)
		return b->data + b->len;
	if (b->failed || b->fixed || n > SIZE_MAX / 4 - b->len) {
		b->failed = true;
		return NULL;
	}
	while (cap < b->len + n)
		cap *= 2;
	if ((p = realloc(b->data, cap)) == NULL) {
		b->failed = true;
		return NULL;
	}
	b->data = p;
	b->cap = cap;
	return p + b->len;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	char *room;

	if (n == 0 || (room = buf_reserve(b, n)) == NULL)
		return;
	memcpy(room, p, n);
	b->len += n;
}

void
buf_int(struct buf *b, int64_t v)
{
	char digits[20];
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	size_t n = 0;
	char *room;

	do
		digits[n++] = (char)('0' + u % 10);
	while ((u /= 10) != 0);
	if ((room = buf_reserve(b, n + 1)) == NULL)
		return;
	if (v < 0)
		*room++ = '-';
	b->len += n + (v < 0);
	while (n > 0)
		*room++ = digits[--n];
}

void
buf_clear(struct buf *b)
{
	/*
	 * Shrink instead of freeing: after a failed malloc() the next reply can
	 * still report the error.
	 */
	char *p = b->cap > BUF_KEEP ? realloc(b->data, BUF_MIN) : NULL;

	if (p != NULL) {
		b->data = p;
		b->cap = BUF_MIN;
	}
	b->len = 0;
	b->failed = false;
}

void
buf_release(struct buf *b)
{
	free(b->data);
	b->data = NULL;
	b->len = b->cap = 0;
	b->failed = false;
}

void
json_key(struct buf *b, const char *key)
{
	char last = b->len > 0 ? b->data[b->len - 1] : '[';
	size_t n;
	char *room;

	if (last != '{' && last != '[' && last != ':')
		buf_add(b, ",", 1);
	if (key == NULL)
		return;
	n = strlen(key);
	if ((room = buf_reserve(b, n + 3)) == NULL)
		return;
	*room++ = '"';
	memcpy(room, key, n);
	memcpy(room + n, "\":", 2);
	b->len += n + 3;
}

void
json_open(struct buf *b, const char *key, char bracket)
{
	json_key(b, key);
	buf_add(b, &bracket, 1);
}

void
json_close(struct buf *b, char bracket)
{
	buf_add(b, &bracket, 1);
}

void
json_int(struct buf *b, const char *key, int64_t v)
{
	json_key(b, key);
	buf_int(b, v);
}

void
json_boolean(struct buf *b, const char *key, bool v)
{
	json_key(b, key);
	buf_str(b, v ? "true" : "false");
}

static void
escape_one(struct buf *b, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	char u[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

	switch (c) {
	case '"':
	case '\\':
		u[1] = (char)c;
		break;
	case '\n':
		u[1] = 'n';
		break;
	case '\r':
		u[1] = 'r';
		break;
	case '\t':
		u[1] = 't';
		break;
	default:
		buf_add(b, u, 6);
		return;
	}
	buf_add(b, u, 2);
}

void
json_escape(struct buf *b, const char *s, size_t n)
{
	size_t from = 0, i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(b, s + from, i - from);
		escape_one(b, c);
		from = i + 1;
	}
	buf_add(b, s + from, n - from);
}

void
json_str(struct buf *b, const char *key, const char *s, size_t n)
{
	json_key(b, key);
	buf_add(b, "\"", 1);
	json_escape(b, s, n);
	buf_add(b, "\"", 1);
}

void
json_cstr(struct buf *b, const char *key, const char *s)
{
	json_str(b, key, s, strlen(s));
}

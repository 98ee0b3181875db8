/* reference.h: slow and simple versions of functions of lib/, to compare with. */
#ifndef DS_REFERENCE_H
#define DS_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Writes a code point as UTF-8, the shortest way; its length. */
static inline size_t
ref_utf8_write(uint32_t c, unsigned char out[4])
{
	static const unsigned char first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4, i;

	for (i = n; i-- > 1; c >>= 6)
		out[i] = (unsigned char)(0x80 | (c & 0x3f));
	out[0] = (unsigned char)(first[n] | c);
	return n;
}

/* Characters in n bytes: each must be what some code point looks like.  -1: not UTF-8, or a NUL. */
static inline int64_t
ref_utf8(const unsigned char *s, size_t n)
{
	unsigned char again[4];
	int64_t count = 0;
	uint32_t c;
	size_t len, i;

	for (; n > 0; s += len, n -= len, count++) {
		len = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
		if (len > n || s[0] == 0)
			return -1;
		c = len == 1 ? s[0] : s[0] & (0x7fU >> len);
		for (i = 1; i < len; i++)
			c = c << 6 | (s[i] & 0x3f);
		if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
			return -1;
		if (ref_utf8_write(c, again) != len || memcmp(again, s, len) != 0)
			return -1;
	}
	return count;
}

/* Base64 with its padding and nothing else (RFC 4648, 4): the length of what is in out, or -1. */
static inline long
ref_base64(const char *text, size_t n, unsigned char *out)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789+/";
	uint32_t bits = 0;
	int have = 0;
	long len = 0;
	size_t padding = 0, i;

	while (padding < 2 && padding < n && text[n - padding - 1] == '=')
		padding++;
	if (n % 4 != 0)
		return -1;
	for (i = 0; i < n - padding; i++) {
		const char *hit = text[i] == '\0' ? NULL : strchr(letters, text[i]);

		if (hit == NULL)
			return -1;
		bits = bits << 6 | (uint32_t)(hit - letters);
		for (have += 6; have >= 8; have -= 8)
			out[len++] = (unsigned char)(bits >> (have - 8));
	}
	return len;
}

#endif

/*
 * fuzz.h: functions shared by the fuzz targets.
 *
 * Each target is a file.  It passes libFuzzer's input to the product and checks
 * the result: it equals that of a slow and simple reference, output can be read
 * back, nothing lies beyond the input.  A failed check is a crash, and libFuzzer
 * keeps the input.
 */
#ifndef DS_FUZZ_H
#define DS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void
claim(bool ok, const char *text, const char *file, int line)
{
	if (ok)
		return;
	fprintf(stderr, "%s:%d: broken claim: %s\n", file, line, text);
	abort();
}

#define CLAIM(condition) claim(condition, #condition, __FILE__, __LINE__)

/* A copy of exactly n bytes, so that the sanitizer detects reads behind them.  The caller frees it.
 */
static inline char *
exact(const void *p, size_t n)
{
	char *copy = malloc(n);

	if (n > 0)
		memcpy(copy, p, n);
	return copy;
}

/* The same with a NUL appended; bytes after an inner NUL are lost. */
static inline char *
exact_text(const void *p, size_t n)
{
	char *copy = malloc(n + 1);

	memcpy(copy, p, n);
	copy[n] = '\0';
	copy = realloc(copy, strlen(copy) + 1);
	return copy;
}

/* The rest of the input. */
struct input {
	const char *p;
	size_t n;
};

static inline unsigned
take_byte(struct input *in)
{
	if (in->n == 0)
		return 0;
	in->n--;
	return (unsigned char)*in->p++;
}

/* A line without its end, or the rest; its length in *n. */
static inline const char *
take_line(struct input *in, size_t *n)
{
	const char *line = in->p, *end = in->n > 0 ? memchr(in->p, '\n', in->n) : NULL;

	*n = end == NULL ? in->n : (size_t)(end - in->p);
	in->p += end == NULL ? *n : *n + 1;
	in->n -= end == NULL ? *n : *n + 1;
	return line;
}

#endif

/*
 * multipart.c: the multipart reader, from memory and from a file, against a
 * reader that splits the body line by line (RFC 2046, 5.1; RFC 7578, 4.2).
 *
 * The input: a byte that says how far from a window's end the body begins, a
 * line with the Content-Type, the body.
 */
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "http/multipart.h"

#define WINDOW (256 * 1024)

struct parsed {
	enum err e;
	struct part parts[MULTIPART_MAX_PARTS];
	int count;
};

static void
parse(const struct body *b, struct arena *a, const char *boundary, size_t n, struct parsed *out)
{
	const char *detail = NULL;

	out->e = multipart_parse(b, a, boundary, n, out->parts, &out->count, &detail);
	CLAIM(out->e == ERR_OK || (out->e == ERR_MULTIPART && detail != NULL));
	CLAIM(out->count >= 0 && out->count <= MULTIPART_MAX_PARTS);
}

/* Takes "name" out of the parameters of a Content-Disposition. */
static bool
ref_name(const char *p, const char *end, char *name, size_t *n)
{
	while (p < end) {
		bool wanted, quoted;

		while (p < end && *p != ';' && *p != '"')
			p++;
		if (p < end && *p == '"') {
			for (p++; p < end && *p != '"'; p++)
				p += *p == '\\' && p + 1 < end;
			p++;
			continue;
		}
		for (p++; p < end && (*p == ' ' || *p == '\t'); p++)
			;
		wanted = end - p >= 5 && strncasecmp(p, "name=", 5) == 0;
		if (!wanted)
			continue;
		p += 5;
		quoted = p < end && *p == '"';
		for (*n = 0, p += quoted; p < end; p++) {
			if (quoted ? *p == '"' : strchr("; \t\r\n", *p) != NULL)
				return true;
			p += quoted && *p == '\\' && p + 1 < end;
			name[(*n)++] = *p;
		}
		return !quoted;
	}
	return false;
}

/* Reads a part's header; where its content starts, or NULL. */
static const char *
ref_header(const char *p, const char *end, char *name, size_t *n)
{
	size_t room =
	    (size_t)(end - p) < MULTIPART_MAX_HEADER ? (size_t)(end - p) : MULTIPART_MAX_HEADER;
	const char *blank = memmem(p, room, "\r\n\r\n", 4), *line, *next;

	if (blank == NULL || memchr(p, '\0', (size_t)(blank - p)) != NULL)
		return NULL;
	for (line = p; line < blank; line = next + 2) {
		next = memmem(line, (size_t)(blank + 2 - line), "\r\n", 2);
		if (next - line >= 20 && strncasecmp(line, "Content-Disposition:", 20) == 0)
			return ref_name(line + 20, memchr(line, '\r', (size_t)(next + 1 - line)),
					name, n)
				   ? blank + 4
				   : NULL;
	}
	return NULL;
}

/* Compares with what the product says, part by part. */
static void
reference(const char *body, size_t n, const char *boundary, size_t len, const struct parsed *got)
{
	char delimiter[80] = "\r\n--", *name = malloc(MULTIPART_MAX_HEADER);
	const char *end = body + n, *at, *content;
	size_t size = len + 4, name_len = 0;
	int count = 0;

	memcpy(delimiter + 4, boundary, len);
	if (n >= size - 2 && memcmp(body, delimiter + 2, size - 2) == 0)
		at = body + size - 2;
	else if ((at = memmem(body, n, delimiter, size)) != NULL)
		at += size;
	for (;; count++) {
		if (at == NULL)
			break;
		while (end - at >= 2 && (*at == ' ' || *at == '\t'))
			at++;
		if (end - at >= 2 && memcmp(at, "--", 2) == 0) {
			CLAIM(got->e == ERR_OK && got->count == count);
			free(name);
			return;
		}
		if (end - at < 2 || memcmp(at, "\r\n", 2) != 0 || count == MULTIPART_MAX_PARTS)
			break;
		if ((content = ref_header(at + 2, end, name, &name_len)) == NULL)
			break;
		at = memmem(content - 2, (size_t)(end - content) + 2, delimiter, size);
		if (at == NULL)
			break;
		CLAIM(got->count > count);
		CLAIM(got->parts[count].offset == content - body);
		CLAIM(got->parts[count].len == (at > content ? at - content : 0));
		CLAIM(got->parts[count].name_len == name_len);
		CLAIM(memcmp(got->parts[count].name, name, name_len) == 0);
		at += size;
	}
	CLAIM(got->e == ERR_MULTIPART);
	free(name);
}

static void
same(const struct parsed *one, const struct parsed *other)
{
	int i;

	CLAIM(one->e == other->e && one->count == other->count);
	for (i = 0; i < one->count; i++)
		CLAIM(one->parts[i].offset == other->parts[i].offset &&
		      one->parts[i].len == other->parts[i].len &&
		      one->parts[i].name_len == other->parts[i].name_len &&
		      memcmp(one->parts[i].name, other->parts[i].name, one->parts[i].name_len) ==
			  0);
}

/* The body behind so many bytes of preamble, in a file: windows end in the middle of it. */
static void
from_file(const char *body, size_t n, size_t before, const char *boundary, size_t len,
	  const struct parsed *wanted)
{
	struct body b = { NULL, memfd_create("body", MFD_CLOEXEC), (int64_t)(before + n) };
	struct arena arena = ARENA_INIT;
	struct parsed got;
	int i;

	CLAIM(ftruncate(b.fd, (off_t)before) == 0);
	CLAIM(pwrite(b.fd, body, n, (off_t)before) == (ssize_t)n);
	parse(&b, &arena, boundary, len, &got);
	for (i = 0; i < got.count; i++)
		got.parts[i].offset -= (int64_t)before;
	same(&got, wanted);
	close(b.fd);
	arena_release(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	unsigned back = take_byte(&in);
	size_t n, len;
	const char *line = take_line(&in, &n), *boundary = NULL;
	char *type = exact_text(line, n), *body;
	struct arena arena = ARENA_INIT;
	struct parsed got;

	len = multipart_boundary(type, &boundary);
	CLAIM(len <= 70);
	if (len > 0) {
		CLAIM(boundary >= type && boundary + len <= type + strlen(type));
		body = exact(in.p, in.n);
		parse(&(struct body){ body, -1, (int64_t)in.n }, &arena, boundary, len, &got);
		reference(body, in.n, boundary, len, &got);
		from_file(body, in.n, 0, boundary, len, &got);
		/* With a preamble the first delimiter needs its line break. */
		if (back >= 0xc0 && in.n >= 2 && memcmp(body, "\r\n", 2) == 0)
			from_file(body, in.n, WINDOW - (back - 0xc0), boundary, len, &got);
		free(body);
	}
	free(type);
	arena_release(&arena);
	return 0;
}

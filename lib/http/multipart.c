/* multipart.c: see multipart.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "http/multipart.h"

#define WINDOW (256 * 1024)
#define MAX_BOUNDARY 70 /* RFC 2046, 5.1.1 */

/* Reads n bytes at offset into out.  False at the end of the body, and with errno on failure. */
static bool
body_read(const struct body *b, int64_t offset, char *out, size_t n)
{
	size_t done = 0;

	if (offset < 0 || (int64_t)n > b->len - offset)
		return false;
	if (b->mem != NULL) {
		memcpy(out, b->mem + offset, n);
		return true;
	}
	while (done < n) {
		ssize_t got = pread(b->fd, out + done, n - done, offset + (int64_t)done);

		if (got <= 0) {
			errno = EIO; /* the file has become shorter */
			return false;
		}
		done += (size_t)got;
	}
	return true;
}

char *
body_copy(const struct body *b, struct arena *a, int64_t offset, size_t n)
{
	char *copy = arena_alloc(a, n + 1);

	if (copy == NULL || !body_read(b, offset, copy, n))
		return NULL;
	copy[n] = '\0';
	return copy;
}

/* The position of needle at or after from, or -1.  Windows overlap by its length. */
static int64_t
body_find(const struct body *b, int64_t from, const char *needle, size_t n, char *window)
{
	while (from + (int64_t)n <= b->len) {
		int64_t left = b->len - from;
		size_t size = left < WINDOW ? (size_t)left : WINDOW;
		const char *hit;

		if (!body_read(b, from, window, size))
			return -1;
		if ((hit = memmem(window, size, needle, n)) != NULL)
			return from + (hit - window);
		from += (int64_t)(size - n + 1);
	}
	return -1;
}

bool
multipart_is(const char *content_type)
{
	return content_type != NULL && strncasecmp(content_type, "multipart/", 10) == 0;
}

size_t
multipart_boundary(const char *content_type, const char **boundary)
{
	const char *p = strcasestr(content_type, "boundary=");
	size_t n;

	if (p == NULL)
		return 0;
	p += strlen("boundary=");
	if (*p == '"')
		n = strcspn(++p, "\"");
	else
		n = strcspn(p, "; \t,");
	*boundary = p;
	return n <= MAX_BOUNDARY ? n : 0;
}

/* The parameter after the next semicolon outside of quotes; NULL at the end of the line. */
static char *
next_parameter(char *p)
{
	bool quoted = false;

	for (; quoted || *p != ';'; p++) {
		if (*p == '\0')
			return NULL;
		if (*p == '"')
			quoted = !quoted;
		else if (quoted && *p == '\\' && p[1] != '\0')
			p++;
	}
	return p + 1 + strspn(p + 1, " \t");
}

/* Reads the value of name= in a Content-Disposition.  Quoted values may contain \" and \\. */
static bool
field_name(char *p, struct part *part)
{
	char *out;

	do
		if ((p = next_parameter(p)) == NULL)
			return false;
	while (strncasecmp(p, "name=", 5) != 0);
	p += 5;
	part->name = out = p;
	if (*p != '"') {
		part->name_len = strcspn(p, "; \t\n");
		return true;
	}
	part->name = out = ++p;
	for (; *p != '"' && *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		*out++ = *p;
	}
	part->name_len = (size_t)(out - part->name);
	return *p == '"';
}

/*
 * Other headers, and quoted values such as a file name, may contain "name=" too.
 * Returns the value of Content-Disposition, NUL-terminated, from header lines
 * that end in CRLF; or NULL.
 */
static char *
disposition(char *line)
{
	static const char name[] = "Content-Disposition:";

	for (; *line != '\0'; line = strstr(line, "\r\n") + 2)
		if (strncasecmp(line, name, strlen(name)) == 0) {
			line[strcspn(line, "\r")] = '\0';
			return line + strlen(name);
		}
	return NULL;
}

/* Reads the header of the part that starts at offset. */
static bool
part_header(const struct body *b, struct arena *a, int64_t offset, struct part *part)
{
	int64_t left = b->len - offset;
	size_t n = left < MULTIPART_MAX_HEADER ? (size_t)left : MULTIPART_MAX_HEADER;
	char *text = body_copy(b, a, offset, n), *end;

	if (text == NULL || (end = memmem(text, n, "\r\n\r\n", 4)) == NULL)
		return false;
	end[2] = '\0';
	part->offset = offset + (end - text) + 4;
	part->name = "";
	part->name_len = 0;
	if (strlen(text) != (size_t)(end + 2 - text))
		return false; /* a NUL in the header */
	text = disposition(text);
	return text != NULL && field_name(text, part);
}

/* The delimiter with its preceding line break: "\r\n--boundary". */
struct delimiter {
	char text[MAX_BOUNDARY + 5];
	size_t len;
};

/*
 * What follows a delimiter at offset: 1 another part (*next is its start), 0
 * the end, -1 anything else.
 */
static int
after_delimiter(const struct body *b, int64_t offset, int64_t *next)
{
	char c[2];

	for (;; offset++) {
		if (!body_read(b, offset, c, 2))
			return -1;
		if (c[0] == '-' && c[1] == '-')
			return 0;
		if (c[0] == '\r' && c[1] == '\n') {
			*next = offset + 2;
			return 1;
		}
		if (c[0] != ' ' && c[0] != '\t')
			return -1;
	}
}

static enum err
parse(const struct body *b, struct arena *a, const struct delimiter *d, char *window,
      struct part *parts, int *count, const char **detail)
{
	int64_t at = 0, next;
	int more;

	/* The first delimiter may be at the start of the body, without a preceding line break. */
	if (b->len >= (int64_t)d->len - 2 && body_read(b, 0, window, d->len - 2) &&
	    memcmp(window, d->text + 2, d->len - 2) == 0)
		at = -2;
	else if ((at = body_find(b, 0, d->text, d->len, window)) < 0)
		return *detail = "no boundary in it", ERR_MULTIPART;
	*detail = "it ends too early";
	while ((more = after_delimiter(b, at + (int64_t)d->len, &next)) > 0) {
		struct part *part = &parts[*count];

		if (*count == MULTIPART_MAX_PARTS)
			return *detail = "too many parts", ERR_MULTIPART;
		if (!part_header(b, a, next, part))
			return *detail = "a part's header is bad or too long", ERR_MULTIPART;
		/* The line break of an empty part is the one that ends its header. */
		at = body_find(b, part->offset - 2, d->text, d->len, window);
		if (at < 0)
			return ERR_MULTIPART;
		part->len = at > part->offset ? at - part->offset : 0;
		++*count;
	}
	return more == 0 ? ERR_OK : ERR_MULTIPART;
}

enum err
multipart_parse(const struct body *b, struct arena *a, const char *boundary, size_t n,
		struct part parts[MULTIPART_MAX_PARTS], int *count, const char **detail)
{
	struct delimiter d = { "\r\n--", 4 + n };
	char *window = malloc(WINDOW);
	enum err e;

	*count = 0;
	if (window == NULL)
		return ERR_INTERNAL;
	memcpy(d.text + 4, boundary, n);
	errno = 0;
	e = parse(b, a, &d, window, parts, count, detail);
	/* A read error or lack of memory is not the client's fault. */
	if (errno == EIO || (errno == ENOMEM && e != ERR_OK))
		e = ERR_INTERNAL;
	free(window);
	return e;
}

/* multipart.c: lib/http/multipart.c, from memory and from a file. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/multipart.h"
#include "tap.h"

#define TYPE "multipart/form-data; boundary=XyZ"
#define TITLE_PART "--XyZ\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nBear\r\n"
#define FILE_PART                                                               \
	"--XyZ\r\nContent-Disposition: form-data; filename=\"../name=x.mp4\"; " \
	"name=\"data\"\r\nContent-Type: video/mp4\r\n\r\n\r\n--Xy not yet\r\n"
#define END "--XyZ--\r\n"

static struct part parts[MULTIPART_MAX_PARTS];
static int count;
static struct arena arena;

static enum err
parse_body(const struct body *b)
{
	const char *boundary, *detail;
	size_t n = multipart_boundary(TYPE, &boundary);

	arena_clear(&arena);
	return multipart_parse(b, &arena, boundary, n, parts, &count, &detail);
}

static enum err
parse(const char *text)
{
	struct body b = { text, -1, (int64_t)strlen(text) };

	return parse_body(&b);
}

static bool
named(int i, const char *name)
{
	return parts[i].name_len == strlen(name) && memcmp(parts[i].name, name, strlen(name)) == 0;
}

static void
boundaries(void)
{
	const char *b;

	CHECK(multipart_boundary("multipart/form-data; boundary=abc", &b) == 3,
	      "an unquoted boundary is read");
	CHECK(multipart_boundary("multipart/form-data; boundary=\"a b\"; x=y", &b) == 3 &&
		  memcmp(b, "a b", 3) == 0,
	      "a quoted boundary is read");
	CHECK(multipart_boundary("multipart/form-data", &b) == 0, "a missing boundary is rejected");
	CHECK(multipart_boundary("multipart/form-data; boundary="
				 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee"
				 "ffffffffffgggggggggghhhhhhhhhh",
				 &b) == 0,
	      "a boundary of more than 70 characters is rejected");
}

static void
whole(void)
{
	CHECK(parse(TITLE_PART FILE_PART END) == ERR_OK && count == 2, "two parts are read");
	CHECK(named(0, "title") && parts[0].len == 4, "a field is read");
	CHECK(named(1, "data"), "filename= is not name=");
	CHECK(parts[1].len == (int64_t)strlen("\r\n--Xy not yet"),
	      "text that resembles the boundary is content");
	CHECK(parse("preamble\r\n" FILE_PART TITLE_PART END "epilogue") == ERR_OK && count == 2 &&
		  named(0, "data"),
	      "another order, preamble and epilogue are accepted");
	CHECK(parse("--XyZ\r\nContent-Disposition: form-data; name=e\r\n\r\n\r\n" END) == ERR_OK &&
		  count == 1 && parts[0].len == 0 && named(0, "e"),
	      "an empty part with an unquoted name is read");
	CHECK(parse("--XyZ\r\nContent-Disposition: form-data; name=\"a\\\"b\"\r\n\r\nx\r\n" END) ==
		      ERR_OK &&
		  named(0, "a\"b"),
	      "an escaped quote in a name is read");
	CHECK(parse("--XyZ\r\nContent-Disposition: form-data; filename=\"a; name=x; b\"; "
		    "name=\"data\"\r\n\r\nx\r\n" END) == ERR_OK &&
		  named(0, "data"),
	      "a file name that looks like a parameter is read");
	CHECK(parse("--XyZ\r\nX-Content-Disposition: form-data; name=a\r\n"
		    "Content-Disposition: form-data; name=b\r\n\r\nx\r\n" END) == ERR_OK &&
		  named(0, "b"),
	      "a header whose name ends like Content-Disposition is ignored");
	CHECK(parse("--XyZ\r\nContent-Disposition: form-data\r\n"
		    "Content-Type: text/plain; name=a\r\n\r\nx\r\n" END) == ERR_MULTIPART,
	      "the name of another header is not the part's");
}

static void
broken(void)
{
	char *large = malloc(20000);

	CHECK(parse("") == ERR_MULTIPART, "an empty body is rejected");
	CHECK(parse("no boundary at all") == ERR_MULTIPART,
	      "a body without the boundary is rejected");
	CHECK(parse(TITLE_PART) == ERR_MULTIPART, "a body without an end is rejected");
	CHECK(parse("--XyZ\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\nBe") ==
		  ERR_MULTIPART,
	      "truncated content is rejected");
	CHECK(parse("--XyZ\r\nContent-Disp") == ERR_MULTIPART, "a truncated header is rejected");
	CHECK(parse("--XyZ\r\nContent-Type: x\r\n\r\ny\r\n" END) == ERR_MULTIPART,
	      "a part without a name is rejected");
	CHECK(parse("--XyZ\r\nContent-Disposition: form-data; name=\"t\r\n\r\ny\r\n" END) ==
		  ERR_MULTIPART,
	      "an unterminated quote is rejected");
	if (large == NULL)
		return;
	memset(large, 'h', 20000);
	memcpy(large, "--XyZ\r\nContent-Disposition: ", 28);
	large[19999] = '\0';
	CHECK(parse(large) == ERR_MULTIPART, "a header over the limit is rejected");
	free(large);
}

/* Boundaries at every place around a window's edge are found. */
static void
windows(void)
{
	static const char head[] = "--XyZ\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n";
	static const char tail[] = "\r\n--XyZ--\r\n";
	char path[] = "/tmp/dousheng-unit.XXXXXX";
	struct body b = { NULL, mkstemp(path), 0 };
	int64_t content, wrong = 0;
	char *filler = calloc(1, 300000);

	unlink(path);
	for (content = 262000; filler != NULL && content < 262300; content++) {
		b.len = (int64_t)(strlen(head) + strlen(tail)) + content;
		if (ftruncate(b.fd, 0) != 0 ||
		    pwrite(b.fd, head, strlen(head), 0) != (ssize_t)strlen(head) ||
		    pwrite(b.fd, filler, (size_t)content, (off_t)strlen(head)) != content ||
		    pwrite(b.fd, tail, strlen(tail), (off_t)strlen(head) + content) < 0 ||
		    parse_body(&b) != ERR_OK || count != 1 || parts[0].len != content)
			wrong++;
	}
	CHECK(wrong == 0 && filler != NULL, "a boundary across two windows is found");
	free(filler);
	close(b.fd);
}

int
main(void)
{
	boundaries();
	whole();
	broken();
	windows();
	arena_release(&arena);
	return done();
}

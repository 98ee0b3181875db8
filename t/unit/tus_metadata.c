/* tus_metadata.c: lib/http/tus_metadata.c, the headers of resumable uploads. */
#include <string.h>

#include "http/tus_metadata.h"
#include "tap.h"

static unsigned char out[64];

static long
decode(const char *text)
{
	return base64_decode(text, strlen(text), out, sizeof(out));
}

static bool
has(struct arena *a, const char *list, const char *key, const char *value)
{
	size_t n = 0;
	const char *got = tus_metadata_get(a, list, key, &n);

	if (got == NULL || value == NULL)
		return got == value;
	return n == strlen(value) && memcmp(got, value, n + 1) == 0;
}

int
main(void)
{
	static const char list[] = "filename YS5tcDQ=, title 5byg,empty ,cover_ms MTIz";
	struct arena arena = ARENA_INIT;

	CHECK(decode("YWJj") == 3 && memcmp(out, "abc", 3) == 0, "three bytes are decoded");
	CHECK(decode("YWI=") == 2 && decode("YQ==") == 1 && decode("") == 0,
	      "fewer bytes are decoded");
	CHECK(decode("YWJ") == -1 && decode("YWJj\n") == -1, "an incomplete group is rejected");
	CHECK(decode("YQ==\t\t\t\t") == -1 && decode("\t\t\t\tYQ==") == -1,
	      "white space is rejected");
	CHECK(decode("====") == -1 && decode("A=B=") == -1 && decode("YQ==YQ==") == -1,
	      "padding before the end is rejected");
	CHECK(decode("YW-_") == -1, "the URL alphabet is rejected");
	CHECK(has(&arena, list, "title", "\xe5\xbc\xa0") &&
		  has(&arena, list, "filename", "a.mp4") && has(&arena, list, "cover_ms", "123"),
	      "keys of a list are found");
	CHECK(has(&arena, list, "empty", ""), "an empty value is found");
	CHECK(has(&arena, list, "name", NULL) && has(&arena, "", "title", NULL),
	      "a missing key is not found");
	CHECK(has(&arena, "title a?==", "title", NULL), "an invalid value is rejected");
	arena_release(&arena);
	return done();
}

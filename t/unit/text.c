/* text.c: lib/base/text.c and lib/base/buf.c. */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "tap.h"

struct number {
	const char *text;
	bool ok;
	int64_t value;
};

static void
numbers(void)
{
	static const struct number list[] = {
		{ "123", true, 123 },
		{ "0", true, 0 },
		{ "-5", true, -5 },
		{ "1e+06", true, 1000000 },
		{ "1e 06", true, 1000000 }, /* the plus of a query, decoded */
		{ "7.09e+18", true, 7090000000000000000 },
		{ "1.5e1", true, 15 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "-9.223372036854775808e18", true, INT64_MIN },
		{ "-9223372036854775809", false, 0 },
		{ "0e999", true, 0 },
		{ "9223372036854775808", false, 0 },
		{ "1e19", false, 0 },
		{ "1.5", false, 0 },
		{ "9.0", true, 9 },
		{ "9.", true, 9 },
		{ "9.000000e+00", true, 9 },
		{ "-9.00000000000000000000000", true, -9 },
		{ "9.5e0", false, 0 },
		{ "9.05", false, 0 },
		{ "1.50e1", true, 15 },
		{ "1200e-2", true, 12 },
		{ "1200e-3", false, 0 },
		{ "0.000", true, 0 },
		{ "0.0e-5", true, 0 },
		{ "9223372036854775807.0", true, INT64_MAX },
		{ "9223372036854775807.5", false, 0 },
		{ "922337203685477580700e-2", true, INT64_MAX },
		{ "1000000000000000000000e-21", true, 1 },
		{ "1e-", false, 0 },
		{ ".5e1", false, 0 },
		{ "9..0", false, 0 },
		{ "1.55e1", false, 0 },
		{ "1e-3", false, 0 },
		{ "", false, 0 },
		{ "-", false, 0 },
		{ "e5", false, 0 },
		{ "1e", false, 0 },
		{ "1e+", false, 0 },
		{ "12x", false, 0 },
		{ " 12", false, 0 },
		{ "0x10", false, 0 },
		{ "1e9999", false, 0 },
		{ "NaN", false, 0 },
	};
	char title[64];
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		int64_t value = 0;
		bool ok = text_int(list[i].text, strlen(list[i].text), &value);

		snprintf(title, sizeof(title), "integer \"%s\"", list[i].text);
		CHECK(ok == list[i].ok && (!ok || value == list[i].value), title);
	}
}

static void
lengths(void)
{
	CHECK(text_length("", 0) == 0, "an empty text has no characters");
	CHECK(text_length("abc", 3) == 3, "ASCII characters are counted");
	CHECK(text_length("抖声", 6) == 2, "Chinese counts characters, not bytes");
	CHECK(text_length("😀", 4) == 1, "an emoji is one character");
	CHECK(text_length("e\xcc\x81", 3) == 2, "a combining character is counted");
	CHECK(text_length("a\0b", 3) == -1, "a NUL is invalid");
	CHECK(text_length("\xff", 1) == -1, "a stray byte is invalid");
	CHECK(text_length("\xc3", 1) == -1, "a truncated sequence is invalid");
	CHECK(text_length("\xc0\x80", 2) == -1, "an overlong NUL is invalid");
	CHECK(text_length("\xe0\x80\xaf", 3) == -1, "an overlong slash is invalid");
	CHECK(text_length("\xed\xa0\x80", 3) == -1, "a surrogate is invalid");
	CHECK(text_length("\xf4\x90\x80\x80", 4) == -1, "a code point above U+10FFFF is invalid");
	CHECK(text_length("\xf4\x8f\xbf\xbf", 4) == 1, "U+10FFFF is valid");
}

static void
unescape(const char *in, const char *out, const char *title)
{
	char copy[64];
	size_t n = strlen(in);

	memcpy(copy, in, n + 1);
	n = text_form_decode(copy, n);
	CHECK(n == strlen(out) && memcmp(copy, out, n) == 0, title);
}

static void
json(void)
{
	struct buf b = BUF_INIT;

	json_open(&b, NULL, '{');
	json_int(&b, "least", INT64_MIN);
	json_boolean(&b, "yes", true);
	json_open(&b, "list", '[');
	json_int(&b, NULL, 1);
	json_int(&b, NULL, 2);
	json_close(&b, ']');
	json_str(&b, "text", "a\"b\\c\n\x01/<抖>", strlen("a\"b\\c\n\x01/<抖>"));
	json_close(&b, '}');
	buf_add(&b, "", 1);
	CHECK(strcmp(b.data, "{\"least\":-9223372036854775808,\"yes\":true,\"list\":[1,2],"
			     "\"text\":\"a\\\"b\\\\c\\n\\u0001/<抖>\"}") == 0,
	      "JSON has commas, numbers and escapes");
	CHECK(buf_reserve(&b, 1000000) != NULL, "a large reply fits");
	buf_clear(&b);
	CHECK(b.data != NULL && b.cap >= 4096 && b.cap < 10000, "a buffer keeps some memory");
	buf_release(&b);
}

static void
variables(void)
{
	char first[] = "ABC=", second[] = "AB=x=y";
	char *const env[] = { first, second, NULL };

	CHECK(strcmp(env_value(env, "AB"), "x=y") == 0, "a variable is found by its whole name");
	CHECK(env_value(env, "ABC") == first + 4 && env_value(env, "A")[0] == '\0' &&
		  env_value(NULL, "AB")[0] == '\0',
	      "an empty or missing variable is empty");
}

int
main(void)
{
	numbers();
	variables();
	lengths();
	unescape("a+b%20c%E6%8A%96", "a b c抖", "plus, percent and UTF-8 are decoded");
	unescape("100%&%zz%4", "100%&%zz%4", "a stray percent is kept");
	json();
	return done();
}

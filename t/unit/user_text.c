/* user_text.c: lib/base/user_text.c. */
#include <string.h>

#include "base/user_text.h"
#include "tap.h"

struct text {
	const char *text;
	enum err name, comment;
	const char *what;
};

static void
rules(void)
{
	static const struct text list[] = {
		{ "lin", ERR_OK, ERR_OK, "a word" },
		{ "\xff", ERR_PARAM_TEXT, ERR_PARAM_TEXT, "no UTF-8" },
		{ "   ", ERR_PARAM_MISSING, ERR_PARAM_MISSING, "blanks" },
		{ "\t\n\r", ERR_PARAM_MISSING, ERR_PARAM_MISSING, "lines" },
		{ "\x01\x1f\x7f\xc2\x85", ERR_PARAM_MISSING, ERR_PARAM_MISSING, "controls" },
		{ "\u3000", ERR_PARAM_MISSING, ERR_PARAM_MISSING, "an ideographic space" },
		{ "\u00a0\u2003\u202f\u205f", ERR_PARAM_MISSING, ERR_PARAM_MISSING,
		  "other spaces" },
		{ "\u2028\u2029", ERR_PARAM_MISSING, ERR_PARAM_MISSING, "separators" },
		{ "\u2800", ERR_PARAM_MISSING, ERR_PARAM_MISSING, "a Braille blank" },
		{ "\u3164\u115f\u1160\uffa0", ERR_PARAM_MISSING, ERR_PARAM_MISSING, "fillers" },
		{ "\u200b\u200c\u200d\u2060\ufeff", ERR_PARAM_MISSING, ERR_PARAM_MISSING,
		  "nothing wide" },
		{ "\u200e\u200f\u202a\u202e\u2066\u2069\u061c", ERR_PARAM_MISSING,
		  ERR_PARAM_MISSING, "directions" },
		{ "\u00ad\u034f\u180e\ufe0f\U000e0041", ERR_PARAM_MISSING, ERR_PARAM_MISSING,
		  "what is ignored" },
		{ "\U0001d159", ERR_PARAM_MISSING, ERR_PARAM_MISSING, "a null notehead" },
		{ "\u0301\u0308", ERR_PARAM_MISSING, ERR_PARAM_MISSING, "marks on nothing" },
		{ "\ufff9\ufffb", ERR_PARAM_MISSING, ERR_PARAM_MISSING, "annotation marks" },
		{ " lin", ERR_PARAM_INVALID, ERR_OK, "a blank in front" },
		{ "lin ", ERR_PARAM_INVALID, ERR_OK, "a blank behind" },
		{ "\u3000lin", ERR_PARAM_INVALID, ERR_OK, "an ideographic one in front" },
		{ "lin\u00a0", ERR_PARAM_INVALID, ERR_OK, "a no-break one behind" },
		{ "\u2800lin", ERR_PARAM_INVALID, ERR_OK, "a Braille blank in front" },
		{ "li\u2800n", ERR_PARAM_INVALID, ERR_OK, "or inside" },
		{ "li\u3164n", ERR_PARAM_INVALID, ERR_OK, "a filler inside" },
		{ "li\u200bn", ERR_PARAM_INVALID, ERR_OK, "a zero width space" },
		{ "lin\u200d", ERR_PARAM_INVALID, ERR_OK, "a joiner behind" },
		{ "\u200dlin", ERR_PARAM_INVALID, ERR_OK, "a joiner in front" },
		{ "li\u202en", ERR_PARAM_INVALID, ERR_OK, "a turned direction" },
		{ "li\nn", ERR_PARAM_INVALID, ERR_OK, "two lines" },
		{ "li\u2028n", ERR_PARAM_INVALID, ERR_OK, "a line separator" },
		{ "li\u00adn", ERR_PARAM_INVALID, ERR_OK, "a soft hyphen" },
		{ "li\U000e0041n", ERR_PARAM_INVALID, ERR_OK, "a tag on a letter" },
		{ "\u0301lin", ERR_PARAM_INVALID, ERR_OK, "a mark in front" },
		{ "Ada von L", ERR_OK, ERR_OK, "blanks inside" },
		{ "小\u3000满", ERR_OK, ERR_OK, "also ideographic ones" },
		{ "e\u0301", ERR_OK, ERR_OK, "a mark on a letter" },
		{ "\U0001f468\u200d\U0001f469\u200d\U0001f467", ERR_OK, ERR_OK, "a family" },
		{ "\u2764\ufe0f", ERR_OK, ERR_OK, "a red heart" },
		{ "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", ERR_OK,
		  ERR_OK, "Scotland's flag" },
		{ "\u0646\u0645\u06cc\u200c\u062e", ERR_OK, ERR_OK, "Persian with its joiner" },
		{ "\u05d0\u05d1", ERR_OK, ERR_OK, "Hebrew" },
		{ "\ue000", ERR_OK, ERR_OK, "private use" },
		{ "\u0600\u0661", ERR_OK, ERR_OK, "an Arabic number sign" },
	};
	char title[96];
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		const char *s = list[i].text;

		snprintf(title, sizeof(title), "%s: a name", list[i].what);
		CHECK(user_text_check(USER_TEXT_NAME, s, strlen(s)) == list[i].name, title);
		snprintf(title, sizeof(title), "%s: a comment", list[i].what);
		CHECK(user_text_check(USER_TEXT_COMMENT, s, strlen(s)) == list[i].comment, title);
	}
}

static void
lengths(void)
{
	char text[2 * 1001 + 1];
	int kind;

	memset(text, 'x', sizeof(text));
	for (kind = USER_TEXT_NAME; kind <= USER_TEXT_MESSAGE; kind++) {
		size_t most = (size_t)user_text_max((enum user_text)kind);

		CHECK(user_text_check((enum user_text)kind, text, most) == ERR_OK,
		      "a text of the maximum length is accepted");
		CHECK(user_text_check((enum user_text)kind, text, most + 1) == ERR_PARAM_LENGTH,
		      "a longer text is rejected");
	}
	CHECK(user_text_check(USER_TEXT_TITLE, text, 0) == ERR_PARAM_MISSING,
	      "an empty text is empty");
}

/* Do two names share a normalized form? */
static bool
alike(const char *one, const char *other)
{
	struct name_forms a, b;

	return name_forms(one, strlen(one), &a) == ERR_OK &&
	       name_forms(other, strlen(other), &b) == ERR_OK &&
	       (strcmp(a.folded, b.folded) == 0 || strcmp(a.looks, b.looks) == 0);
}

static void
forms(void)
{
	static const char *const same[][2] = {
		{ "lin", "lin" },	{ "lin", "Lin" },
		{ "lin", "LIN" },	{ "lin", "\uff4c\uff49\uff4e" },
		{ "lin", "1in" },	{ "lin", "Iin" },
		{ "lin", "l\u0456n" },	{ "Ada B", "ada\u3000b" },
		{ "Ada B", "ADA  B" },	{ "straße", "STRASSE" },
		{ "é", "e\u0301" },	{ "Bob", "B0b" },
		{ "lin", "li\u200dn" }, { "paypal", "\u0440\u0430ypal" },
		{ "LIN", "1in" },	{ "lan", "IAN" },
	};
	static const char *const other[][2] = {
		{ "lin", "lina" }, { "eli", "ell" },	   { "e", "é" }, { "小满", "小滿" },
		{ "a b", "ab" },   { "user12", "user21" }, { "😀", "😁" }, { "a-b", "a.b" },
	};
	struct name_forms f;
	char text[64 * 3 + 1];
	char title[96];
	size_t i;

	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		snprintf(title, sizeof(title), "\"%s\" is like \"%s\"", same[i][0], same[i][1]);
		CHECK(alike(same[i][0], same[i][1]), title);
	}
	for (i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		snprintf(title, sizeof(title), "\"%s\" is not \"%s\"", other[i][0], other[i][1]);
		CHECK(!alike(other[i][0], other[i][1]), title);
	}
	for (i = 0; i < 64; i++)
		memcpy(text + 3 * i, "\xef\xb7\xba", 4); /* eighteen letters each */
	CHECK(name_forms(text, 3 * 64, &f) == ERR_PARAM_LENGTH,
	      "a form that is too long is rejected");
}

int
main(void)
{
	rules();
	lengths();
	forms();
	return done();
}

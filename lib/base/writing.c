/* writing.c: see writing.h. */
#include <stdbool.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#include "base/text.h"
#include "base/writing.h"

#define UNITS WRITING_FORM_MAX /* of UTF-16, in a form on its way */

/* What differs. */
static const struct rule {
	int64_t max;
	bool name; /* nothing unseen in it, no blanks at its ends, unlike any other */
} rules[] = {
	[WRITING_NAME] = { 32, true },
	[WRITING_TITLE] = { 200, false },
	[WRITING_COMMENT] = { 500, false },
	[WRITING_MESSAGE] = { 1000, false },
};

int64_t
writing_max(enum writing kind)
{
	return rules[kind].max;
}

/* Blank by what fonts show, though no property says so. */
static bool
looks_blank(UChar32 c)
{
	return c == 0x2800 ||		     /* Braille pattern without a dot */
	       c == 0x1d159 ||		     /* musical null notehead */
	       c == 0x13441 || c == 0x13442; /* blanks among hieroglyphs */
}

/* Is a character there to be seen, by itself? */
static bool
is_seen(UChar32 c)
{
	const uint32_t unseen = U_GC_C_MASK | U_GC_Z_MASK | U_GC_M_MASK;
	bool box = u_charType(c) == U_UNASSIGNED || u_charType(c) == U_PRIVATE_USE_CHAR;

	if (looks_blank(c) || U_IS_UNICODE_NONCHAR(c) || u_isUWhiteSpace(c) ||
	    u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT))
		return false;
	return (U_GET_GC_MASK(c) & unseen) == 0 || box ||
	       u_hasBinaryProperty(c, UCHAR_PREPENDED_CONCATENATION_MARK);
}

/*
 * May a character stand in a name, behind the one before?  What is unseen only
 * where it shapes others: joiners of emoji and of Persian, variation
 * selectors, the tags behind a black flag that make it Scotland's.
 */
static bool
may_name(UChar32 c, UChar32 before)
{
	bool tag = c >= 0xe0020 && c <= 0xe007f;

	if (is_seen(c) || c == 0x200c || c == 0x200d ||
	    u_hasBinaryProperty(c, UCHAR_VARIATION_SELECTOR))
		return true;
	if (tag)
		return before == 0x1f3f4 || (before >= 0xe0020 && before < 0xe007f);
	return !looks_blank(c) && !u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) &&
	       (U_GET_GC_MASK(c) & (U_GC_ZS_MASK | U_GC_M_MASK)) != 0;
}

/* May a name end in it?  Nothing begins and ends with what would be cut off unseen. */
static bool
may_end(UChar32 c)
{
	return !u_isUWhiteSpace(c) && c != 0x200c && c != 0x200d;
}

enum err
writing_check(enum writing kind, const char *s, size_t n)
{
	int64_t length = text_length(s, n);
	bool any = false, fits = true;
	UChar32 c = 0, before = 0, first = 0;
	size_t i = 0;

	if (length < 0)
		return ERR_PARAM_TEXT;
	while (i < n) {
		U8_NEXT_UNSAFE(s, i, c);
		first = before == 0 ? c : first;
		any = any || is_seen(c);
		fits = fits && may_name(c, before);
		before = c;
	}
	if (!any)
		return ERR_PARAM_MISSING;
	if (length > rules[kind].max)
		return ERR_PARAM_LENGTH;
	if (rules[kind].name && (!fits || !is_seen(first) || !may_end(c)))
		return ERR_PARAM_INVALID;
	return ERR_OK;
}

/* A text in UTF-16, between two buffers. */
struct form {
	UChar text[UNITS];
	int32_t len;
};

static void
fold(struct form *f, UErrorCode *status)
{
	const UNormalizer2 *casefold = unorm2_getNFKCCasefoldInstance(status);
	struct form in = *f;

	f->len = unorm2_normalize(casefold, in.text, in.len, f->text, UNITS, status);
}

static void
unlike(struct form *f, const USpoofChecker *checker, UErrorCode *status)
{
	struct form in = *f;

	f->len = uspoof_getSkeleton(checker, 0, in.text, in.len, f->text, UNITS, status);
}

/* Blanks, whichever and however many, are one. */
static void
one_blank(struct form *f)
{
	int32_t i, n = 0;

	for (i = 0; i < f->len; i++) {
		if (!u_isUWhiteSpace(f->text[i]))
			f->text[n++] = f->text[i];
		else if (n > 0 && f->text[n - 1] != ' ')
			f->text[n++] = ' ';
	}
	f->len = n > 0 && f->text[n - 1] == ' ' ? n - 1 : n;
}

static void
put(struct form *f, char out[WRITING_FORM_MAX], UErrorCode *status)
{
	one_blank(f);
	u_strToUTF8(out, WRITING_FORM_MAX, NULL, f->text, f->len, status);
}

enum err
writing_forms(const char *name, size_t n, struct writing_forms *out)
{
	UErrorCode status = U_ZERO_ERROR;
	USpoofChecker *checker = uspoof_open(&status);
	struct form folded = { .len = 0 }, looks;

	if (U_FAILURE(status))
		return ERR_INTERNAL;
	u_strFromUTF8(folded.text, UNITS, &folded.len, name, (int32_t)n, &status);
	looks = folded;
	fold(&folded, &status);
	unlike(&folded, checker, &status);
	fold(&folded, &status); /* a zero has become a capital O */
	put(&folded, out->folded, &status);
	unlike(&looks, checker, &status);
	fold(&looks, &status);
	put(&looks, out->looks, &status);
	uspoof_close(checker);
	if (status == U_BUFFER_OVERFLOW_ERROR || status == U_STRING_NOT_TERMINATED_WARNING)
		return ERR_PARAM_LENGTH;
	return U_FAILURE(status) ? ERR_INTERNAL : ERR_OK;
}

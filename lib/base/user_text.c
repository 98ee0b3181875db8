/* user_text.c: see user_text.h. */
#include <stdbool.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#include "base/text.h"
#include "base/user_text.h"

#define UNITS NAME_FORM_MAX /* UTF-16 code units of a form */

/* The limits of each kind. */
static const struct rule {
	int64_t max;
	bool name; /* name rules apply: no invisible characters, no blanks at the ends */
} rules[] = {
	[USER_TEXT_NAME] = { 32, true },
	[USER_TEXT_TITLE] = { 200, false },
	[USER_TEXT_COMMENT] = { 500, false },
	[USER_TEXT_MESSAGE] = { 1000, false },
};

int64_t
user_text_max(enum user_text kind)
{
	return rules[kind].max;
}

/* Characters that fonts show as blank although their Unicode properties do not say so. */
static bool
looks_blank(UChar32 c)
{
	return c == 0x2800 ||		     /* Braille pattern without a dot */
	       c == 0x1d159 ||		     /* musical symbol null notehead */
	       c == 0x13441 || c == 0x13442; /* blanks among Egyptian hieroglyphs */
}

/* Is the character visible by itself? */
static bool
is_visible(UChar32 c)
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
 * May c follow before in a name? Invisible characters are allowed only where
 * they shape others: joiners in emoji and Persian, variation selectors, and the
 * tags after a black flag (flags of Scotland, Wales, England).
 */
static bool
allowed_in_name(UChar32 c, UChar32 before)
{
	bool tag = c >= 0xe0020 && c <= 0xe007f;

	if (is_visible(c) || c == 0x200c || c == 0x200d ||
	    u_hasBinaryProperty(c, UCHAR_VARIATION_SELECTOR))
		return true;
	if (tag)
		return before == 0x1f3f4 || (before >= 0xe0020 && before < 0xe007f);
	return !looks_blank(c) && !u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) &&
	       (U_GET_GC_MASK(c) & (U_GC_ZS_MASK | U_GC_M_MASK)) != 0;
}

/* May a name end with c?  Blanks and joiners at the ends would be invisible. */
static bool
allowed_at_end(UChar32 c)
{
	return !u_isUWhiteSpace(c) && c != 0x200c && c != 0x200d;
}

enum err
user_text_check(enum user_text kind, const char *s, size_t n)
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
		any = any || is_visible(c);
		fits = fits && allowed_in_name(c, before);
		before = c;
	}
	if (!any)
		return ERR_PARAM_MISSING;
	if (length > rules[kind].max)
		return ERR_PARAM_LENGTH;
	if (rules[kind].name && (!fits || !is_visible(first) || !allowed_at_end(c)))
		return ERR_PARAM_INVALID;
	return ERR_OK;
}

/* A name in UTF-16 while its forms are computed. */
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
skeleton(struct form *f, const USpoofChecker *checker, UErrorCode *status)
{
	struct form in = *f;

	f->len = uspoof_getSkeleton(checker, 0, in.text, in.len, f->text, UNITS, status);
}

/* Replaces each run of blanks by one space. */
static void
collapse_blanks(struct form *f)
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
write_form(struct form *f, char out[NAME_FORM_MAX], UErrorCode *status)
{
	collapse_blanks(f);
	u_strToUTF8(out, NAME_FORM_MAX, NULL, f->text, f->len, status);
}

enum err
name_forms(const char *name, size_t n, struct name_forms *out)
{
	UErrorCode status = U_ZERO_ERROR;
	USpoofChecker *checker = uspoof_open(&status);
	struct form folded = { .len = 0 }, looks;

	if (U_FAILURE(status))
		return ERR_INTERNAL;
	u_strFromUTF8(folded.text, UNITS, &folded.len, name, (int32_t)n, &status);
	looks = folded;
	fold(&folded, &status);
	skeleton(&folded, checker, &status);
	fold(&folded, &status); /* the skeleton of a zero is a capital O */
	write_form(&folded, out->folded, &status);
	skeleton(&looks, checker, &status);
	fold(&looks, &status);
	write_form(&looks, out->looks, &status);
	uspoof_close(checker);
	if (status == U_BUFFER_OVERFLOW_ERROR || status == U_STRING_NOT_TERMINATED_WARNING)
		return ERR_PARAM_LENGTH;
	return U_FAILURE(status) ? ERR_INTERNAL : ERR_OK;
}

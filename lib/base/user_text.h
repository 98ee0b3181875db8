/*
 * user_text.h: rules for texts that users write: names, titles, comments,
 * messages.  The only module that uses ICU.
 *
 * The rules go by Unicode properties (UAX #44); a table in user_text.c has the
 * differences.  A text without a visible character (only blanks, controls,
 * fillers, joiners, direction marks or combining marks) counts as absent.  A
 * name must not contain invisible characters, and no two names may share a
 * form.
 */
#ifndef DS_USER_TEXT_H
#define DS_USER_TEXT_H

#include <stdint.h>

#include "base/err.h"

enum user_text { USER_TEXT_NAME, USER_TEXT_TITLE, USER_TEXT_COMMENT, USER_TEXT_MESSAGE };

/* The maximum length in characters (code points). */
int64_t user_text_max(enum user_text kind);

/*
 * Checks n bytes.  ERR_PARAM_TEXT: not UTF-8.  ERR_PARAM_MISSING: no visible
 * character.  ERR_PARAM_LENGTH: too long.  ERR_PARAM_INVALID: a name with
 * blanks at an end or with invisible characters.
 */
enum err user_text_check(enum user_text kind, const char *s, size_t n) MUST_CHECK;

#define NAME_FORM_MAX 1024

/*
 * Names that readers would confuse have a form in common.
 *
 * folded: letters without case, width and style (NFKC_Casefold, UAX #44), then
 * each replaced by its look-alike (skeleton of UTS #39).  "Lin", "LIN", "ｌｉｎ"
 * and "1in" have the same folded form.
 *
 * looks: the skeleton of the name as written, then folded: "Iin" with a capital
 * i looks like "lin", though its folded form is "iin".
 */
struct name_forms {
	char folded[NAME_FORM_MAX], looks[NAME_FORM_MAX];
};

/*
 * Computes the forms of a name (UTF-8, n bytes).  ERR_PARAM_LENGTH: a form does
 * not fit.  ERR_INTERNAL: ICU failed.
 */
enum err name_forms(const char *name, size_t n, struct name_forms *out) MUST_CHECK;

#endif

/*
 * user_text.h: what people write: names, titles, comments, messages.  The only
 * module that speaks ICU.
 *
 * One rule by Unicode properties (UAX #44) for all of them, and one table
 * (user_text.c) of what differs.  A text in which nothing is to be seen, for it is
 * made of blanks, controls, fillers, joiners, marks of direction or combining
 * marks alone, is empty: as if it had not been sent.  A name is held to more: it
 * has nothing that is not seen, and no other name has its forms.
 */
#ifndef DS_WRITING_H
#define DS_WRITING_H

#include <stdint.h>

#include "base/err.h"

enum user_text { USER_TEXT_NAME, USER_TEXT_TITLE, USER_TEXT_COMMENT, USER_TEXT_MESSAGE };

/* The most characters (code points) that it may have. */
int64_t user_text_max(enum user_text kind);

/*
 * May n bytes be such a text?  ERR_PARAM_TEXT: not UTF-8; ERR_PARAM_MISSING:
 * nothing is to be seen; ERR_PARAM_LENGTH; ERR_PARAM_INVALID: a name has
 * blanks at an end, or what is not seen.
 */
enum err user_text_check(enum user_text kind, const char *s, size_t n) MUST_CHECK;

#define NAME_FORM_MAX 1024

/*
 * Names that people would take for each other have a form in common.
 *
 * folded: letters without case, width and style (NFKC_Casefold, UAX #44), each
 * as the letter that it looks like (the skeleton of UTS #39).  "Lin", "LIN" and
 * "ｌｉｎ" share it, and so does "1in".
 * looks: the letters as they are seen, then without case: "Iin" with a capital
 * i is "lin", though it folds to "iin".
 */
struct name_forms {
	char folded[NAME_FORM_MAX], looks[NAME_FORM_MAX];
};

/* The forms of a name (UTF-8, n bytes); ERR_PARAM_LENGTH where one has no room. */
enum err name_forms(const char *name, size_t n, struct name_forms *out) MUST_CHECK;

#endif

/*
 * err.h: the results of a request, as listed in errors.def.
 *
 * A handler returns one of these and never writes an error itself: the
 * dispatcher looks up number, HTTP status and text in the table.
 */
#ifndef DS_ERR_H
#define DS_ERR_H

#include <stddef.h>

#define MUST_CHECK __attribute__((warn_unused_result))

enum err {
#define ERROR(name, ...) ERR_##name,
#include "base/errors.def"
#undef ERROR
	ERR_COUNT
};

enum lang { LANG_EN, LANG_ZH, LANG_COUNT };

struct err_info {
	const char *name;	      /* ERR_..., as in the enum */
	int code;		      /* status_code of the reply */
	int http;		      /* HTTP status */
	const char *text[LANG_COUNT]; /* status_msg; "%s" stands for the detail */
	const char *meaning;	      /* when it occurs, for documents */
};

/* The table's row for e. Never NULL; static. */
const struct err_info *err_info(enum err e);

/* The reason phrase of an HTTP status that the table uses. */
const char *err_http_phrase(int http);

/*
 * Parses an Accept-Language header (RFC 9110, 12.5.4; may be NULL).  The first
 * supported language counts; weights are ignored, because clients list the
 * preferred language first.
 */
enum lang err_language(const char *accept_language, enum lang otherwise);

#endif

/*
 * param.h: parameters of the API: their names (params.def), and the type and
 * bounds that a route declares for one.
 */
#ifndef DS_PARAM_H
#define DS_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum param_id {
	P_NONE, /* ends a list */
#define PARAM(name, ...) P_##name,
#include "http/params.def"
#undef PARAM
	P_END
};

enum param_type {
	PARAM_INT,	 /* min..max is the range of the value */
	PARAM_LENIENT,	 /* an integer; an invalid one counts as absent */
	PARAM_TEXT,	 /* UTF-8; min..max is the range of its length in characters */
	PARAM_USER_TEXT, /* min is its kind (enum user_text) */
	PARAM_FILE,	 /* a part of a multipart body that nginx has stored in a file */
};

struct param {
	enum param_id id;
	enum param_type type;
	bool required;
	int64_t min, max;
	const char *text; /* description, for documents */
};

/* The name in requests.  Never NULL. */
const char *param_name(enum param_id id);

/* An example value for documents; never NULL. */
const char *param_example(enum param_id id);

/* The parameter of this name (n bytes), or P_NONE. */
enum param_id param_find(const char *name, size_t n);

#endif

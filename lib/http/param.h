/* param.h: parameters of the API: names, types and constraints. */
#ifndef DS_PARAM_H
#define DS_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum param_id {
	P_NONE, /* ends a list */
	P_TOKEN,
	P_USERNAME,
	P_PASSWORD,
	P_NEW_PASSWORD,
	P_USER_ID,
	P_TO_USER_ID,
	P_VIDEO_ID,
	P_ACTION_TYPE,
	P_COMMENT_TEXT,
	P_COMMENT_ID,
	P_CONTENT,
	P_TITLE,
	P_DATA,
	P_COVER,
	P_COVER_MS,
	P_LATEST_TIME,
	P_PRE_MSG_TIME,
	P_COUNT,
	P_CURSOR,
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
};

/* The name in requests.  Never NULL. */
const char *param_name(enum param_id id);

/* The parameter with this name (n bytes), or P_NONE. */
enum param_id param_find(const char *name, size_t n);

#endif

/*
 * err.h: every way in which a request can end.
 *
 * One enum, one table (err.c): the number the client sees, the HTTP status
 * and the sentence in each language.  A handler returns one of these and
 * never writes an error itself.
 */
#ifndef DS_ERR_H
#define DS_ERR_H

#include <stddef.h>

#define MUST_CHECK __attribute__((warn_unused_result))

enum err {
	ERR_OK = 0,

	/* The caller's doing. */
	ERR_BAD_REQUEST,
	ERR_NOT_FOUND,
	ERR_METHOD,
	ERR_TOO_LARGE,
	ERR_URI_TOO_LONG,
	ERR_RATE,
	ERR_PARAM_MISSING,
	ERR_PARAM_INVALID,
	ERR_PARAM_TEXT,
	ERR_PARAM_LENGTH,
	ERR_PARAM_RANGE,
	ERR_TOKEN,
	ERR_NAME_TAKEN,
	ERR_LOGIN,
	ERR_PASSWORD,
	ERR_USER_UNKNOWN,
	ERR_VIDEO_UNKNOWN,
	ERR_COMMENT_UNKNOWN,
	ERR_COMMENT_FOREIGN,
	ERR_FOLLOW_SELF,
	ERR_MESSAGE_SELF,
	ERR_NOT_FRIENDS,
	ERR_MULTIPART,
	ERR_FILE_EMPTY,
	ERR_FILE_TYPE,
	ERR_COVER_TYPE,
	ERR_TOO_MANY,
	ERR_NOT_FAILED,
	ERR_FILE_PHOTO,
	ERR_FILE_SOUND,
	ERR_FILE_FORMAT,
	ERR_RETRY_VAIN,
	ERR_QUOTA,

	/* Of the resumable upload protocol, which speaks by HTTP status. */
	ERR_UPLOAD_UNKNOWN,
	ERR_UPLOAD_VERSION,
	ERR_UPLOAD_OFFSET,
	ERR_UPLOAD_TYPE,
	ERR_UPLOAD_LENGTH,
	ERR_UPLOAD_CHECKSUM,
	ERR_UPLOAD_BUSY,
	ERR_UPLOAD_PART,
	ERR_UPLOAD_FINAL,

	/* Ours. */
	ERR_INTERNAL,
	ERR_UNAVAILABLE,
	ERR_DISK_FULL,

	ERR_COUNT
};

enum lang { LANG_EN, LANG_ZH, LANG_COUNT };

struct err_info {
	const char *name;	      /* as in the enum */
	int code;		      /* status_code of the reply */
	int http;		      /* HTTP status */
	const char *text[LANG_COUNT]; /* status_msg; "%s" stands for the detail */
};

/* The table's line for e.  Never NULL; the text is static. */
const struct err_info *err_info(enum err e);

/* The reason phrase of an HTTP status that the table uses. */
const char *err_http_phrase(int http);

/*
 * Reads an Accept-Language header (RFC 9110, 12.5.4; may be NULL).  The first
 * language that we have wins, weights are not compared: clients list the
 * preferred one first.
 */
enum lang err_language(const char *accept_language, enum lang otherwise);

#endif

/*
 * reply.h: the reply to a request: a JSON object that starts with status_code
 * and status_msg.
 */
#ifndef DS_REPLY_H
#define DS_REPLY_H

#include "base/buf.h"
#include "base/err.h"

struct reply {
	struct buf body;
	int http;	    /* HTTP status */
	enum err err;	    /* status_code and status_msg */
	struct buf headers; /* additional header lines, each with its CRLF */
	bool no_body;	    /* only the status is sent */
	const char *type;   /* Content-Type of a body that is not JSON, static; else NULL */
};

/* Adds a header line.  The value must not contain a line break; NULL adds nothing. */
void reply_header(struct reply *out, const char *name, const char *value);

/* Frees the memory. */
void reply_release(struct reply *out);

/* Begins a success; the handler appends keys to the body. */
void reply_begin(struct reply *out, enum lang lang);

/* Completes a success. */
void reply_end(struct reply *out);

/*
 * Replaces the reply by an error.  detail replaces "%s" in the error's text
 * (NULL: nothing).  keys is JSON text: what the endpoint also answers on
 * failure.
 */
void reply_fail(struct reply *out, enum err e, enum lang lang, const char *detail,
		const char *keys);

/* Begins a body of another type than JSON, which the handler appends. */
void reply_begin_type(struct reply *out, const char *type);

/* Begins an error with keys: the handler appends them and returns ERR_OK. */
void reply_begin_error(struct reply *out, enum err e, enum lang lang);

/* Sets an empty reply with this status. */
void reply_status_only(struct reply *out, int http);

#endif

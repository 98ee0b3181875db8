/*
 * reply.h: the answer to a request: a JSON object that starts with
 * status_code and status_msg.
 */
#ifndef DS_REPLY_H
#define DS_REPLY_H

#include "base/buf.h"
#include "base/err.h"

struct reply {
	struct buf body;
	int http;	    /* HTTP status */
	enum err err;	    /* what the base object says */
	struct buf headers; /* more lines for the HTTP header, each with its CRLF */
	bool no_body;	    /* the status says it all: there is no body */
	const char *type;   /* Content-Type of a body that is no JSON, static; else NULL */
};

/* Adds a line to the HTTP header; the value must have no line break.  NULL adds nothing. */
void reply_header(struct reply *out, const char *name, const char *value);

/* Frees. */
void reply_release(struct reply *out);

/* Starts a success; the handler appends its keys to the body. */
void reply_begin(struct reply *out, enum lang lang);

/* Ends a success. */
void reply_end(struct reply *out);

/*
 * Replaces all by a failure.  detail stands where the error's text has "%s"
 * (NULL: nothing); keys is JSON text with what the endpoint always answers.
 */
void reply_fail(struct reply *out, enum err e, enum lang lang, const char *detail,
		const char *keys);

/* Starts the body anew, as another type than JSON; the handler appends all of it. */
void reply_begin_type(struct reply *out, const char *type);

/* Starts the body anew, as a failure; the handler appends its keys and returns ERR_OK. */
void reply_begin_error(struct reply *out, enum err e, enum lang lang);

/* An empty answer with this status. */
void reply_status_only(struct reply *out, int http);

#endif

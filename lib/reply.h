/*
 * reply.h: the answer to a request: a JSON object that starts with
 * status_code and status_msg.
 */
#ifndef DS_REPLY_H
#define DS_REPLY_H

#include "buf.h"
#include "err.h"

struct reply {
	struct buf body;
	int http;	    /* HTTP status */
	enum err err;	    /* what the base object says */
	struct buf headers; /* more lines for the HTTP header, each with its CRLF */
	bool bare;	    /* the status says it all: there is no body */
};

/* Adds a line to the HTTP header; the value must have no line break. */
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

/* An empty answer with this status. */
void reply_bare(struct reply *out, int http);

#endif

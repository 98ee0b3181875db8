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
	int http;	   /* HTTP status */
	const char *allow; /* of a 405: the method to use; else NULL */
};

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

#endif

/*
 * req.h: a request as a handler sees it: typed, checked parameters, a known
 * viewer, and the connections it may use.
 *
 * All pointers are borrowed and good until the reply is sent.
 */
#ifndef DS_REQ_H
#define DS_REQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "data/cache.h"
#include "data/db.h"
#include "http/auth.h"
#include "http/multipart.h"
#include "http/param.h"

struct value {
	const char *text; /* NULL: absent.  Decoded, NUL behind it */
	size_t len;
	int64_t number; /* of an integer */
	int64_t offset; /* of a file: where it starts in the body */
	int64_t size;	/* of a file, in bytes */
};

/*
 * What a handler wants from the cache and knows before it runs: looked up in
 * the round trip that checks the viewer.
 */
struct prefetch {
	struct cache_item item; /* key.kind is KEY_NONE: none */
	struct cache_item set;	/* the same; a viewer_set, or what a device has seen of a chat */
};

struct req {
	/* The worker's, for the request to use. */
	const struct conf *conf;
	const struct auth *auth;
	struct db *db;
	struct cache *cache;
	struct arena *arena;
	struct timing *timing; /* or NULL */

	/* From the web server; "" where it sent nothing. */
	char *const *env;
	const char *method, *path, *query, *content_type, *scheme, *host, *body_file;
	const char *rest; /* of the path, where the route ends in a star */
	int64_t content_length;
	enum lang lang;

	int64_t viewer;	       /* the token's user, 0 for nobody */
	int64_t token_version; /* that the token names */
	int64_t device;	       /* the same; 0 where it names none */
	struct prefetch prefetch;
	struct rate_limit limit; /* asked for in the same round trip */
	struct value values[P_END];
	const char *detail; /* what an error is about: a field's name; or NULL */
};

/*
 * Starts a request from FastCGI parameters ("NAME=value", NULL at the end),
 * which must stay as they are until its end.  The worker's fields are left.
 */
void req_begin(struct req *r, char *const *env);

/* A FastCGI parameter by its name, as in "HTTP_UPLOAD_OFFSET"; "" if it was not sent. */
const char *req_header(const struct req *r, const char *name);

/* The token of "Authorization: Bearer TOKEN" (RFC 6750, 2.1); NULL if there is none. */
const char *req_bearer(const struct req *r);

/* Takes parameters from a query or form text; those already there stay. */
enum err req_take_form(struct req *r, const char *text, size_t n) MUST_CHECK;

/* Takes parameters from a multipart body; those already there stay. */
enum err req_take_multipart(struct req *r, const struct body *b) MUST_CHECK;

/* Checks a parameter against what the route asks, and makes it typed. */
enum err req_check(struct req *r, const struct param *p) MUST_CHECK;

/* e, with the parameter's name as its detail. */
enum err req_error_param(struct req *r, enum err e, enum param_id id) MUST_CHECK;

/* e, with a detail made as by printf(); without one when memory is out. */
enum err req_error_detail(struct req *r, enum err e, const char *format, ...)
    __attribute__((format(printf, 3, 4))) MUST_CHECK;

/* ERR_RATE: it may be asked again after so many seconds, which is its detail. */
enum err req_error_rate(struct req *r, int64_t seconds) MUST_CHECK;

/* ERR_PARAM_MISSING unless it is there: for what only some requests need. */
enum err req_require(struct req *r, enum param_id id) MUST_CHECK;

static inline bool
req_has(const struct req *r, enum param_id id)
{
	return r->values[id].text != NULL;
}

/* An integer parameter's value, or otherwise if it was not sent. */
static inline int64_t
req_int(const struct req *r, enum param_id id, int64_t otherwise)
{
	return req_has(r, id) ? r->values[id].number : otherwise;
}

/* A text parameter as an argument of a statement. */
static inline struct db_arg
req_text(const struct req *r, enum param_id id)
{
	return db_text(r->values[id].text, r->values[id].len);
}

/* What absolute URLs start with, as in "http://10.0.0.7:8080"; in the arena. */
const char *req_base_url(const struct req *r);

#endif

/*
 * req.h: a request as its handler sees it: typed and checked parameters, a
 * known viewer, and the connections.
 *
 * All pointers are borrowed and valid until the reply is sent.
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
	const char *text; /* decoded, NUL-terminated; NULL: absent */
	size_t len;
	int64_t number; /* value of an integer */
	int64_t offset; /* position of a file in the body */
	int64_t size;	/* size of a file in bytes */
};

/*
 * Cache items that a handler needs and that are known before it runs.  They are
 * looked up in the same round trip as the viewer's token version.
 */
struct prefetch {
	struct cache_item item; /* KEY_NONE: nothing */
	struct cache_item set;	/* the same; a viewer_set, or what a device has seen of a chat */
};

struct req {
	/* Of the worker. */
	const struct conf *conf;
	const struct auth *auth;
	struct db *db;
	struct cache *cache;
	struct arena *arena;
	struct timing *timing; /* or NULL */

	/* From nginx; "" if absent. */
	char *const *env;
	const char *method, *path, *query, *content_type, *scheme, *host, *body_file;
	const char *rest; /* of the path, for routes that end in * */
	int64_t content_length;
	enum lang lang;

	int64_t viewer;	       /* user id of the token; 0: not logged in */
	int64_t token_version; /* claimed by the token */
	int64_t device;	       /* claimed by the token; 0: none */
	struct prefetch prefetch;
	struct rate_limit limit; /* checked in the same round trip */
	struct value values[P_END];
	const char *detail; /* replaces %s in an error's text; or NULL */
};

/*
 * Begins a request from FastCGI parameters ("NAME=value", terminated by NULL),
 * which must not change before it ends.  Does not touch the worker's fields.
 */
void req_begin(struct req *r, char *const *env);

/* A FastCGI parameter such as "HTTP_UPLOAD_OFFSET"; "" if absent. */
const char *req_header(const struct req *r, const char *name);

/* The token of "Authorization: Bearer TOKEN" (RFC 6750, 2.1); NULL if absent. */
const char *req_bearer(const struct req *r);

/* Adds parameters from a query or form.  Those already present are kept. */
enum err req_take_form(struct req *r, const char *text, size_t n) MUST_CHECK;

/* Adds parameters from a multipart body.  Those already present are kept. */
enum err req_take_multipart(struct req *r, const struct body *b) MUST_CHECK;

/* Checks a parameter against the route's constraints and converts it. */
enum err req_check(struct req *r, const struct param *p) MUST_CHECK;

/* Returns e; its detail is the parameter's name. */
enum err req_error_param(struct req *r, enum err e, enum param_id id) MUST_CHECK;

/* Returns e with a detail formatted as by printf(), or without one if memory is out. */
enum err req_error_detail(struct req *r, enum err e, const char *format, ...)
    __attribute__((format(printf, 3, 4))) MUST_CHECK;

/* Returns ERR_RATE; its detail is the time in seconds after which to retry. */
enum err req_error_rate(struct req *r, int64_t seconds) MUST_CHECK;

/* ERR_PARAM_MISSING if the parameter is absent.  For parameters that only some requests need. */
enum err req_require(struct req *r, enum param_id id) MUST_CHECK;

static inline bool
req_has(const struct req *r, enum param_id id)
{
	return r->values[id].text != NULL;
}

/* The value of an integer parameter, or otherwise if it is absent. */
static inline int64_t
req_int(const struct req *r, enum param_id id, int64_t otherwise)
{
	return req_has(r, id) ? r->values[id].number : otherwise;
}

/* A text parameter as a statement's argument. */
static inline struct db_arg
req_text(const struct req *r, enum param_id id)
{
	return db_text(r->values[id].text, r->values[id].len);
}

/* The start of absolute URLs, such as "http://10.0.0.7:8080"; in the arena. */
const char *req_base_url(const struct req *r);

#endif

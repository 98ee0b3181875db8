/*
 * routes.h: the table of endpoints, as listed in routes.def.
 */
#ifndef DS_ROUTES_H
#define DS_ROUTES_H

#include "http/reply.h"
#include "http/req.h"

#define ROUTE_MAX_PARAMS 5
#define ROUTE_MAX_ERRORS 11

/* Who may call.  The zero value is the strictest: fail closed. */
enum access {
	ACCESS_LOGIN = 0, /* a valid token */
	ACCESS_OPTIONAL,  /* anybody; a valid token changes the reply */
	ACCESS_OPEN,	  /* anybody; tokens are ignored */
};

typedef enum err handler(struct req *r, struct reply *out);

/*
 * Names in r->prefetch what the handler will read from the cache, so that it
 * comes with the token's version.  Parameters are checked; r->viewer is the
 * token's, whose version is not checked yet.
 */
typedef void prefetcher(struct req *r);

/*
 * The API of the app reports failures by status_code, with HTTP status 200.
 * tus reports them by HTTP status; its bodies are not forms, and each reply
 * has the header Tus-Resumable.
 */
enum protocol { PROTO_JSON = 0, PROTO_TUS };

#define TUS_VERSION "1.0.0"

struct reply_form {
	const char *schema; /* in static/openapi.yaml; "": not JSON */
	const char *keys;   /* besides status_code and status_msg, blanks between */
	const char *empty;  /* those of a failure, as JSON members */
};

struct route {
	const char *method, *path; /* a path may end in a star */
	enum access access;
	enum protocol protocol;
	handler *handle;
	prefetcher *prefetch; /* or NULL */
	const struct reply_form *reply;
	struct param params[ROUTE_MAX_PARAMS];
	bool unlimited, local, internal;
	const char *pool, *limit, *cached;     /* for nginx */
	const char *tag, *id, *summary, *form; /* for documents */
	enum err errors[ROUTE_MAX_ERRORS + 1]; /* likewise; ends with ERR_OK */
};

extern const struct route routes[];
extern const size_t route_count;

/*
 * The route of a path (with or without its last slash) and a method.  HEAD falls
 * back to GET.  If only the path matches: the first route of the path; if nothing
 * matches: NULL.  *rest: the part of the path that the star matches.
 */
const struct route *route_find(const char *path, const char *method, const char **rest);

/* Hash of this table and that of errors, whose indices metrics are counted by. */
uint64_t routes_labels(void);

/* True if the route handles this method. */
bool route_answers(const struct route *route, const char *method);

/* True if rate_write counts it: a change by the viewer. */
bool route_counts(const struct route *route);

/* Appends the methods of the route's path, as for an Allow header. */
void route_methods(const struct route *route, struct buf *out);

#endif

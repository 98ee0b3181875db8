/*
 * routes.h: the table of endpoints.
 */
#ifndef DS_ROUTES_H
#define DS_ROUTES_H

#include "http/reply.h"
#include "http/req.h"

#define ROUTE_MAX_PARAMS 5

/* Who may call.  Closed by default: a line that says nothing needs a login. */
enum access {
	ACCESS_LOGIN = 0, /* a valid token */
	ACCESS_OPTIONAL,  /* anybody; a valid token makes a difference */
	ACCESS_OPEN,	  /* anybody; tokens are not looked at */
};

typedef enum err handler(struct req *r, struct reply *out);

/* Says in r->prefetch what the handler will want; parameters are checked, r->viewer claims to be.
 */
typedef void warmer(struct req *r);

/*
 * How a route speaks.  The API of the app says everything by status_code, with
 * HTTP status 200; tus says it by HTTP status, its bodies are not forms, and
 * each of its answers names the version.
 */
enum manner { SPEAKS_APP = 0, SPEAKS_TUS };

#define TUS_VERSION "1.0.0"

struct route {
	const char *method, *path; /* a path may end in a star */
	enum access access;
	handler *handle;
	const char *keys;		       /* what a failure still answers, as JSON text */
	struct param params[ROUTE_MAX_PARAMS]; /* besides the token */
	enum manner manner;
	warmer *warm;	/* or NULL */
	bool unlimited; /* a change that rate_write does not count */
	bool inside;	/* only nginx asks; no document describes it */
};

extern const struct route routes[];
extern const size_t route_count;

/*
 * The route of a path (with or without its last slash) and a method; HEAD is
 * GET where there is no line for it.  Where only the method does not fit, the
 * path's first line; where nothing does, NULL.  *rest is what the star stands
 * for.
 */
const struct route *route_find(const char *path, const char *method, const char **rest);

/* Tells this table, and that of errors, from any other: what metrics are counted by. */
uint64_t routes_labels(void);

/* Does the route answer this method? */
bool route_answers(const struct route *route, const char *method);

/* Does it change something of the viewer's, so that rate_write counts it? */
bool route_counts(const struct route *route);

/* Appends the methods of the route's path, as for an Allow header. */
void route_methods(const struct route *route, struct buf *out);

#endif

/*
 * routes.h: the table of endpoints.
 */
#ifndef DS_ROUTES_H
#define DS_ROUTES_H

#include "reply.h"
#include "req.h"

#define ROUTE_MAX_PARAMS 5

/* Who may call.  Closed by default: a line that says nothing needs a login. */
enum access {
	ACCESS_LOGIN = 0, /* a valid token */
	ACCESS_OPTIONAL,  /* anybody; a valid token makes a difference */
	ACCESS_OPEN,	  /* anybody; tokens are not looked at */
};

typedef enum err handler(struct req *r, struct reply *out);

struct route {
	const char *method, *path;
	enum access access;
	handler *handle;
	const char *keys;		       /* what a failure still answers, as JSON text */
	struct param params[ROUTE_MAX_PARAMS]; /* besides the token */
};

extern const struct route routes[];
extern const size_t route_count;

/* The route of a path, with or without its last slash; or NULL. */
const struct route *route_find(const char *path);

#endif

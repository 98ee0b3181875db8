/*
 * dispatch.h: answers a request: finds the route, checks access and parameters,
 * runs the handler, completes the reply.
 */
#ifndef DS_DISPATCH_H
#define DS_DISPATCH_H

#include "http/reply.h"
#include "http/req.h"

/* Reads up to n bytes of the body into out; returns their number. */
typedef size_t body_reader(void *from, char *out, size_t n);

/*
 * r has the worker's fields set; env is as in req_begin().  The reply is
 * complete afterwards, also after any failure.
 */
void dispatch(struct req *r, char *const *env, body_reader *reader, void *from, struct reply *out);

#endif

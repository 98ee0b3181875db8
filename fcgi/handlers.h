/*
 * handlers.h: the functions that the route table calls.
 *
 * A handler appends its keys to the reply and returns ERR_OK, or returns an
 * error and leaves the reply to the dispatcher.
 */
#ifndef DS_HANDLERS_H
#define DS_HANDLERS_H

#include "routes.h"

/* The handlers of all routes. */
#define PARAMS(...)
#define ERRORS(...)
#define ROUTE(method, path, access, function, ...) handler function;
#include "routes.def"
#undef ROUTE
#undef ERRORS
#undef PARAMS

prefetcher feed_prefetch, user_prefetch, comment_prefetch, comment_act_prefetch, message_prefetch;

#endif

/* tell.h: what becomes known of a request that has been answered. */
#ifndef DS_TELL_H
#define DS_TELL_H

#include "base/conf.h"
#include "http/reply.h"
#include "obs/spans.h"
#include "obs/timing.h"

/*
 * Counts the request, and logs it: as a warning when it was slow (slow_ms) or the server is at
 * fault, else only at the level debug, so that a usual one costs no system call.
 * Its spans go to the exporter, if there is an endpoint for them.  Ends the work that the timing
 * has been at.
 */
void tell(struct timing *m, struct spans *spans, const struct conf *conf, const struct reply *out);

#endif

/* access_log.h: counters, log line and spans of a finished request. */
#ifndef DS_ACCESS_LOG_H
#define DS_ACCESS_LOG_H

#include "base/conf.h"
#include "http/reply.h"
#include "obs/spans.h"
#include "obs/timing.h"

/*
 * Counts the request and logs it: as a warning if it was slow (slow_ms) or failed with HTTP 5xx,
 * else at level debug, so that an ordinary request costs no system call.  Sends its spans to the
 * exporter if traces are enabled.  Ends the request in m.
 */
void request_finished(struct timing *m, struct spans *spans, const struct conf *conf,
		      const struct reply *out);

#endif

/* timing.c: see timing.h. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "obs/timing.h"

void
timing_start(struct timing *m)
{
	m->method = m->route = NULL;
	m->env = NULL;
	m->viewer = 0;
	m->trace.id[0] = m->request_id[0] = '\0';
	memset(m->us, 0, sizeof(m->us));
	memset(m->trips, 0, sizeof(m->trips));
	m->n_steps = 0;
	m->start_us = time_monotonic_us();
}

bool
timing_open_metrics(struct timing *m, const char *home, const char *otherwise, uint64_t labels)
{
	const char *service = getenv("DOUSHENG_SERVICE");

	m->metrics = metrics_open(home, service == NULL ? otherwise : service, labels);
	if (m->metrics == NULL)
		return false;
	m->slot = metrics_slot(m->metrics);
	return true;
}

void
timing_step(struct timing *m, enum timing_part part, const char *name, unsigned int count,
	    int64_t since, bool failed)
{
	int64_t us;

	if (m == NULL)
		return;
	us = time_monotonic_us() - since;
	m->us[part] += us;
	m->trips[part]++;
	if (m->n_steps < TIMING_STEPS)
		m->steps[m->n_steps] = (struct timing_step){
			name, since - m->start_us, us, (uint16_t)count, (uint8_t)part, failed
		};
	m->n_steps++;
	if (m->slot == NULL || part == TIMING_PROGRAM)
		return;
	timing_count(m, part == TIMING_DATABASE ? METRIC_DATABASE_TRIPS : METRIC_CACHE_TRIPS, 1);
	timing_count(m, part == TIMING_DATABASE ? METRIC_DATABASE_US : METRIC_CACHE_US,
		     (uint64_t)us);
	if (failed && part == TIMING_DATABASE)
		timing_count(m, METRIC_DATABASE_ERRORS, 1);
}

/*
 * An untrusted traceparent decides which trace the request belongs to, but not
 * whether it is sampled: that is decided by our own request id, which the
 * caller cannot choose.
 */
static void
find_trace(struct timing *m, const char *traceparent, const char *request_id, bool trusted)
{
	bool known;

	if (trace_is_id(request_id))
		memcpy(m->request_id, request_id, sizeof(m->request_id));
	else
		trace_new_id(&m->random, m->request_id);
	known = trace_read(&m->trace, traceparent);
	if (!known) {
		memcpy(m->trace.id, m->request_id, sizeof(m->trace.id));
		m->trace.parent[0] = '\0';
	}
	if (!known || !trusted)
		m->trace.sampled =
		    m->tracing && trace_sampled_by_id(m->request_id, m->trace_percent);
	trace_new_span(&m->random, m->trace.span);
}

const struct trace *
timing_trace(struct timing *m)
{
	if (m->trace.id[0] == '\0')
		find_trace(m, env_value(m->env, "HTTP_TRACEPARENT"),
			   env_value(m->env, "REQUEST_ID"),
			   env_value(m->env, "TRACE_TRUSTED")[0] != '\0');
	return &m->trace;
}

void
timing_continue_trace(struct timing *m, const char *traceparent)
{
	find_trace(m, traceparent, "", true);
	m->request_id[0] = '\0'; /* there is no request */
}

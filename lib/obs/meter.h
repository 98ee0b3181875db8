/*
 * meter.h: what a request, or a job's piece of work, is and where its time
 * goes.  Logs, metrics and traces are made from it.
 *
 * A process has one, which is started anew for each piece of work.  It is
 * written by data/db, data/redis and media/sandbox as they work, without a lock, an
 * allocation or a system call.
 */
#ifndef DS_METER_H
#define DS_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "obs/metrics.h"
#include "obs/trace.h"

#define METER_STEPS 48 /* more are counted, but not told one by one */

enum meter_part { METER_DATABASE, METER_CACHE, METER_PROGRAM, METER_PARTS };

/* A round trip to a server, or a program that was run. */
struct meter_step {
	const char *name; /* a statement, the first command of a pipeline, a program; static */
	int64_t at_us;	  /* since the start */
	int64_t us;	  /* a transcoder's program may work for a day */
	uint16_t count;	  /* commands in the pipeline, else 1 */
	uint8_t part;
	bool failed;
};

struct meter {
	/* Of the work at hand; NULL, 0 or "" where it has none. */
	const char *method, *route; /* of a request; borrowed */
	unsigned int route_number;
	char *const *env; /* its FastCGI parameters: ids are looked up when needed */
	int64_t viewer;
	struct trace trace; /* call meter_trace() before */
	char request_id[TRACE_ID_LEN + 1];

	int64_t start_us; /* by time_monotonic_us() */
	int64_t us[METER_PARTS];
	uint32_t trips[METER_PARTS];
	size_t n_steps; /* may be more than there are */
	struct meter_step steps[METER_STEPS];

	struct metrics_slot *slot; /* where it is counted; NULL: nowhere */
	struct metrics *metrics;   /* of all processes, to be read; or NULL */
	uint64_t random; /* for ids, see trace.h; kept from one piece of work to the next */
	bool tracing;	 /* own traces are recorded; the same */
	unsigned int trace_percent; /* so many of them */
};

/* Starts anew, with nothing known about the work. */
void meter_start(struct meter *m);

/*
 * Counts from now on in the memory that all share (metrics.h); the service is
 * what DOUSHENG_SERVICE says, or otherwise.  False with errno set: nothing is
 * counted, which is no reason to stop.
 */
bool meter_share(struct meter *m, const char *home, const char *otherwise,
		 uint64_t labels) MUST_CHECK;

/* A step that began at since, by time_monotonic_us(), and ends now.  Accepts NULL. */
void meter_step(struct meter *m, enum meter_part part, const char *name, unsigned int count,
		int64_t since, bool failed);

/*
 * The work's place in a trace.  For a request: what its traceparent says, else
 * a new trace, whose id is the request's.  Whether it is recorded says only a
 * traceparent that nginx trusts (TRACE_TRUSTED).  Found at the first call.
 */
const struct trace *meter_trace(struct meter *m);

/* Continues the trace of a header that was kept for us; a bad one starts a new trace. */
void meter_continue(struct meter *m, const char *traceparent);

/* What a request is, as soon as it is known.  Accept NULL. */
static inline void
meter_about(struct meter *m, char *const *env, const char *method, const char *route,
	    unsigned int number)
{
	if (m == NULL)
		return;
	m->env = env;
	m->method = method;
	m->route = route;
	m->route_number = number;
}

static inline void
meter_viewer(struct meter *m, int64_t viewer)
{
	if (m != NULL)
		m->viewer = viewer;
}

/* Accept NULL, and a meter without a slot. */
static inline void
meter_count(struct meter *m, enum metric what, uint64_t n)
{
	if (m != NULL && m->slot != NULL)
		metrics_add(&m->slot->counters[what], n);
}

static inline void
meter_lookup(struct meter *m, enum key_kind kind, bool found)
{
	if (m != NULL && m->slot != NULL)
		metrics_add(&m->slot->lookups[kind][found], 1);
}

static inline void
meter_busy(struct meter *m, bool busy)
{
	if (m->slot != NULL)
		__atomic_store_n(&m->slot->busy, busy, __ATOMIC_RELAXED);
}

static inline size_t
meter_steps(const struct meter *m)
{
	return m->n_steps < METER_STEPS ? m->n_steps : METER_STEPS;
}

#endif

/*
 * timing.h: what a request, or a job's piece of work, is and where its time
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

#define TIMING_STEPS 48 /* more are counted, but not told one by one */

enum timing_part { TIMING_DATABASE, TIMING_CACHE, TIMING_PROGRAM, TIMING_PARTS };

/* A round trip to a server, or a program that was run. */
struct timing_step {
	const char *name; /* a statement, the first command of a pipeline, a program; static */
	int64_t at_us;	  /* since the start */
	int64_t us;	  /* a transcoder's program may work for a day */
	uint16_t count;	  /* commands in the pipeline, else 1 */
	uint8_t part;
	bool failed;
};

struct timing {
	/* Of the work at hand; NULL, 0 or "" where it has none. */
	const char *method, *route; /* of a request; borrowed */
	unsigned int route_number;
	char *const *env; /* its FastCGI parameters: ids are looked up when needed */
	int64_t viewer;
	struct trace trace; /* call timing_trace() before */
	char request_id[TRACE_ID_LEN + 1];

	int64_t start_us; /* by time_monotonic_us() */
	int64_t us[TIMING_PARTS];
	uint32_t trips[TIMING_PARTS];
	size_t n_steps; /* may be more than there are */
	struct timing_step steps[TIMING_STEPS];

	struct metrics_slot *slot; /* where it is counted; NULL: nowhere */
	struct metrics *metrics;   /* of all processes, to be read; or NULL */
	uint64_t random; /* for ids, see trace.h; kept from one piece of work to the next */
	bool tracing;	 /* own traces are recorded; the same */
	unsigned int trace_percent; /* so many of them */
};

/* Starts anew, with nothing known about the work. */
void timing_start(struct timing *m);

/*
 * Counts from now on in the memory that all share (metrics.h); the service is
 * what DOUSHENG_SERVICE says, or otherwise.  False with errno set: nothing is
 * counted, which is no reason to stop.
 */
bool timing_open_metrics(struct timing *m, const char *home, const char *otherwise,
			 uint64_t labels) MUST_CHECK;

/* A step that began at since, by time_monotonic_us(), and ends now.  Accepts NULL. */
void timing_step(struct timing *m, enum timing_part part, const char *name, unsigned int count,
		 int64_t since, bool failed);

/*
 * The work's place in a trace.  For a request: what its traceparent says, else
 * a new trace, whose id is the request's.  Whether it is recorded says only a
 * traceparent that nginx trusts (TRACE_TRUSTED).  Found at the first call.
 */
const struct trace *timing_trace(struct timing *m);

/* Continues the trace of a header that was kept for us; a bad one starts a new trace. */
void timing_continue_trace(struct timing *m, const char *traceparent);

/* What a request is, as soon as it is known.  Accept NULL. */
static inline void
timing_set_route(struct timing *m, char *const *env, const char *method, const char *route,
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
timing_set_viewer(struct timing *m, int64_t viewer)
{
	if (m != NULL)
		m->viewer = viewer;
}

/* Accept NULL, and a timing without a slot. */
static inline void
timing_count(struct timing *m, enum metric what, uint64_t n)
{
	if (m != NULL && m->slot != NULL)
		metrics_add(&m->slot->counters[what], n);
}

static inline void
timing_count_lookup(struct timing *m, enum key_kind kind, bool found)
{
	if (m != NULL && m->slot != NULL)
		metrics_add(&m->slot->lookups[kind][found], 1);
}

static inline void
timing_set_busy(struct timing *m, bool busy)
{
	if (m->slot != NULL)
		__atomic_store_n(&m->slot->busy, busy, __ATOMIC_RELAXED);
}

static inline size_t
timing_steps(const struct timing *m)
{
	return m->n_steps < TIMING_STEPS ? m->n_steps : TIMING_STEPS;
}

#endif

/*
 * timing.h: the current request or job, and where its time goes.  Logs, metrics
 * and traces are made from it.
 *
 * A process has one struct timing and restarts it for each request or job.
 * data/db, data/redis and media/sandbox add steps to it, without locks,
 * allocations or system calls (400 of the 88,600 instructions of a cached user
 * request).
 */
#ifndef DS_TIMING_H
#define DS_TIMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "obs/metrics.h"
#include "obs/trace.h"

#define TIMING_STEPS 48 /* further steps are counted only */

enum timing_part { TIMING_DATABASE, TIMING_CACHE, TIMING_PROGRAM, TIMING_PARTS };

/* A round trip to a server, or one run of a program. */
struct timing_step {
	const char *name; /* a statement, the first command of a pipeline, or a program; static */
	int64_t at_us;	  /* from the start of the work */
	int64_t us;	  /* 64 bits: ffmpeg may run for hours */
	uint16_t count;	  /* commands in the pipeline, else 1 */
	uint8_t part;
	bool failed;
};

struct timing {
	/* The current work; NULL, 0 or "" where not applicable. */
	const char *method, *route; /* of a request; borrowed */
	unsigned int route_number;
	char *const *env; /* FastCGI parameters; ids are looked up when first needed */
	int64_t viewer;
	struct trace trace; /* valid after timing_trace() */
	char request_id[TRACE_ID_LEN + 1];

	int64_t start_us; /* by time_monotonic_us() */
	int64_t us[TIMING_PARTS];
	uint32_t trips[TIMING_PARTS];
	size_t n_steps; /* may exceed TIMING_STEPS */
	struct timing_step steps[TIMING_STEPS];

	struct metrics_slot *slot;  /* counters of this process; NULL: no counting */
	struct metrics *metrics;    /* counters of all processes, for reading; or NULL */
	uint64_t random;	    /* state of trace.h's generator; survives timing_start() */
	bool tracing;		    /* new traces are sampled; survives timing_start() */
	unsigned int trace_percent; /* share of new traces that are sampled */
};

/* Resets everything that belongs to the previous work. */
void timing_start(struct timing *m);

/*
 * Attaches the shared counters (metrics.h).  The service is DOUSHENG_SERVICE
 * from the environment, else otherwise.  False with errno set: nothing is
 * counted; the program can run without.
 */
bool timing_open_metrics(struct timing *m, const char *home, const char *otherwise,
			 uint64_t labels) MUST_CHECK;

/* Records a step that began at since (time_monotonic_us()) and ends now.  Accepts NULL. */
void timing_step(struct timing *m, enum timing_part part, const char *name, unsigned int count,
		 int64_t since, bool failed);

/*
 * The trace context of the work.  A request continues the trace of its
 * traceparent header, or starts one whose id is the request's.  Only a header
 * that nginx trusts (TRACE_TRUSTED) decides whether the trace is sampled.
 * Computed at the first call.
 */
const struct trace *timing_trace(struct timing *m);

/* Continues the trace of a stored traceparent; an invalid one starts a new trace. */
void timing_continue_trace(struct timing *m, const char *traceparent);

/* Set what is known about the request.  Accept NULL. */
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

/* Count an event.  Accept NULL and a timing without a slot. */
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

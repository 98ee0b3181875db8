/*
 * metrics.h: counters in memory shared by all processes of an instance.
 *
 * Each process maps the file run/shared/metrics.  It owns one slot and is the
 * only writer there, so counting needs no lock and no system call.  Ownership
 * is a lock on a byte of the file, which the kernel releases however the
 * process ends.  The slot keeps its values, and the next process of the same
 * service continues with them: counters never decrease.
 */
#ifndef DS_METRICS_H
#define DS_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/keys.h"

#define METRICS_SLOTS 128
#define METRICS_ROUTES 40 /* the last one counts unknown paths */
#define METRICS_CODES 64
#define METRICS_BUCKETS 17 /* the last one has no upper bound */
#define METRICS_NAME 16

enum metric {
	METRIC_STARTS,
	METRIC_DATABASE_TRIPS,
	METRIC_DATABASE_US,
	METRIC_DATABASE_ERRORS,
	METRIC_DATABASE_CONNECTS,
	METRIC_CACHE_TRIPS,
	METRIC_CACHE_US,
	METRIC_CACHE_ERRORS,
	METRIC_CACHE_CONNECTS,
	METRIC_CACHE_REFUSALS,
	METRIC_UPLOAD_BYTES,
	METRIC_VIDEOS_READY,
	METRIC_VIDEOS_FAILED,
	METRIC_VIDEOS_LATER,
	METRIC_SPANS_SENT,
	METRIC_SPANS_DROPPED,
	METRIC_COUNT
};

/* The counters of one process.  Other processes read them at any time. */
struct metrics_slot {
	char service[METRICS_NAME];
	uint64_t labels; /* identifies the numbering of routes and codes; 0: none */
	uint64_t busy;	 /* 1 while it works on a request or job */
	uint64_t counters[METRIC_COUNT];
	uint64_t lookups[KEY_KINDS][2]; /* cache lookups by kind: misses, hits */
	uint64_t requests[METRICS_ROUTES][METRICS_CODES];
	uint64_t buckets[METRICS_ROUTES][METRICS_BUCKETS];
	uint64_t sum_us[METRICS_ROUTES];
} __attribute__((aligned(4096))); /* page-aligned, so that a process can map its own slot only */

_Static_assert((int)ERR_COUNT <= METRICS_CODES, "an error has no counter");

/* Upper bounds of the buckets in microseconds; there are METRICS_BUCKETS - 1. */
extern const uint32_t metrics_bounds[];

struct metrics;

/*
 * Maps the file below home, creates it if it is missing or has another shape,
 * and takes a slot for the service.  If the slot has other labels, its counts
 * by route and code are reset.  Only METRICS_NAME - 1 characters of service are
 * used.  NULL with errno set on failure.
 */
struct metrics *metrics_open(const char *home, const char *service, uint64_t labels);

/* Releases the slot.  Accepts NULL. */
void metrics_close(struct metrics *m);

/* The slot of this process. */
struct metrics_slot *metrics_slot(struct metrics *m);

/* Reading: slot i, or NULL if it was never used; and whether its process is alive. */
const struct metrics_slot *metrics_read_slot(struct metrics *m, size_t i);
bool metrics_slot_alive(const struct metrics *m, size_t i);

/* There is one writer, so load and store need not be one atomic operation. */
static inline void
metrics_add(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

static inline uint64_t
metrics_get(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

/* Counts a finished request. */
static inline void
metrics_request(struct metrics_slot *s, unsigned int route, enum err code, uint64_t us)
{
	size_t i = 0;

	while (i < METRICS_BUCKETS - 1 && us > metrics_bounds[i])
		i++;
	metrics_add(&s->requests[route][code], 1);
	metrics_add(&s->buckets[route][i], 1);
	metrics_add(&s->sum_us[route], us);
}

#endif

/*
 * metrics.h: counters in memory that all processes of an instance share.
 *
 * The file run/shared/metrics is mapped by each.  A process owns a slot of it
 * and alone writes there, so that counting takes no lock and no system call.
 * It owns the slot by a lock on a byte of the file, which the kernel lets go
 * when the process ends in whatever way; the slot keeps its sums then, and the
 * next process of the same service goes on with them: no counter falls.
 */
#ifndef DS_METRICS_H
#define DS_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/keys.h"

#define METRICS_SLOTS 128
#define METRICS_ROUTES 40 /* the last one is for paths that are none */
#define METRICS_CODES 64
#define METRICS_BUCKETS 17 /* the last one has no bound */
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

/* What a process has counted.  Read by others at any time. */
struct metrics_slot {
	char service[METRICS_NAME];
	uint64_t labels; /* what numbers of routes and codes mean; 0: has none */
	uint64_t busy;	 /* 1 while it works, if it lives */
	uint64_t counters[METRIC_COUNT];
	uint64_t lookups[KEY_KINDS][2]; /* by kind: missed, found */
	uint64_t requests[METRICS_ROUTES][METRICS_CODES];
	uint64_t buckets[METRICS_ROUTES][METRICS_BUCKETS];
	uint64_t sum_us[METRICS_ROUTES];
} __attribute__((aligned(4096))); /* so that a process maps its own alone */

_Static_assert((int)ERR_COUNT <= METRICS_CODES, "an error has no counter");

/* Upper bounds of the buckets in microseconds, METRICS_BUCKETS - 1 of them. */
extern const uint32_t metrics_bounds[];

struct metrics;

/*
 * Maps home's file, which is made where there is none or one of another shape,
 * and takes a slot for the service.  What a slot counted by route or code with
 * other labels is forgotten.  Of the service's name METRICS_NAME - 1 characters
 * count.  NULL with errno set if it cannot be had.
 */
struct metrics *metrics_open(const char *home, const char *service, uint64_t labels);

/* Gives the slot to the next.  Accepts NULL. */
void metrics_close(struct metrics *m);

/* Ours. */
struct metrics_slot *metrics_slot(struct metrics *m);

/* To read: slot i, or NULL if it was never used; and whether its process lives. */
const struct metrics_slot *metrics_read_slot(struct metrics *m, size_t i);
bool metrics_slot_alive(const struct metrics *m, size_t i);

/* One writer, many readers: a plain addition that is never seen in halves. */
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

/* A request that was answered. */
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

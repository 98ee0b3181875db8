/*
 * lost_invalidations.h: counts cache invalidations that Redis did not receive,
 * for all processes of an instance.
 *
 * A worker that has waited for an unresponsive Redis does not wait again for
 * each change.  Others could still read the old copies as soon as Redis answers
 * them.  So the worker counts the lost invalidation here before it replies, and
 * the next reader, in any process, first starts a new epoch.
 *
 * The file run/shared/debts is shared memory with two numbers: how many
 * invalidations were lost, and how many of them a later epoch has settled.
 */
#ifndef DS_LOST_INVALIDATIONS_H
#define DS_LOST_INVALIDATIONS_H

#include <stdbool.h>
#include <stdint.h>

struct lost_invalidations_count {
	uint64_t total, settled;
};

struct lost_invalidations {
	struct lost_invalidations_count *count; /* shared; own if the mapping failed */
	struct lost_invalidations_count own;	/* of this process only */
};

/* home is the instance's folder.  Never fails: without the file each process counts for itself. */
void lost_invalidations_open(struct lost_invalidations *d, const char *home);
void lost_invalidations_close(struct lost_invalidations *d);

/* An invalidation was lost. */
void lost_invalidations_add(struct lost_invalidations *d);

/* How many were lost so far. */
uint64_t lost_invalidations_total(const struct lost_invalidations *d);

/* Was one lost after the last epoch started? */
bool lost_invalidations_pending(const struct lost_invalidations *d);

/* An epoch has started after lost_invalidations_total() returned lost. */
void lost_invalidations_settle(struct lost_invalidations *d, uint64_t lost);

#endif

/*
 * lost_invalidations.h: deletions from the cache that could not be delivered, as all
 * processes of an instance know them.
 *
 * A worker that has waited for a silent Redis does not wait again for each
 * change.  What it could not delete there may still be read by others as soon
 * as Redis answers them; so it says here, before its own answer, that copies
 * are not to be trusted.  Whoever reads next starts another epoch first.
 *
 * Two numbers in run/shared/debts, memory that all share: how many deletions
 * were lost, and up to which of them an epoch was started after it.
 */
#ifndef DS_DEBT_H
#define DS_DEBT_H

#include <stdbool.h>
#include <stdint.h>

struct lost_invalidations_count {
	uint64_t total, settled;
};

struct lost_invalidations {
	struct lost_invalidations_count *count; /* what is shared; where that cannot be had, own */
	struct lost_invalidations_count own;	/* known to this process alone */
};

/* home is the instance's folder.  Never fails: without the file it counts for itself. */
void lost_invalidations_open(struct lost_invalidations *d, const char *home);
void lost_invalidations_close(struct lost_invalidations *d);

/* A deletion was lost. */
void lost_invalidations_add(struct lost_invalidations *d);

/* How many were lost so far. */
uint64_t lost_invalidations_total(const struct lost_invalidations *d);

/* Is there one after which no epoch was started? */
bool lost_invalidations_pending(const struct lost_invalidations *d);

/* An epoch was started, after lost_invalidations_total() had returned lost. */
void lost_invalidations_settle(struct lost_invalidations *d, uint64_t lost);

#endif

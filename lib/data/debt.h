/*
 * debt.h: deletions from the cache that could not be delivered, as all
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

struct debt_count {
	uint64_t lost, settled;
};

struct debt {
	struct debt_count *count; /* what is shared; where that cannot be had, own */
	struct debt_count own;	  /* known to this process alone */
};

/* home is the instance's folder.  Never fails: without the file it counts for itself. */
void debt_open(struct debt *d, const char *home);
void debt_close(struct debt *d);

/* A deletion was lost. */
void debt_add(struct debt *d);

/* How many were lost so far. */
uint64_t debt_lost(const struct debt *d);

/* Is there one after which no epoch was started? */
bool debt_due(const struct debt *d);

/* An epoch was started, after debt_lost() had returned lost. */
void debt_settle(struct debt *d, uint64_t lost);

#endif

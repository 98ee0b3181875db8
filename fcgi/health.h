/* health.h: health of the components, for readiness and metrics. */
#ifndef DS_HEALTH_H
#define DS_HEALTH_H

#include "http/req.h"

enum ledger { LEDGER_ACCOUNT, LEDGER_VIDEO, LEDGER_CHAT, LEDGER_COUNT };

struct health_state {
	int64_t waiting, running, failed; /* jobs */
	int64_t oldest_ms;		  /* waiting time of the oldest one */
	int64_t ledger[LEDGER_COUNT];	  /* rows not folded yet */
};

/* Queries the database; false if it does not answer. */
bool health_state(struct req *r, struct health_state *s);

/* Size of the file system of the instance's folder, in bytes; false on failure. */
bool health_disk(const struct conf *conf, int64_t *total, int64_t *available);

/*
 * False while a service runs a program or library that a package manager has replaced.  The
 * watchdog checks every 30 s; without it the result is true.
 */
bool health_programs_current(const struct conf *conf);

#endif

/* ops.h: how the parts of the server are, as its operator is told. */
#ifndef DS_OPS_H
#define DS_OPS_H

#include "http/req.h"

enum ledger { LEDGER_ACCOUNT, LEDGER_VIDEO, LEDGER_CHAT, LEDGER_COUNT };

struct ops_state {
	int64_t waiting, running, failed; /* jobs */
	int64_t oldest_ms;		  /* for how long the oldest one waits */
	int64_t ledger[LEDGER_COUNT];	  /* rows not folded yet */
};

/* Asks the database; false when it is away. */
bool ops_state(struct req *r, struct ops_state *s);

/* Bytes of the file system that the instance's folder is in. */
bool ops_disk(const struct conf *conf, int64_t *total, int64_t *available);

/*
 * False while a service runs a program or library that a package manager has replaced.  The watch
 * looks every half minute; without it the answer is true.
 */
bool ops_programs_current(const struct conf *conf);

#endif

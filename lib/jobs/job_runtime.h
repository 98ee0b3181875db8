/*
 * job_runtime.h: what the programs in jobs/ have in common: settings, log,
 * connections, and an orderly end.
 */
#ifndef DS_BACKGROUND_H
#define DS_BACKGROUND_H

#include <stdbool.h>

#include "base/conf.h"
#include "data/cache.h"
#include "data/db.h"

struct job_runtime {
	struct conf conf;
	struct db *db;
	struct cache *cache;
	struct timing timing; /* of the work at hand; the job starts it */
};

/* Settings, log, counters and signals only.  False: said in the log, give up. */
bool job_runtime_open(struct job_runtime *b, const char *program);

/*
 * Prepares b for the program of this name, with a role of db.h.  False: said
 * in the log, give up.
 * wait_ms is how long a statement may take, where no request waits for it; 0: as
 * long as one of a request.
 */
bool job_runtime_start(struct job_runtime *b, const char *program, const char *role,
		       int64_t wait_ms);

#define JOB_STATEMENT_MS 60000 /* of work on many rows */

/* Sleeps, at most so long; false once SIGTERM or SIGINT has come. */
bool job_runtime_sleep(int milliseconds);

/* Has SIGTERM or SIGINT come?  They are let in by job_runtime_sleep() only. */
bool job_runtime_stopping(void);

/* Frees; then pauses a moment if it is to end in failure.  Returns the exit status. */
int job_runtime_end(struct job_runtime *b, bool ok);

#endif

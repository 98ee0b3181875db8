/*
 * job_runtime.h: what the programs in jobs/ share: settings, log, connections,
 * signals and shutdown.
 */
#ifndef DS_JOB_RUNTIME_H
#define DS_JOB_RUNTIME_H

#include <stdbool.h>

#include "base/conf.h"
#include "data/cache.h"
#include "data/db.h"

struct job_runtime {
	struct conf conf;
	struct db *db;
	struct cache *cache;
	struct timing timing; /* of the current work; the job starts it */
};

/* Sets up settings, log, counters and signals.  False, logged: exit. */
bool job_runtime_open(struct job_runtime *b, const char *program);

/*
 * Also creates the connections, with a role of db.h.  wait_ms raises the
 * timeout of statements, because no request waits for them; 0:
 * database_timeout_ms.  False, logged: exit.
 */
bool job_runtime_start(struct job_runtime *b, const char *program, const char *role,
		       int64_t wait_ms);

/*
 * Timeout of statements on many rows.  With the timeout of a request, a batch of
 * fold that has to wait would fail with an unknown outcome, which invalidates
 * all copies.
 */
#define JOB_STATEMENT_MS 60000

/* Sleeps; SIGTERM and SIGINT interrupt it.  False after one of them. */
bool job_runtime_sleep(int milliseconds);

/* Has SIGTERM or SIGINT arrived?  They are blocked except in job_runtime_sleep(). */
bool job_runtime_stopping(void);

/* Closes everything; sleeps a moment before a failure.  Returns the exit status. */
int job_runtime_end(struct job_runtime *b, bool ok);

#endif

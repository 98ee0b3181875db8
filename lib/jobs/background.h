/*
 * background.h: what the programs in jobs/ have in common: settings, log,
 * connections, and an orderly end.
 */
#ifndef DS_BACKGROUND_H
#define DS_BACKGROUND_H

#include <stdbool.h>

#include "base/conf.h"
#include "data/cache.h"
#include "data/db.h"

struct background {
	struct conf conf;
	struct db *db;
	struct cache *cache;
	struct meter meter; /* of the work at hand; the job starts it */
};

/* Settings, log, counters and signals only.  False: said in the log, give up. */
bool background_open(struct background *b, const char *program);

/*
 * Prepares b for the program of this name, with a role of db.h.  False: said
 * in the log, give up.
 * wait_ms is how long a statement may take, where no request waits for it; 0: as
 * long as one of a request.
 */
bool background_start(struct background *b, const char *program, const char *role, int64_t wait_ms);

#define BACKGROUND_WAIT_MS 60000 /* of work on many rows */

/* Sleeps, at most so long; false once SIGTERM or SIGINT has come. */
bool background_pause(int milliseconds);

/* Has SIGTERM or SIGINT come?  They are let in by background_pause() only. */
bool background_stopping(void);

/* Frees; then pauses a moment if it is to end in failure.  Returns the exit status. */
int background_end(struct background *b, bool ok);

#endif

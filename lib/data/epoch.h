/*
 * epoch.h: decides which copies in Redis are valid.  For cache.c.
 *
 * All copies start with the epoch's id.  The current id is stored in Redis too,
 * with the run id of the Redis it was created for, under a key with the
 * database's identity.  So copies become invalid when Redis restarts with saved
 * data, when another Redis (such as a replica) takes its place and when it is
 * flushed; and two databases can share one Redis.
 *
 * An id is set once, while no key has it, and is never reused.
 */
#ifndef DS_EPOCH_H
#define DS_EPOCH_H

#include <stdbool.h>

#include "base/keys.h"
#include "data/db.h"
#include "data/redis.h"

#define EPOCH_RUN_ID_MAX 40
#define EPOCH_ABANDONED 4
#define EPOCH_VALUE_MAX (KEY_EPOCH_LEN + 1 + EPOCH_RUN_ID_MAX)

struct epoch {
	char database[DB_IDENTITY_MAX];	      /* see db_identity(); "": not known yet */
	char no_epoch_prefix[KEY_PREFIX_MAX]; /* of keys that do not depend on an epoch */
	char key[KEY_MAX];		      /* the key that holds the current epoch */
	char run_id[EPOCH_RUN_ID_MAX + 1];    /* of the connected Redis */
	char value[EPOCH_VALUE_MAX + 1];
	char id[KEY_EPOCH_LEN + 1];
	char abandoned[EPOCH_ABANDONED][KEY_EPOCH_LEN + 1]; /* ids of other servers, a ring */
	unsigned int n_abandoned;
};

/* Uses the copies of this database from now on. */
void epoch_init(struct epoch *e, const char *database);

/*
 * On a new connection: reads the run id and the current epoch.  False: this
 * Redis cannot be used; *unsupported: a retry would not help.
 */
bool epoch_connect(struct epoch *e, struct redis *r, bool *unsupported);

/* Reads the current epoch; creates one if there is none for this Redis.  False: failed. */
bool epoch_load(struct epoch *e, struct redis *r);

/* Starts a new epoch: all copies become unreachable.  False: failed. */
bool epoch_replace(struct epoch *e, struct redis *r);

/* Appends the query for the current epoch to a pipeline; and whether the reply matches ours. */
void epoch_send_check(const struct epoch *e, struct redis *r);
bool epoch_is_current(const struct epoch *e, const struct redis_reply *reply);

#endif

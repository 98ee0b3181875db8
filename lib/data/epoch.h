/*
 * epoch.h: which copies in Redis may be believed.  For cache.c.
 *
 * All copies start with an epoch's word.  The word in force is kept in Redis
 * too, beside the Redis that it was made for (its run id, another one after
 * each start), under a key that names the database whose copies they are.  So
 * copies are given up when a Redis comes back with what it had saved, when
 * another one, a replica for example, takes its place, and when somebody
 * flushes it; and two databases may share one Redis.
 *
 * A word is set once, while nothing is stored under it, and is never gone back
 * to.
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
	char database[DB_IDENTITY_MAX];	      /* the database; "": not known yet */
	char no_epoch_prefix[KEY_PREFIX_MAX]; /* what keys start with that outlive an epoch */
	char key[KEY_MAX];		      /* where the word in force is kept */
	char run_id[EPOCH_RUN_ID_MAX + 1];    /* of the Redis that we are connected to */
	char value[EPOCH_VALUE_MAX + 1];
	char id[KEY_EPOCH_LEN + 1];
	char abandoned[EPOCH_ABANDONED][KEY_EPOCH_LEN + 1]; /* words of other Redises, by turns */
	unsigned int n_abandoned;
};

/* The copies are those of this database from now on. */
void epoch_init(struct epoch *e, const char *database);

/*
 * On a new connection: learns which Redis this is, and the epoch in force.
 * False: it cannot be used; *unsupported where waiting makes that no better.
 */
bool epoch_connect(struct epoch *e, struct redis *r, bool *unsupported);

/* Learns the epoch, and makes one where there is none, or none of this Redis.  False: failed. */
bool epoch_load(struct epoch *e, struct redis *r);

/* Starts another: all that is cached is given up.  False: failed. */
bool epoch_replace(struct epoch *e, struct redis *r);

/* Asks for the epoch in force, in a pipeline; and is this answer the one that we go by? */
void epoch_send_check(const struct epoch *e, struct redis *r);
bool epoch_is_current(const struct epoch *e, const struct redis_reply *reply);

#endif

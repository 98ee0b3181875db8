/*
 * redis.h: a connection to Redis, for cache.c alone.
 *
 * hiredis reads the replies.  Connecting and sending is done here: where
 * memory is out hiredis 0.14 calls abort() or walks on over NULL.
 *
 * Replies are not built as hiredis's tree of allocations but into one array
 * that is used again for each reply: a read_more has a hundred values.
 */
#ifndef DS_REDIS_H
#define DS_REDIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/conf.h"
#include "data/redis_reply.h"
#include "obs/timing.h"

struct redisReader;
struct redis_pool;

struct redis {
	const struct conf *conf;
	struct timing *timing;	    /* is told of each pipeline; or NULL */
	struct redisReader *reader; /* NULL: not connected */
	int fd;			    /* good while there is a reader */
	int error;		    /* errno of what went wrong last, or 0 */
	struct buf out;		    /* commands to be sent */
	struct redis_pool *pool;
	int64_t retry_at;	  /* not before this, by time_monotonic_us() */
	bool strict_backoff;	  /* retry_at holds also where something has to be deleted */
	int64_t next_refusal_log; /* no refusal is told before, by time_monotonic_us() */

	/* The pipeline under way: its first command, its size, how many replies are due. */
	const char *first;
	unsigned int sent, due;
	int64_t since; /* when it was sent, by time_monotonic_us() */
};

static inline bool
redis_is_open(const struct redis *r)
{
	return r->reader != NULL;
}

/* Connects, unless it is too early to try again. */
bool redis_open(struct redis *r);
void redis_close(struct redis *r);

/*
 * Gives the connection up after a failure, with a pause before the next.  One
 * that has not answered in time is left alone for longer: at most a fifth of the
 * time is spent waiting for it.
 */
void redis_fail(struct redis *r);

/* The same where waiting makes nothing better: there is time. */
void redis_fail_unsupported(struct redis *r);

/* No pause, unless it is there for one that is silent or unfit. */
void redis_retry_now(struct redis *r);

/* No pause at all: something has stirred. */
void redis_reset_backoff(struct redis *r);

/*
 * Appends a command of n words to what is sent by the next redis_receive().  Its
 * first word is a literal.  lens NULL: the words end with a NUL.
 */
void redis_append(struct redis *r, size_t n, const char **argv, const size_t *lens);
#define REDIS_COMMAND(r, ...)                                                           \
	redis_append(r, sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(const char *), \
		     (const char *[]){ __VA_ARGS__ }, NULL)

/* The next reply, good until the one after it; NULL when the connection is finished. */
const struct redis_reply *redis_receive(struct redis *r);

/* Takes n replies that nobody needs; false when the connection is finished. */
bool redis_skip(struct redis *r, size_t n);

int redis_fd(const struct redis *r);

#endif

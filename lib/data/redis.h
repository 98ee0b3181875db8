/*
 * redis.h: a connection to Redis.  Used by data/ only.
 *
 * hiredis parses the replies.  Connecting and sending are done here, because
 * hiredis 0.14 calls abort() or dereferences NULL when memory is out.
 *
 * Replies are not trees of allocations as in hiredis but are built in one array
 * that is reused for each reply: a feed has a hundred values.
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
	struct timing *timing;	    /* records each pipeline; or NULL */
	struct redisReader *reader; /* NULL: not connected */
	int fd;			    /* valid while there is a reader */
	int error;		    /* errno of the last failure, or 0 */
	struct buf out;		    /* commands to send */
	struct redis_pool *pool;
	int64_t retry_at;	  /* no connection attempt before, by time_monotonic_us() */
	bool strict_backoff;	  /* redis_retry_now() does not override retry_at */
	int64_t next_refusal_log; /* by time_monotonic_us() */

	/* The current pipeline: its first command, number of commands, pending replies. */
	const char *first;
	unsigned int sent, due;
	int64_t since; /* when it was sent, by time_monotonic_us() */
};

static inline bool
redis_is_open(const struct redis *r)
{
	return r->reader != NULL;
}

/* Connects, unless the back-off after a failure still lasts. */
bool redis_open(struct redis *r);
void redis_close(struct redis *r);

/*
 * Closes the connection after a failure and starts the back-off.  It is longer
 * after a timeout, so that at most a fifth of the time is spent waiting for
 * Redis.
 */
void redis_fail(struct redis *r);

/* The same with a long back-off, for a Redis that cannot be used. */
void redis_fail_unsupported(struct redis *r);

/* Ends the back-off, except after a timeout or for an unsupported Redis. */
void redis_retry_now(struct redis *r);

/* Ends any back-off, because the server has sent something. */
void redis_reset_backoff(struct redis *r);

/*
 * Appends a command of n words; redis_receive() sends it.  The first word is a
 * literal.  lens NULL: the words are NUL-terminated.
 */
void redis_append(struct redis *r, size_t n, const char **argv, const size_t *lens);
#define REDIS_COMMAND(r, ...)                                                           \
	redis_append(r, sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(const char *), \
		     (const char *[]){ __VA_ARGS__ }, NULL)

/* The next reply, valid until the following call.  NULL: the connection is lost. */
const struct redis_reply *redis_receive(struct redis *r);

/* Discards n replies.  False: the connection is lost. */
bool redis_skip(struct redis *r, size_t n);

int redis_fd(const struct redis *r);

#endif

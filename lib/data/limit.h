/*
 * limit.h: how often somebody may do something, counted in Redis and nowhere
 * else: with Redis away, nothing is limited.
 *
 * Wrong passwords are counted by the name that was tried, whether there is such
 * an account or not.  Of an address from which that name has logged in before
 * they are counted apart, so that its owner need not wait for strangers.
 */
#ifndef DS_LIMIT_H
#define DS_LIMIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/keys.h"

struct cache;
struct redis;
struct redis_reply;

/* One more of what somebody may do so often a minute, all at once or spread. */
struct limit_take {
	struct key key;	    /* KEY_NONE: nothing is asked */
	int64_t per_minute; /* at least 1 */
	int64_t wait; /* the answer: seconds until it may be done; 0: it may, and is counted */
};

/*
 * The key by which an address is counted: its hash, of an IPv6 address that of
 * its network of 2^64.
 */
struct key limit_address(enum key_kind kind, const char *address);

/*
 * For cache.c: the question, to go with others in one round trip, and its
 * answer.  prefix is that of keys that outlive an epoch.
 */
void limit_ask(struct redis *r, const char *prefix, const struct limit_take *take);
void limit_answer(struct limit_take *take, const struct redis_reply *reply);

/* Asks in a round trip of its own. */
void limit_ask_now(struct limit_take *take, struct cache *c);

/* Attempts to guess a password. */
struct limit_guess {
	int64_t who, from; /* hashes of what is guessed at, and from where */
	int64_t longest;   /* delay, in seconds; 0: none */
	int64_t apart;	   /* from, if it is counted apart; else 0 */
};

/*
 * Seconds for which no password is looked at; 0: go on.  who and from are any
 * texts; what is told to nobody is kept of them.
 */
int64_t limit_guess_begin(struct limit_guess *g, struct cache *c, const char *who, const char *from,
			  int64_t longest);

/* It was wrong: from the fifth time on the next one has to wait, longer each time. */
void limit_guess_wrong(const struct limit_guess *g, struct cache *c);

/* It was right: forget the wrong ones. */
void limit_guess_right(const struct limit_guess *g, struct cache *c);

#endif

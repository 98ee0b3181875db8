/*
 * login_delay.h: wrong passwords delay further attempts.  Counted in Redis
 * alone: without Redis there is no delay.
 *
 * Attempts are counted by the name that was tried, whether the account exists
 * or not, so that the delay tells nothing about that.  An address from which
 * this name has logged in before is counted separately: others who guess
 * cannot lock the owner out.
 */
#ifndef DS_LOGIN_DELAY_H
#define DS_LOGIN_DELAY_H

#include <stdint.h>

struct cache;

struct login_attempt {
	int64_t name, address; /* hashes */
	int64_t max_delay;     /* in seconds; 0: no delay at all */
	int64_t separate;      /* address, where that is counted separately; else 0 */
};

/*
 * Begins an attempt.  Returns the seconds until a password is checked again;
 * 0: go on.  name and address are any texts; only their hashes are stored.
 */
int64_t login_delay_begin(struct login_attempt *a, struct cache *c, const char *name,
			  const char *address, int64_t max_delay);

/* The password was wrong: from the fifth time on there is a delay, doubled each time. */
void login_delay_failed(const struct login_attempt *a, struct cache *c);

/* The password was right: the count restarts, and the address is remembered. */
void login_delay_passed(const struct login_attempt *a, struct cache *c);

#endif

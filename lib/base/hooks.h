/*
 * hooks.h: faults that tests inject. Compiled in by make HOOKS=1 only; otherwise
 * the functions do nothing.
 *
 * TEST_PUT_DELAY_MS	one cache store in 16 is delayed by up to so many ms
 * TEST_NO_LEASE		values are stored without checking the lease
 * TEST_FULL_SET_MAX	lowers FULL_MAX of viewer_set.c, to test large sets
 */
#ifndef DS_HOOKS_H
#define DS_HOOKS_H

#ifdef TEST_HOOKS
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static inline void
hook_before_put(void)
{
	const char *ms = getenv("TEST_PUT_DELAY_MS");
	unsigned int dice;

	/* One in sixteen: with a delay for each the load would be too low to cause conflicts. */
	if (ms != NULL && getrandom(&dice, sizeof(dice), 0) == sizeof(dice) && dice % 16 == 0)
		usleep(dice / 16 % (1 + 1000 * (unsigned int)strtoul(ms, NULL, 10)));
}

/* Removes the condition of a script "if LEASE then STORE end". */
static inline const char *
hook_put_script(const char *script)
{
	static _Thread_local char careless[512];
	const char *condition = strstr(script, "if ");

	if (getenv("TEST_NO_LEASE") == NULL)
		return script;
	snprintf(careless, sizeof(careless), "%.*sif true %s", (int)(condition - script), script,
		 strstr(script, "then "));
	return careless;
}

static inline int
hook_full_set_max(int usual)
{
	const char *most = getenv("TEST_FULL_SET_MAX");

	return most == NULL ? usual : (int)strtol(most, NULL, 10);
}
#else
static inline void
hook_before_put(void)
{
}

static inline const char *
hook_put_script(const char *script)
{
	return script;
}

static inline int
hook_full_set_max(int usual)
{
	return usual;
}
#endif

#endif

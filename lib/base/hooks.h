/*
 * hooks.h: what tests break on purpose.  Compiled in by make HOOKS=1 alone;
 * otherwise each of these does nothing.
 *
 * TEST_PUT_DELAY_MS	one value in sixteen waits up to so long between its load and its
 *			store
 * TEST_NO_LEASE	it is stored whether its lease still stands or not
 * TEST_FULL_SET_MAX	who likes or follows more than so many, likes or follows many
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

	/* One in sixteen: if all did, nobody would get anywhere, and nothing would collide. */
	if (ms != NULL && getrandom(&dice, sizeof(dice), 0) == sizeof(dice) && dice % 16 == 0)
		usleep(dice / 16 % (1 + 1000 * (unsigned int)strtoul(ms, NULL, 10)));
}

/* The script has "if LEASE then STORE end" in it. */
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

/*
 * tap.h: checks of a unit test, reported in the Test Anything Protocol.
 *
 *   CHECK(1 + 1 == 2, "one and one is two");
 *   return done();
 */
#ifndef DS_TAP_H
#define DS_TAP_H

#include <stdbool.h>
#include <stdio.h>

static int tap_run, tap_failed;

static inline void
check(bool ok, const char *text, const char *file, int line)
{
	printf("%sok %d - %s\n", ok ? "" : "not ", ++tap_run, text);
	if (!ok) {
		printf("# at %s:%d\n", file, line);
		tap_failed++;
	}
}

#define CHECK(condition, text) check(condition, text, __FILE__, __LINE__)

/* Returns the exit status; an error also if nothing was checked. */
static inline int
done(void)
{
	printf("1..%d\n", tap_run);
	return tap_failed > 0 || tap_run == 0;
}

#endif

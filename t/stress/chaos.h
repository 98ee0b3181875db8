/* chaos.h: flushes, pauses, stops, kills and restarts Redis at random. */
#ifndef STRESS_CHAOS_H
#define STRESS_CHAOS_H

#include <stdbool.h>

extern volatile bool chaos_over;

/* Thread function; returns once chaos_over is set, with Redis running. */
void *chaos_run(void *unused);

/* Prints a summary in one line. */
const char *chaos_summary(void);

/* Sends a command without arguments to Redis; false: failed. */
bool redis_say(const char *line);

/* Runs t/stress/server VERB SERVICE. */
void server(const char *verb, const char *service);

#endif

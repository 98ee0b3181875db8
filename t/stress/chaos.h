/* chaos.h: Redis flushed, paused, stopped, killed and started again, at random. */
#ifndef STRESS_CHAOS_H
#define STRESS_CHAOS_H

#include <stdbool.h>

extern volatile bool chaos_over;

/* A thread's body; returns, with Redis in order, once chaos_over is set. */
void *chaos_run(void *unused);

/* What it did, in one line. */
const char *chaos_summary(void);

/* A command without arguments to Redis; false when it did not go through. */
bool redis_say(const char *line);

/* Runs t/stress/server VERB SERVICE. */
void server(const char *verb, const char *service);

#endif

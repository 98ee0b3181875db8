/* tally.h: results of requests: counts, durations, and a record of every write. */
#ifndef STRESS_TALLY_H
#define STRESS_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "http.h"

struct entry {
	const char *kind;
	int64_t a, b;
	char word[48];
	char outcome;
};

/* minutes: prints a line with the latencies of each minute. */
void tally_start(bool minutes);

/* Records the last request of h and its duration in microseconds; e: the write, or NULL. */
void tally(const struct http *h, const struct entry *e, int64_t took);

/* The server closed an idle connection; in_use: while we sent a request over it. */
void tally_closed(bool in_use);

/* Prints the counts and writes the record to the file.  True: all succeeded. */
bool tally_print(const char *file);

#endif

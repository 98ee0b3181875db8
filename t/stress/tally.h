/* tally.h: what came of requests: counts, times, and a record of every write. */
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

/* minutes: a line with the times of each minute is printed as it ends. */
void tally_start(bool minutes);

/* The last request of h, which took so many microseconds; e: the write that it was, or NULL. */
void tally(const struct http *h, const struct entry *e, int64_t took);

/* An idle connection was closed by the server; in_use: as we sent a request over it. */
void tally_closed(bool in_use);

/* Prints the counts, and writes the record to the file.  True when all succeeded. */
bool tally_print(const char *file);

#endif

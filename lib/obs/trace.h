/*
 * trace.h: W3C Trace Context (level 1): which trace a piece of work belongs to.
 *
 * Ids are lower-case hexadecimal, "" where there is none.
 */
#ifndef DS_TRACE_H
#define DS_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#define TRACE_ID_LEN 32
#define TRACE_SPAN_LEN 16
#define TRACE_PARENT_LEN 55 /* of version 00 */

struct trace {
	char id[TRACE_ID_LEN + 1];
	char span[TRACE_SPAN_LEN + 1];	 /* of this piece of work */
	char parent[TRACE_SPAN_LEN + 1]; /* of the caller's; "": this is the first */
	bool sampled;
};

/*
 * Reads a traceparent header into id, parent and sampled; span becomes "".
 * False, and t is as it was, for one that has to be ignored (3.2.2): ids of
 * zeros, capitals, the version ff, a wrong length.  A later version is read as
 * far as it looks like 00 (3.2.4).
 */
bool trace_read(struct trace *t, const char *traceparent);

/* Is the trace of this id among so many percent of all?  Every process says the same. */
bool trace_sampled_by_id(const char id[TRACE_ID_LEN + 1], unsigned int percent);

/* The header to pass on: this piece of work is the parent of what it starts. */
void trace_write(const struct trace *t, char out[TRACE_PARENT_LEN + 1]);

/* Is text a trace id: 32 digits, not all of them 0? */
bool trace_is_id(const char *text);

/* Ids that nobody else has.  *state is seeded when it is 0, and then moves on. */
void trace_new_id(uint64_t *state, char out[TRACE_ID_LEN + 1]);
void trace_new_span(uint64_t *state, char out[TRACE_SPAN_LEN + 1]);

#endif

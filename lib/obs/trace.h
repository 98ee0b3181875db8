/*
 * trace.h: W3C Trace Context (level 1).
 *
 * Ids are lower-case hexadecimal; "" means none.
 */
#ifndef DS_TRACE_H
#define DS_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#define TRACE_ID_LEN 32
#define TRACE_SPAN_LEN 16
#define TRACE_PARENT_LEN 55 /* version 00 */

struct trace {
	char id[TRACE_ID_LEN + 1];
	char span[TRACE_SPAN_LEN + 1];	 /* of this piece of work */
	char parent[TRACE_SPAN_LEN + 1]; /* the caller's span; "": this is the root */
	bool sampled;
};

/*
 * Parses a traceparent header into id, parent and sampled; span becomes "".
 * False and t unchanged for a header that must be ignored (3.2.2): ids of zeros
 * only, upper-case digits, version ff, wrong length.  A later version is parsed
 * as far as it is compatible with 00 (3.2.4).
 */
bool trace_read(struct trace *t, const char *traceparent);

/* Decides by the id whether the trace belongs to the sampled percentage.  All processes agree. */
bool trace_sampled_by_id(const char id[TRACE_ID_LEN + 1], unsigned int percent);

/* The header for work that this one starts. */
void trace_write(const struct trace *t, char out[TRACE_PARENT_LEN + 1]);

/* Is text a trace id: 32 digits, not all of them 0? */
bool trace_is_id(const char *text);

/* Unique ids.  *state is seeded when it is 0, and advanced. */
void trace_new_id(uint64_t *state, char out[TRACE_ID_LEN + 1]);
void trace_new_span(uint64_t *state, char out[TRACE_SPAN_LEN + 1]);

#endif

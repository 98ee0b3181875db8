/*
 * spans.h: a piece of work as OpenTelemetry spans, on their way to jobs/export.
 *
 * What the timing has is written as OTLP/JSON and given to the exporter's
 * socket, after the reply has gone.  Nothing is waited for: when the exporter
 * is away or has not kept up, spans are dropped and counted.  The socket is
 * SOCK_SEQPACKET, so that each process has a bounded buffer of its own in the
 * kernel, and messages stay whole.
 */
#ifndef DS_SPANS_H
#define DS_SPANS_H

#include "base/buf.h"
#include "base/conf.h"
#include "obs/timing.h"

/* OTLP's Span.SpanKind. */
enum span_kind { SPAN_INTERNAL = 1, SPAN_SERVER, SPAN_CLIENT, SPAN_PRODUCER, SPAN_CONSUMER };

struct span_attribute {
	const char *key, *text; /* text NULL: it is a number */
	int64_t number;
};

/* The work as a whole; its steps become its children. */
struct span {
	const char *name;
	enum span_kind kind;
	bool failed;
	const struct span_attribute *attributes;
	size_t n_attributes;
};

struct spans {
	int fd; /* to the exporter, or -1 */
	char path[CONF_TEXT_MAX + 32];
	int64_t retry_at; /* by time_monotonic_us() */
	struct buf text;
};

/* Where the exporter listens. */
void spans_path(const struct conf *conf, char *out, size_t size);

/* Does not connect.  The timing records traces from now on if there is an endpoint. */
void spans_init(struct spans *s, const struct conf *conf, struct timing *m);
void spans_release(struct spans *s);

/* Sends the work and its steps, if its trace is recorded. */
void spans_send(struct spans *s, struct timing *m, const struct span *about);

/* Appends a KeyValue with a text to an array of attributes. */
void spans_attribute(struct buf *b, const char *key, const char *text);

#endif

/*
 * spans.h: sends the current work as OpenTelemetry spans to jobs/export.
 *
 * The timing's steps are written as OTLP/JSON to the exporter's socket, after
 * the reply has been sent.  Sending never blocks: if the exporter is down or
 * slow, spans are dropped and counted.  The socket is SOCK_SEQPACKET, so that
 * each process has its own bounded buffer in the kernel and messages stay
 * whole. *
 * Alternatives: datagrams of all processes share one short queue; a ring in
 * shared memory would need repair after a kill -9.
 */
#ifndef DS_SPANS_H
#define DS_SPANS_H

#include "base/buf.h"
#include "base/conf.h"
#include "obs/timing.h"

/* OTLP's Span.SpanKind. */
enum span_kind { SPAN_INTERNAL = 1, SPAN_SERVER, SPAN_CLIENT, SPAN_PRODUCER, SPAN_CONSUMER };

struct span_attribute {
	const char *key, *text; /* text NULL: number is the value */
	int64_t number;
};

/* The root span; the timing's steps become its children. */
struct span {
	const char *name;
	enum span_kind kind;
	bool failed;
	const struct span_attribute *attributes;
	size_t n_attributes;
};

struct spans {
	int fd; /* socket of the exporter, or -1 */
	char path[CONF_TEXT_MAX + 32];
	int64_t retry_at; /* by time_monotonic_us() */
	struct buf text;
};

/* Writes the path of the exporter's socket. */
void spans_path(const struct conf *conf, char *out, size_t size);

/* Does not connect.  Enables recording of traces in m if otlp_endpoint is set. */
void spans_init(struct spans *s, const struct conf *conf, struct timing *m);
void spans_release(struct spans *s);

/* Sends the root span and its steps if the trace is sampled. */
void spans_send(struct spans *s, struct timing *m, const struct span *about);

/* Appends a KeyValue with a string to an array of attributes. */
void spans_attribute(struct buf *b, const char *key, const char *text);

#endif

/* spans.c: see spans.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "obs/spans.h"

#define RETRY_US 1000000

void
spans_path(const struct conf *conf, char *out, size_t size)
{
	snprintf(out, size, "%s/run/shared/spans.sock", conf->home);
}

void
spans_init(struct spans *s, const struct conf *conf, struct timing *m)
{
	*s = (struct spans){ .fd = -1, .text = BUF_INIT };
	spans_path(conf, s->path, sizeof(s->path));
	m->tracing = conf->otlp_endpoint[0] != '\0';
	m->trace_percent = (unsigned int)conf->otlp_percent;
}

static void
disconnect(struct spans *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

void
spans_release(struct spans *s)
{
	disconnect(s);
	buf_release(&s->text);
}

static bool
connected(struct spans *s)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t n = strlen(s->path);
	int64_t now;

	if (s->fd >= 0)
		return true;
	if (n >= sizeof(address.sun_path) || (now = time_monotonic_us()) < s->retry_at)
		return false;
	memcpy(address.sun_path, s->path, n + 1);
	s->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd >= 0 && connect(s->fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return true;
	s->retry_at = now + RETRY_US;
	disconnect(s);
	return false;
}

void
spans_attribute(struct buf *b, const char *key, const char *text)
{
	json_open(b, NULL, '{');
	json_cstr(b, "key", key);
	json_open(b, "value", '{');
	json_cstr(b, "stringValue", text);
	json_close(b, '}');
	json_close(b, '}');
}

/* A 64-bit number is a string in protobuf's JSON. */
static void
attribute_int(struct buf *b, const char *key, int64_t number)
{
	json_open(b, NULL, '{');
	json_cstr(b, "key", key);
	json_open(b, "value", '{');
	json_key(b, "intValue");
	buf_str(b, "\"");
	buf_int(b, number);
	buf_str(b, "\"");
	json_close(b, '}');
	json_close(b, '}');
}

static void
nanoseconds(struct buf *b, const char *key, int64_t ns)
{
	json_key(b, key);
	buf_str(b, "\"");
	buf_int(b, ns);
	buf_str(b, "\"");
}

/* Writes a span up to its attributes; their array stays open. */
static void
begin_span(struct buf *b, const char *trace, const char *span, const char *parent, const char *name,
	   enum span_kind kind)
{
	json_open(b, NULL, '{');
	json_cstr(b, "traceId", trace);
	json_cstr(b, "spanId", span);
	if (parent[0] != '\0')
		json_cstr(b, "parentSpanId", parent);
	json_cstr(b, "name", name);
	json_int(b, "kind", kind);
}

static void
end_span(struct buf *b, int64_t start_ns, int64_t us, bool failed)
{
	json_close(b, ']');
	nanoseconds(b, "startTimeUnixNano", start_ns);
	nanoseconds(b, "endTimeUnixNano", start_ns + us * 1000);
	json_open(b, "status", '{');
	if (failed)
		json_int(b, "code", 2);
	json_close(b, '}');
	json_close(b, '}');
}

/*
 * Attributes of OpenTelemetry's semantic conventions, and db.system, the older
 * name of db.system.name.
 */
static void
write_step(struct buf *b, struct timing *m, const struct timing_step *step, int64_t start_ns)
{
	const char *system = step->part == TIMING_DATABASE ? "postgresql" : "redis";
	char id[TRACE_SPAN_LEN + 1];

	trace_new_span(&m->random, id);
	begin_span(b, m->trace.id, id, m->trace.span, step->name,
		   step->part == TIMING_PROGRAM ? SPAN_INTERNAL : SPAN_CLIENT);
	json_open(b, "attributes", '[');
	if (step->part == TIMING_PROGRAM) {
		spans_attribute(b, "process.executable.name", step->name);
	} else {
		spans_attribute(b, "db.system", system);
		spans_attribute(b, "db.system.name", system);
		spans_attribute(b, "db.operation.name", step->name);
	}
	if (step->count > 1)
		attribute_int(b, "db.operation.batch.size", step->count);
	end_span(b, start_ns + step->at_us * 1000LL, step->us, step->failed);
}

static void
write_all(struct buf *b, struct timing *m, const struct span *about)
{
	int64_t us = time_monotonic_us() - m->start_us, start_ns;
	struct timespec now;
	size_t i;

	clock_gettime(CLOCK_REALTIME, &now);
	start_ns = now.tv_sec * 1000000000LL + now.tv_nsec - us * 1000;
	begin_span(b, m->trace.id, m->trace.span, m->trace.parent, about->name, about->kind);
	json_open(b, "attributes", '[');
	for (i = 0; i < about->n_attributes; i++) {
		const struct span_attribute *a = &about->attributes[i];

		if (a->text != NULL)
			spans_attribute(b, a->key, a->text);
		else
			attribute_int(b, a->key, a->number);
	}
	end_span(b, start_ns, us, about->failed);
	for (i = 0; i < timing_steps(m); i++)
		write_step(b, m, &m->steps[i], start_ns);
}

void
spans_send(struct spans *s, struct timing *m, const struct span *about)
{
	struct buf *b = &s->text;
	bool sent = false;

	if (!m->tracing || !timing_trace(m)->sampled)
		return;
	if (connected(s)) {
		/* The message to the exporter: the number of spans, then the array's members. */
		buf_clear(b);
		buf_int(b, (int64_t)timing_steps(m) + 1);
		buf_str(b, "[");
		write_all(b, m, about);
		sent = !buf_failed(b) && send(s->fd, b->data, b->len, MSG_NOSIGNAL) >= 0;
		if (!sent && errno != EAGAIN)
			disconnect(s);
	}
	if (!sent)
		timing_count(m, METRIC_SPANS_DROPPED, timing_steps(m) + 1);
}

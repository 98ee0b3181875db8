/* access_log.c: see access_log.h. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "obs/log.h"
#include "access_log.h"

static void
log_request(const struct timing *m, enum log_level level, const struct reply *out, bool slow)
{
	struct log_line line;

	log_begin(&line, level, "request");
	log_int(&line, "status", out->http);
	log_int(&line, "code", err_info(out->err)->code);
	log_timing(&line, m);
	if (slow)
		log_bool(&line, "slow", true);
	log_timing_steps(&line, m);
	log_end(&line);
}

/* Only a warning: the cause has been logged as an error where it occurred. */
static enum log_level
level_of(const struct reply *out, bool slow)
{
	return slow || out->http >= 500 ? LOG_LEVEL_WARN : LOG_LEVEL_DEBUG;
}

/* The method if RFC 9110 or RFC 5789 defines it, else NULL: clients can send any word. */
static const char *
known_method(const char *method)
{
	static const char *const known[] = { "GET",	"HEAD",	   "POST",  "PUT",  "DELETE",
					     "CONNECT", "OPTIONS", "TRACE", "PATCH" };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(method, known[i]) == 0)
			return known[i];
	return NULL;
}

/*
 * OpenTelemetry's conventions: an error of the client is not an error of the
 * server's span; span names and methods have low cardinality.
 */
static void
send_spans(struct spans *spans, struct timing *m, const struct reply *out)
{
	const char *method = known_method(m->method);
	char name[96], viewer[24];
	const struct span_attribute attributes[] = {
		{ "http.request.method", method == NULL ? "_OTHER" : method, 0 },
		{ "http.route", m->route, 0 },
		{ "http.response.status_code", NULL, out->http },
		{ "dousheng.status_code", NULL, err_info(out->err)->code },
		{ "dousheng.request_id", m->request_id, 0 },
		{ "user.id", viewer, 0 },
		{ "http.request.method_original", m->method, 0 }, /* if it differs */
	};
	const struct span about = { name, SPAN_SERVER, out->http >= 500, attributes,
				    sizeof(attributes) / sizeof(attributes[0]) - (method != NULL) };

	snprintf(name, sizeof(name), "%s%s%s", method == NULL ? "HTTP" : method,
		 m->route[0] == '\0' ? "" : " ", m->route);
	snprintf(viewer, sizeof(viewer), "%lld", (long long)m->viewer);
	spans_send(spans, m, &about);
}

void
request_finished(struct timing *m, struct spans *spans, const struct conf *conf,
		 const struct reply *out)
{
	int64_t us = time_monotonic_us() - m->start_us;
	bool slow = us >= conf->slow_ms * 1000;
	enum log_level level = level_of(out, slow);

	if (m->slot != NULL)
		metrics_request(m->slot, m->route_number, out->err, (uint64_t)us);
	if (log_enabled(level))
		log_request(m, level, out, slow);
	if (m->tracing)
		send_spans(spans, m, out);
	timing_set_busy(m, false);
	m->env = NULL;
	m->trace.id[0] = '\0';
}

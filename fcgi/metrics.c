/*
 * metrics.c: GET /metrics/: counters of all processes and current state, in
 * Prometheus's text format 0.0.4.  Routes: routes.def.
 *
 * The table below lists all metrics (worker describe metrics); make lint compares
 * alert rules, dashboard and documents with it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "build.h"
#include "describe.h"
#include "handlers.h"
#include "obs/metrics.h"
#include "health.h"
#include "version.h"

struct scrape {
	struct buf *out;
	struct metrics *metrics;
	struct health_state state;
	int64_t total, available;
	bool database, cache, disk;
};

struct family {
	const char *name, *type, *labels, *help;
	void (*write)(const struct scrape *s, const struct family *f);
	int which; /* of the counters, for write */
};

static void
number(struct buf *out, const char *name, const char *labels, const char *value)
{
	buf_str(out, name);
	buf_str(out, labels);
	buf_str(out, " ");
	buf_str(out, value);
	buf_str(out, "\n");
}

static void
integer(struct buf *out, const char *name, const char *labels, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	number(out, name, labels, text);
}

static void
seconds(struct buf *out, const char *name, const char *labels, uint64_t us)
{
	char text[40];

	snprintf(text, sizeof(text), "%" PRIu64 ".%06" PRIu64, us / 1000000, us % 1000000);
	number(out, name, labels, text);
}

/* True for the first slot of a service, so that each service is printed once. */
static bool
is_first(const struct scrape *s, size_t i)
{
	const struct metrics_slot *slot = metrics_read_slot(s->metrics, i), *other;
	size_t j;

	for (j = 0; slot != NULL && j < i; j++)
		if ((other = metrics_read_slot(s->metrics, j)) != NULL &&
		    strncmp(other->service, slot->service, METRICS_NAME) == 0)
			return false;
	return slot != NULL;
}

/* Slot i if it belongs to the service of first, else NULL. */
static const struct metrics_slot *
same(const struct scrape *s, const struct metrics_slot *first, size_t i)
{
	const struct metrics_slot *slot = metrics_read_slot(s->metrics, i);

	return slot != NULL && strncmp(slot->service, first->service, METRICS_NAME) == 0 ? slot
											 : NULL;
}

static void
by_service(const struct scrape *s, const struct family *f)
{
	const struct metrics_slot *first, *slot;
	char labels[64];
	size_t i, j;

	for (i = 0; i < METRICS_SLOTS; i++) {
		uint64_t sum = 0;

		if (!is_first(s, i))
			continue;
		first = metrics_read_slot(s->metrics, i);
		for (j = i; j < METRICS_SLOTS; j++)
			if ((slot = same(s, first, j)) != NULL)
				sum += metrics_get(&slot->counters[f->which]);
		snprintf(labels, sizeof(labels), "{service=\"%.15s\"}", first->service);
		if (f->which == METRIC_DATABASE_US || f->which == METRIC_CACHE_US)
			seconds(s->out, f->name, labels, sum);
		else
			integer(s->out, f->name, labels, sum);
	}
}

static void
processes(const struct scrape *s, const struct family *f)
{
	const struct metrics_slot *first, *slot;
	char labels[64];
	size_t i, j;

	for (i = 0; i < METRICS_SLOTS; i++) {
		uint64_t count[2] = { 0, 0 };

		if (!is_first(s, i))
			continue;
		first = metrics_read_slot(s->metrics, i);
		for (j = i; j < METRICS_SLOTS; j++)
			if ((slot = same(s, first, j)) != NULL && metrics_slot_alive(s->metrics, j))
				count[metrics_get(&slot->busy) != 0]++;
		for (j = 0; j < 2; j++) {
			snprintf(labels, sizeof(labels), "{service=\"%.15s\",state=\"%s\"}",
				 first->service, j == 0 ? "idle" : "busy");
			integer(s->out, f->name, labels, count[j]);
		}
	}
}

/* All that the slots with our routes have in one place of theirs. */
static uint64_t
sum_at(const struct scrape *s, size_t offset)
{
	uint64_t sum = 0, labels = routes_labels();
	const struct metrics_slot *slot;
	size_t i;

	for (i = 0; i < METRICS_SLOTS; i++)
		if ((slot = metrics_read_slot(s->metrics, i)) != NULL && slot->labels == labels)
			sum += metrics_get((const uint64_t *)((const char *)slot + offset));
	return sum;
}

/* method="GET",route="/douyin/feed/" */
static void
route_labels(size_t route, char out[96])
{
	if (route < route_count)
		snprintf(out, 96, "method=\"%s\",route=\"%s\"", routes[route].method,
			 routes[route].path);
	else
		snprintf(out, 96, "method=\"\",route=\"\"");
}

static void
requests(const struct scrape *s, const struct family *f)
{
	char route[96], labels[128];
	size_t i, code;
	uint64_t n;

	for (i = 0; i < METRICS_ROUTES; i++) {
		route_labels(i, route);
		for (code = 0; code < ERR_COUNT; code++) {
			n = sum_at(s, offsetof(struct metrics_slot, requests[i][code]));
			if (n == 0)
				continue;
			snprintf(labels, sizeof(labels), "{%s,code=\"%d\"}", route,
				 err_info((enum err)code)->code);
			integer(s->out, f->name, labels, n);
		}
	}
}

static void
one_histogram(const struct scrape *s, const struct family *f, size_t i, const char *route)
{
	char labels[160], name[64], bound[24] = "+Inf";
	uint64_t counts[METRICS_BUCKETS], sum = 0;
	size_t b;

	for (b = 0; b < METRICS_BUCKETS; b++)
		sum += counts[b] = sum_at(s, offsetof(struct metrics_slot, buckets[i][b]));
	if (sum == 0)
		return;
	snprintf(name, sizeof(name), "%s_bucket", f->name);
	for (b = 0, sum = 0; b < METRICS_BUCKETS; b++) {
		if (b < METRICS_BUCKETS - 1)
			snprintf(bound, sizeof(bound), "%g", metrics_bounds[b] / 1e6);
		else
			memcpy(bound, "+Inf", 5);
		snprintf(labels, sizeof(labels), "{%s,le=\"%s\"}", route, bound);
		integer(s->out, name, labels, sum += counts[b]);
	}
	snprintf(labels, sizeof(labels), "{%s}", route);
	snprintf(name, sizeof(name), "%s_sum", f->name);
	seconds(s->out, name, labels, sum_at(s, offsetof(struct metrics_slot, sum_us[i])));
	snprintf(name, sizeof(name), "%s_count", f->name);
	integer(s->out, name, labels, sum);
}

static void
histograms(const struct scrape *s, const struct family *f)
{
	char route[96];
	size_t i;

	for (i = 0; i < METRICS_ROUTES; i++) {
		route_labels(i, route);
		one_histogram(s, f, i, route);
	}
}

static void
lookups(const struct scrape *s, const struct family *f)
{
	const struct metrics_slot *slot;
	char labels[96];
	size_t kind, found, i;

	for (kind = KEY_NONE + 1; kind < KEY_KINDS; kind++)
		for (found = 0; found < 2; found++) {
			uint64_t sum = 0;

			for (i = 0; i < METRICS_SLOTS; i++)
				if ((slot = metrics_read_slot(s->metrics, i)) != NULL)
					sum += metrics_get(&slot->lookups[kind][found]);
			snprintf(labels, sizeof(labels), "{kind=\"%s\",result=\"%s\"}",
				 key_kind_name((enum key_kind)kind), found ? "hit" : "miss");
			integer(s->out, f->name, labels, sum);
		}
}

static void
videos(const struct scrape *s, const struct family *f)
{
	static const char *const names[] = { "ready", "failed", "later" };
	const struct metrics_slot *slot;
	char labels[32];
	size_t n, i;

	for (n = 0; n < 3; n++) {
		uint64_t sum = 0;

		for (i = 0; i < METRICS_SLOTS; i++)
			if ((slot = metrics_read_slot(s->metrics, i)) != NULL)
				sum += metrics_get(&slot->counters[METRIC_VIDEOS_READY + n]);
		snprintf(labels, sizeof(labels), "{result=\"%s\"}", names[n]);
		integer(s->out, f->name, labels, sum);
	}
}

static void
total(const struct scrape *s, const struct family *f)
{
	const struct metrics_slot *slot;
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < METRICS_SLOTS; i++)
		if ((slot = metrics_read_slot(s->metrics, i)) != NULL)
			sum += metrics_get(&slot->counters[f->which]);
	integer(s->out, f->name, "", sum);
}

static void
jobs(const struct scrape *s, const struct family *f)
{
	if (!s->database)
		return;
	integer(s->out, f->name, "{state=\"waiting\"}", (uint64_t)s->state.waiting);
	integer(s->out, f->name, "{state=\"running\"}", (uint64_t)s->state.running);
	integer(s->out, f->name, "{state=\"failed\"}", (uint64_t)s->state.failed);
}

static void
oldest(const struct scrape *s, const struct family *f)
{
	if (s->database)
		seconds(s->out, f->name, "", (uint64_t)s->state.oldest_ms * 1000);
}

static void
ledgers(const struct scrape *s, const struct family *f)
{
	static const char *const labels[LEDGER_COUNT] = { "{ledger=\"account\"}",
							  "{ledger=\"video\"}",
							  "{ledger=\"chat\"}" };
	size_t i;

	for (i = 0; s->database && i < LEDGER_COUNT; i++)
		integer(s->out, f->name, labels[i], (uint64_t)s->state.ledger[i]);
}

static void
up(const struct scrape *s, const struct family *f)
{
	integer(s->out, f->name, "{part=\"database\"}", s->database);
	integer(s->out, f->name, "{part=\"cache\"}", s->cache);
}

static void
disk(const struct scrape *s, const struct family *f)
{
	if (s->disk)
		integer(s->out, f->name, "", (uint64_t)(f->which ? s->available : s->total));
}

static void
build(const struct scrape *s, const struct family *f)
{
	char labels[128];

	snprintf(labels, sizeof(labels), "{version=\"%s\",schema=\"%d\"}", BUILD_VERSION,
		 SCHEMA_VERSION);
	integer(s->out, f->name, labels, 1);
}

/* clang-format off */
static const struct family families[] = {
	{ "dousheng_build_info", "gauge", "version,schema",
	  "Always 1; the labels are the program's version and schema.",
	  build, 0 },
	{ "dousheng_processes", "gauge", "service,state",
	  "Processes of each service (pool or job), idle or busy.",
	  processes, 0 },
	{ "dousheng_process_starts_total", "counter", "service",
	  "Processes started.",
	  by_service, METRIC_STARTS },
	{ "dousheng_requests_total", "counter", "method,route,code",
	  "Requests answered by workers; `code` is the status_code.",
	  requests, 0 },
	{ "dousheng_request_duration_seconds", "histogram", "method,route",
	  "Time until the reply was handed to nginx.",
	  histograms, 0 },
	{ "dousheng_up", "gauge", "part",
	  "1 if the part (database, cache) answers.",
	  up, 0 },
	{ "dousheng_database_round_trips_total", "counter", "service",
	  "Statements executed.",
	  by_service, METRIC_DATABASE_TRIPS },
	{ "dousheng_database_seconds_total", "counter", "service",
	  "Time spent waiting for PostgreSQL.",
	  by_service, METRIC_DATABASE_US },
	{ "dousheng_database_errors_total", "counter", "service",
	  "Statements and connections that failed.",
	  by_service, METRIC_DATABASE_ERRORS },
	{ "dousheng_database_connects_total", "counter", "service",
	  "Connections opened. More than processes started means reconnects.",
	  by_service, METRIC_DATABASE_CONNECTS },
	{ "dousheng_cache_round_trips_total", "counter", "service",
	  "Pipelines sent to Redis.",
	  by_service, METRIC_CACHE_TRIPS },
	{ "dousheng_cache_seconds_total", "counter", "service",
	  "Time spent waiting for Redis.",
	  by_service, METRIC_CACHE_US },
	{ "dousheng_cache_errors_total", "counter", "service",
	  "Times that Redis was given up as unavailable.",
	  by_service, METRIC_CACHE_ERRORS },
	{ "dousheng_cache_connects_total", "counter", "service",
	  "Connections opened.",
	  by_service, METRIC_CACHE_CONNECTS },
	{ "dousheng_cache_refusals_total", "counter", "service",
	  "Commands that Redis refused. The log names them, at most once a second.",
	  by_service, METRIC_CACHE_REFUSALS },
	{ "dousheng_cache_lookups_total", "counter", "kind,result",
	  "Lookups by kind of value and result (hit, miss).",
	  lookups, 0 },
	{ "dousheng_upload_bytes_total", "counter", "",
	  "Bytes of accepted videos.",
	  total, METRIC_UPLOAD_BYTES },
	{ "dousheng_videos_total", "counter", "result",
	  "Attempts to convert a video, by result: ready, failed, later (will be retried).",
	  videos, 0 },
	{ "dousheng_jobs", "gauge", "state",
	  "Videos by state: waiting, running, failed.",
	  jobs, 0 },
	{ "dousheng_job_oldest_seconds", "gauge", "",
	  "Time that the oldest waiting video has waited.",
	  oldest, 0 },
	{ "dousheng_ledger_rows", "gauge", "ledger",
	  "Ledger rows not folded yet.",
	  ledgers, 0 },
	{ "dousheng_disk_size_bytes", "gauge", "",
	  "Size of the file system.",
	  disk, 0 },
	{ "dousheng_disk_free_bytes", "gauge", "",
	  "Free space on the file system.",
	  disk, 1 },
	{ "dousheng_spans_sent_total", "counter", "",
	  "Spans accepted by the collector.",
	  total, METRIC_SPANS_SENT },
	{ "dousheng_spans_dropped_total", "counter", "",
	  "Spans dropped.",
	  total, METRIC_SPANS_DROPPED },
};
/* clang-format on */

static const size_t family_count = sizeof(families) / sizeof(families[0]);

void
describe_metrics(void)
{
	size_t i;

	for (i = 0; i < family_count; i++)
		printf("%s\t%s\t%s\t%s\n", families[i].name, families[i].type, families[i].help,
		       families[i].labels);
}

static void
head(struct buf *out, const struct family *f)
{
	buf_str(out, "# HELP ");
	number(out, f->name, "", f->help);
	buf_str(out, "# TYPE ");
	number(out, f->name, "", f->type);
}

/* GET /metrics/ */
enum err
metrics_show(struct req *r, struct reply *out)
{
	struct scrape s = { .out = &out->body };
	size_t i;

	if (r->timing == NULL || r->timing->metrics == NULL)
		return ERR_UNAVAILABLE;
	s.metrics = r->timing->metrics;
	s.database = health_state(r, &s.state);
	s.cache = cache_ping(r->cache);
	s.disk = health_disk(r->conf, &s.total, &s.available);
	reply_begin_type(out, "text/plain; version=0.0.4; charset=utf-8");
	for (i = 0; i < family_count; i++) {
		head(s.out, &families[i]);
		families[i].write(&s, &families[i]);
	}
	return ERR_OK;
}

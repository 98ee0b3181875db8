/*
 * export.c: receives spans from all processes and sends them to a collector, in
 * batches of OTLP/JSON over HTTP.  The only program that uses libcurl.
 *
 * While the collector is down, spans are buffered up to a limit and then
 * dropped.  No process waits for this one.
 */
#include <curl/curl.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"
#include "build.h"
#include "jobs/job_runtime.h"
#include "obs/log.h"
#include "obs/spans.h"

#define MAX_CLIENTS 256
#define MAX_MESSAGE (256 * 1024)
#define MAX_WAITING (4 * 1024 * 1024) /* bytes of spans buffered for the collector */
#define BATCH_BYTES (256 * 1024)      /* sent at once instead of after BATCH_US */
#define BATCH_US 1000000
#define TURN_MS 250
#define POST_MS 5000
#define RETRY_FIRST_US 1000000
#define RETRY_LAST_US 30000000
#define MAX_REPLY 16384
#define LAST_WORDS_US 2000000 /* time to send the rest at shutdown */

struct batch {
	struct buf text; /* spans separated by commas */
	uint64_t spans;
	int64_t since; /* arrival of the oldest span, by time_monotonic_us() */
};

struct exporter {
	struct job_runtime rt;
	int listener, clients[MAX_CLIENTS];
	size_t n_clients;
	char message[MAX_MESSAGE];
	struct batch waiting, sending;
	struct buf body, reply;
	CURLM *multi;
	CURL *easy;
	struct curl_slist *headers;
	bool busy;		/* a request is in progress */
	bool trouble;		/* the last request failed; logged once */
	int64_t retry_at, wait; /* back-off after a failure */
};

static bool
start_listening(struct exporter *x)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char path[CONF_TEXT_MAX + 32];

	spans_path(&x->rt.conf, path, sizeof(path));
	if (strlen(path) >= sizeof(address.sun_path))
		return false;
	memcpy(address.sun_path, path, strlen(path) + 1);
	unlink(path);
	x->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return x->listener >= 0 &&
	       bind(x->listener, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	       chmod(path, 0660) == 0 && /* transcode runs as another user */
	       listen(x->listener, 128) == 0;
}

/* The first bytes of the collector's reply are enough. */
static size_t
take_reply(char *data, size_t size, size_t n, void *ctx)
{
	struct exporter *x = ctx;

	if (x->reply.len + size * n < MAX_REPLY)
		buf_add(&x->reply, data, size * n);
	return size * n;
}

/* Adds "name=value" with a percent-encoded value.  False if it is not a valid header. */
static bool
add_header(struct exporter *x, const char *entry, size_t n)
{
	const char *equals = memchr(entry, '=', n);
	size_t name = equals == NULL ? 0 : (size_t)(equals - entry);
	struct curl_slist *longer = NULL;
	char line[CONF_TEXT_MAX + 4], *value;
	int len = 0;

	if (name == 0 || strcspn(entry, ": \t\r\n") < name)
		return false;
	value = curl_easy_unescape(x->easy, equals + 1, (int)(n - name - 1), &len);
	if (value != NULL && strcspn(value, "\r\n") == (size_t)len) {
		snprintf(line, sizeof(line), "%.*s: %s", (int)name, entry, value);
		longer = curl_slist_append(x->headers, line);
	}
	curl_free(value);
	if (longer != NULL)
		x->headers = longer;
	return longer != NULL;
}

/*
 * Adds the headers of otlp_headers.  It contains secrets, so a bad entry is
 * logged by number only.
 */
static void
add_headers(struct exporter *x)
{
	const char *p = x->rt.conf.otlp_headers;
	int number = 1;
	size_t n;

	for (p += strspn(p, ", "); *p != '\0'; p += strspn(p, ", "), number++) {
		n = strcspn(p, ",");
		while (n > 0 && p[n - 1] == ' ')
			n--;
		if (!add_header(x, p, n))
			log_error("otlp_headers: entry %d is not name=value", number);
		p += strcspn(p, ",");
	}
}

/* The endpoint plus the path of the specification. */
static bool
prepare_curl(struct exporter *x)
{
	const char *endpoint = x->rt.conf.otlp_endpoint;
	size_t n = strlen(endpoint);
	char url[CONF_TEXT_MAX + 16];

	snprintf(url, sizeof(url), "%s%sv1/traces", endpoint,
		 n > 0 && endpoint[n - 1] == '/' ? "" : "/");
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0 || (x->multi = curl_multi_init()) == NULL ||
	    (x->easy = curl_easy_init()) == NULL)
		return false;
	x->headers = curl_slist_append(NULL, "Content-Type: application/json");
	add_headers(x);
	curl_easy_setopt(x->easy, CURLOPT_URL, url);
	curl_easy_setopt(x->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, x->headers);
	curl_easy_setopt(x->easy, CURLOPT_TIMEOUT_MS, (long)POST_MS);
	curl_easy_setopt(x->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(x->easy, CURLOPT_USERAGENT, "dousheng/" BUILD_VERSION);
	curl_easy_setopt(x->easy, CURLOPT_WRITEFUNCTION, take_reply);
	curl_easy_setopt(x->easy, CURLOPT_WRITEDATA, x);
	return x->headers != NULL;
}

static void
drop(struct exporter *x, uint64_t spans)
{
	timing_count(&x->rt.timing, METRIC_SPANS_DROPPED, spans);
}

/* A message is the number of spans, a bracket, and the spans. */
static void
take_message(struct exporter *x, const char *text, size_t n)
{
	char *bracket;
	uint64_t spans = strtoull(text, &bracket, 10);
	size_t head = (size_t)(bracket - text) + 1;

	if (*bracket != '[' || head >= n)
		return;
	if (x->waiting.text.len + n > MAX_WAITING) {
		drop(x, spans);
		return;
	}
	if (x->waiting.spans == 0)
		x->waiting.since = time_monotonic_us();
	else
		buf_str(&x->waiting.text, ",");
	buf_add(&x->waiting.text, text + head, n - head);
	x->waiting.spans += spans;
}

/* Reads all that a client has sent.  False: the client has closed the connection. */
static bool
read_client(struct exporter *x, int fd)
{
	ssize_t n;

	while ((n = recv(fd, x->message, sizeof(x->message) - 1, 0)) > 0) {
		x->message[n] = '\0';
		take_message(x, x->message, (size_t)n);
	}
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static void
read_all(struct exporter *x)
{
	size_t i, kept = 0;
	int fd;

	while (x->n_clients < MAX_CLIENTS &&
	       (fd = accept4(x->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
		x->clients[x->n_clients++] = fd;
	for (i = 0; i < x->n_clients; i++) {
		if (read_client(x, x->clients[i]))
			x->clients[kept++] = x->clients[i];
		else
			close(x->clients[i]);
	}
	x->n_clients = kept;
}

/* Wraps the batch in an ExportTraceServiceRequest. */
static void
write_body(struct buf *b, const struct batch *batch)
{
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	buf_clear(b);
	json_open(b, NULL, '{');
	json_open(b, "resourceSpans", '[');
	json_open(b, NULL, '{');
	json_open(b, "resource", '{');
	json_open(b, "attributes", '[');
	spans_attribute(b, "service.name", "dousheng");
	spans_attribute(b, "service.version", BUILD_VERSION);
	spans_attribute(b, "host.name", host);
	json_close(b, ']');
	json_close(b, '}');
	json_open(b, "scopeSpans", '[');
	json_open(b, NULL, '{');
	json_open(b, "scope", '{');
	json_cstr(b, "name", "dousheng");
	json_cstr(b, "version", BUILD_VERSION);
	json_close(b, '}');
	json_open(b, "spans", '[');
	buf_add(b, batch->text.data, batch->text.len);
	json_close(b, ']');
	json_close(b, '}');
	json_close(b, ']');
	json_close(b, '}');
	json_close(b, ']');
	json_close(b, '}');
}

/* Sends the failed batch again, or the next one, if it is due. */
static void
start_post(struct exporter *x, bool now)
{
	int64_t clock = time_monotonic_us();

	if (x->busy || clock < x->retry_at)
		return;
	if (x->sending.spans == 0) {
		struct batch empty = x->sending;

		if (x->waiting.spans == 0 || (!now && x->waiting.text.len < BATCH_BYTES &&
					      clock - x->waiting.since < BATCH_US))
			return;
		x->sending = x->waiting;
		x->waiting = empty;
		write_body(&x->body, &x->sending);
	}
	buf_clear(&x->reply);
	curl_easy_setopt(x->easy, CURLOPT_POSTFIELDS, x->body.data);
	curl_easy_setopt(x->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)x->body.len);
	x->busy = curl_multi_add_handle(x->multi, x->easy) == CURLM_OK;
}

static void
forget_sent(struct exporter *x)
{
	buf_clear(&x->sending.text);
	x->sending.spans = 0;
}

/* Failures that the protocol allows to retry: no connection, 429, 502, 503, 504. */
static bool
may_pass(CURLcode result, long status)
{
	return result != CURLE_OK || status == 429 || status == 502 || status == 503 ||
	       status == 504;
}

/*
 * How many spans of an accepted batch the collector rejected, by partialSuccess
 * of its reply.  They must not be sent again.  In JSON a 64-bit number may be a
 * string; json-c reads both.
 */
static uint64_t
rejected(const struct exporter *x)
{
	struct json_tokener *reader = json_tokener_new();
	struct json_object *root = NULL, *part = NULL, *value = NULL;
	const char *why = "";
	int64_t n = 0;

	if (reader != NULL && !buf_failed(&x->reply) && x->reply.len > 0)
		root = json_tokener_parse_ex(reader, x->reply.data, (int)x->reply.len);
	if (json_object_object_get_ex(root, "partialSuccess", &part)) {
		if (json_object_object_get_ex(part, "rejectedSpans", &value))
			n = json_object_get_int64(value);
		if (json_object_object_get_ex(part, "errorMessage", &value) && value != NULL)
			why = json_object_get_string(value);
		if (n > 0 || why[0] != '\0')
			log_warn("the collector rejected %lld spans: %.400s", (long long)n, why);
	}
	json_object_put(root);
	if (reader != NULL)
		json_tokener_free(reader);
	return n < 0 ? 0 : (uint64_t)n > x->sending.spans ? x->sending.spans : (uint64_t)n;
}

static void
finish_post(struct exporter *x, CURLcode result)
{
	bool good, failed_before = x->trouble;
	long status = 0;

	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_multi_remove_handle(x->multi, x->easy);
	x->busy = false;
	good = result == CURLE_OK && status >= 200 && status < 300 && !buf_failed(&x->body);
	x->trouble = !good;
	if (good) {
		uint64_t lost = rejected(x);

		timing_count(&x->rt.timing, METRIC_SPANS_SENT, x->sending.spans - lost);
		drop(x, lost);
		x->wait = 0;
		if (failed_before)
			log_info("the collector accepts spans again");
	} else if (!failed_before) {
		log_warn("the collector does not accept spans: %s, HTTP status %ld",
			 curl_easy_strerror(result), status);
	}
	if (!good && may_pass(result, status)) {
		x->wait = x->wait == 0 ? RETRY_FIRST_US : x->wait * 2;
		if (x->wait > RETRY_LAST_US)
			x->wait = RETRY_LAST_US;
		x->retry_at = time_monotonic_us() + x->wait;
		return;
	}
	if (!good)
		drop(x, x->sending.spans);
	forget_sent(x);
}

/* Waits for clients and the collector, at most TURN_MS, and serves them. */
static void
turn(struct exporter *x, bool now)
{
	struct curl_waitfd fds[MAX_CLIENTS + 1];
	unsigned int n = 0;
	int running;
	CURLMsg *done;
	size_t i;

	if (x->n_clients < MAX_CLIENTS) /* otherwise a waiting client would wake us up although
					   there is no slot for it */
		fds[n++] = (struct curl_waitfd){ x->listener, CURL_WAIT_POLLIN, 0 };
	for (i = 0; i < x->n_clients; i++)
		fds[n++] = (struct curl_waitfd){ x->clients[i], CURL_WAIT_POLLIN, 0 };
	curl_multi_poll(x->multi, fds, n, TURN_MS, NULL);
	read_all(x);
	start_post(x, now);
	curl_multi_perform(x->multi, &running);
	while ((done = curl_multi_info_read(x->multi, &running)) != NULL)
		if (done->msg == CURLMSG_DONE)
			finish_post(x, done->data.result);
}

static void
run(struct exporter *x)
{
	int64_t deadline;

	while (job_runtime_sleep(0))
		turn(x, false);
	deadline = time_monotonic_us() + LAST_WORDS_US;
	do
		turn(x, true);
	while ((x->waiting.spans > 0 || x->sending.spans > 0) && !x->trouble &&
	       time_monotonic_us() < deadline);
	drop(x, x->waiting.spans + x->sending.spans);
}

static void
release(struct exporter *x)
{
	size_t i;

	for (i = 0; i < x->n_clients; i++)
		close(x->clients[i]);
	if (x->easy != NULL)
		curl_easy_cleanup(x->easy);
	curl_multi_cleanup(x->multi);
	curl_slist_free_all(x->headers);
	buf_release(&x->waiting.text);
	buf_release(&x->sending.text);
	buf_release(&x->body);
	buf_release(&x->reply);
}

int
main(void)
{
	static struct exporter x = { .listener = -1 };
	bool ok = job_runtime_open(&x.rt, "export");

	/* Without an endpoint there is nothing to do until a reload sets one. */
	while (ok && x.rt.conf.otlp_endpoint[0] == '\0' && job_runtime_sleep(60000))
		;
	if (ok && x.rt.conf.otlp_endpoint[0] != '\0') {
		ok = start_listening(&x) && prepare_curl(&x);
		if (ok)
			run(&x);
		else
			log_error("cannot receive spans: %s", strerror(errno));
		release(&x);
	}
	return job_runtime_end(&x.rt, ok);
}

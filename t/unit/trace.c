/* trace.c: parsing of traceparent, timing, log lines. */
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "obs/log.h"
#include "tap.h"

#define ID "0af7651916cd43dd8448eb211c80319c"
#define SPAN "00f067aa0ba902b7"
#define ZEROS16 "0000000000000000"

/* From the specification's rules, and the W3C's test suite. */
static void
traceparents(void)
{
	static const struct {
		bool good;
		const char *text;
	} all[] = {
		{ true, "00-" ID "-" SPAN "-01" },
		{ true, "00-" ID "-" SPAN "-00" },
		{ true, "00-" ID "-" SPAN "-ff" },
		{ true, "cc-" ID "-" SPAN "-01" },
		{ true, "cc-" ID "-" SPAN "-01-what-the-future-will-be-like" },
		{ false, "cc-" ID "-" SPAN "-01.what-the-future-will-be-like" },
		{ false, "cc-" ID "-" SPAN "-0" },
		{ false, "ff-" ID "-" SPAN "-01" },
		{ false, "00-" ID "-" SPAN "-01-more" },
		{ false, "00-" ID "-" SPAN "-01-" },
		{ false, "00-" ID "-" SPAN "-1" },
		{ false, "00-" ID "-" SPAN "-" },
		{ false, "00-" ID "-" SPAN "-0x" },
		{ false, "00-" ID "-" SPAN },
		{ false, "00-" ZEROS16 ZEROS16 "-" SPAN "-01" },
		{ false, "00-" ID "-" ZEROS16 "-01" },
		{ false, "00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01" },
		{ false, "00-" ID "-00F067AA0BA902B7-01" },
		{ false, "00-" ID "-" SPAN "-0F" },
		{ false, "00_" ID "-" SPAN "-01" },
		{ false, "00-" ID "_" SPAN "-01" },
		{ false, "00-" ID "-" SPAN "_01" },
		{ false, "00-" ID "0-" SPAN "-01" },
		{ false, "0-" ID "-" SPAN "-01" },
		{ false, "000-" ID "-" SPAN "-01" },
		{ false, ".0-" ID "-" SPAN "-01" },
		{ false, "00-.af7651916cd43dd8448eb211c80319c-" SPAN "-01" },
		{ false, "00-" ID "-.0f067aa0ba902b7-01" },
		{ false, "00-" ID "-" SPAN "-01, 00-" ID "-" SPAN "-01" },
		{ false, " 00-" ID "-" SPAN "-01" },
		{ false, "" },
	};
	size_t i, wrong = 0;
	struct trace t;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (trace_read(&t, all[i].text) != all[i].good) {
			printf("# %s\n", all[i].text);
			wrong++;
		}
	CHECK(wrong == 0, "a traceparent is accepted or ignored as specified");
	CHECK(trace_read(&t, "00-" ID "-" SPAN "-03") && t.sampled, "the sampled flag is read");
	CHECK(trace_read(&t, "00-" ID "-" SPAN "-fe") && !t.sampled,
	      "a missing sampled flag is read");
	CHECK(strcmp(t.id, ID) == 0 && strcmp(t.parent, SPAN) == 0,
	      "ids of a traceparent are used");
}

static void
ids(void)
{
	struct trace t = { .sampled = true }, back;
	char text[TRACE_PARENT_LEN + 1], other[TRACE_SPAN_LEN + 1];
	uint64_t state = 0;

	trace_new_id(&state, t.id);
	trace_new_span(&state, t.span);
	trace_new_span(&state, other);
	trace_write(&t, text);
	CHECK(trace_is_id(t.id) && strlen(t.span) == TRACE_SPAN_LEN, "new ids are valid");
	CHECK(strcmp(t.span, other) != 0 && strcmp(t.id, t.span) != 0, "new ids differ");
	CHECK(trace_read(&back, text) && strcmp(back.id, t.id) == 0 &&
		  strcmp(back.parent, t.span) == 0 && back.sampled,
	      "a traceparent that we write is read back");
}

static void
requests(void)
{
	static char id[] = "REQUEST_ID=4bf92f3577b34da6a3ce929d0e0e4736",
		    parent[] = "HTTP_TRACEPARENT=00-" ID "-" SPAN "-01",
		    bad[] = "HTTP_TRACEPARENT=00-" ID "-" SPAN "-01, x";
	char *with[] = { id, parent, NULL }, *without[] = { id, NULL },
	     *broken[] = { id, bad, NULL }, trust[] = "TRACE_TRUSTED=1",
	     *trusted[] = { id, parent, trust, NULL };
	struct timing m = { .random = 1 };

	timing_start(&m);
	timing_set_route(&m, with, "GET", "/x/", 0);
	CHECK(strcmp(timing_trace(&m)->id, ID) == 0, "a request continues its caller's trace");
	CHECK(strcmp(m.request_id, id + 11) == 0, "a request has a span id of its own");
	timing_start(&m);
	timing_set_route(&m, without, "GET", "/x/", 0);
	CHECK(strcmp(timing_trace(&m)->id, id + 11) == 0 && m.trace.parent[0] == '\0',
	      "without a traceparent the trace id is the request id");
	timing_start(&m);
	timing_set_route(&m, broken, "GET", "/x/", 0);
	CHECK(strcmp(timing_trace(&m)->id, id + 11) == 0,
	      "with an invalid traceparent the trace id is the request id");
	/* Which of those are sent: the id's last digits are at 5.5 % of what they can be. */
	m.tracing = true;
	m.trace_percent = 5;
	timing_start(&m);
	timing_set_route(&m, without, "GET", "/x/", 0);
	CHECK(!timing_trace(&m)->sampled, "an id outside the share is not sampled");
	m.trace_percent = 6;
	timing_start(&m);
	timing_set_route(&m, without, "GET", "/x/", 0);
	CHECK(timing_trace(&m)->sampled, "an id in the share is sampled");
	m.trace_percent = 0;
	timing_start(&m);
	timing_set_route(&m, trusted, "GET", "/x/", 0);
	CHECK(timing_trace(&m)->sampled, "the decision of a trusted caller is used");
	timing_start(&m);
	timing_set_route(&m, with, "GET", "/x/", 0);
	CHECK(!timing_trace(&m)->sampled && strcmp(m.trace.id, ID) == 0,
	      "the decision of another caller is ignored");
}

static void
many_steps(void)
{
	const int64_t hour = 3600LL * 1000000;
	struct timing m = { .random = 1 };
	int i;

	timing_start(&m);
	for (i = 0; i < TIMING_STEPS + 5; i++)
		timing_step(&m, TIMING_DATABASE, "x", 1, time_monotonic_us() - 7, false);
	CHECK(m.trips[TIMING_DATABASE] == TIMING_STEPS + 5 &&
		  m.us[TIMING_DATABASE] >= 7 * TIMING_STEPS,
	      "all steps are counted");
	CHECK(timing_steps(&m) == TIMING_STEPS, "steps beyond the last place are not kept");
	timing_start(&m);
	m.start_us -= 4 * hour;
	timing_step(&m, TIMING_PROGRAM, "x", 1, m.start_us + 2 * hour, false);
	CHECK(m.us[TIMING_PROGRAM] >= 2 * hour && m.steps[0].at_us == 2 * hour &&
		  m.steps[0].us >= 2 * hour,
	      "a program's duration may be hours");
}

/* What log_at() writes for a message. */
static const char *
line_of(const char *message)
{
	static char text[16384];
	int fds[2], kept = dup(STDERR_FILENO);
	ssize_t n;

	if (pipe(fds) != 0)
		return "";
	dup2(fds[1], STDERR_FILENO);
	log_warn("%s", message);
	dup2(kept, STDERR_FILENO);
	close(fds[1]);
	n = read(fds[0], text, sizeof(text) - 1);
	text[n < 0 ? 0 : n] = '\0';
	close(fds[0]);
	close(kept);
	return text;
}

static void
lines(void)
{
	char longest[4000];
	const char *line;
	size_t i;

	log_configure("unit", "info");
	CHECK(strstr(line_of("a \"b\"\n\\"), "\"message\":\"a \\\"b\\\" \\\\\"}\n") != NULL,
	      "a message is escaped and one line");
	CHECK(strstr(line_of("x\xff\xfey"), "\"x??y\"") != NULL,
	      "invalid UTF-8 in a message is replaced");
	memset(longest, '"', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	line = line_of(longest);
	CHECK(strlen(line) > 1000 && strcmp(line + strlen(line) - 3, "\"}\n") == 0,
	      "a long message is cut, its line is complete");
	longest[0] = 'x';
	for (i = 1; i + 3 < sizeof(longest); i += 3)
		memcpy(longest + i, "\xe6\x8a\x96", 3);
	longest[i] = '\0';
	CHECK(strstr(line_of(longest), "\x96\"}\n") != NULL,
	      "a long message is cut between characters");
}

/* Of many ids about so many: those below the share of what the last digits can be. */
static void
shares(void)
{
	CHECK(trace_sampled_by_id("4bf92f3577b34da6a3ce929dffffffff", 100), "share 1 samples all");
	CHECK(!trace_sampled_by_id("4bf92f3577b34da6a3ce929d00000000", 0), "share 0 samples none");
	CHECK(trace_sampled_by_id("4bf92f3577b34da6a3ce929d0ccccccc", 5) &&
		  !trace_sampled_by_id("4bf92f3577b34da6a3ce929d0ccccccd", 5),
	      "share 0.05 samples about one in twenty");
}

int
main(void)
{
	traceparents();
	shares();
	ids();
	requests();
	many_steps();
	lines();
	return done();
}

/* log.c: see log.h. */
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "obs/log.h"

#define MESSAGE_MAX 1024
#define STEP_ROOM 256 /* upper bound of one step's length; steps that do not fit are left out */

static const char *const names[] = { "error", "warn", "info", "debug" };
static const char *const part_names[TIMING_PARTS] = { "database", "cache", "program" };

/* Set at start, constant afterwards. */
static const char *program_name = "dousheng";
static enum log_level threshold = LOG_LEVEL_INFO;
static bool as_json = true;
static struct timing *work;

static volatile sig_atomic_t reopen_asked;

static void
on_sigusr1(int signal_number)
{
	(void)signal_number;
	reopen_asked = 1;
}

/* If the file cannot be opened, the old one stays in use. */
static void
open_file(void)
{
	const char *path = getenv("DOUSHENG_LOG");
	int fd;

	if (path == NULL || path[0] == '\0')
		return;
	if ((fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644)) < 0)
		return;
	dup2(fd, STDERR_FILENO);
	close(fd);
}

void
log_open(void)
{
	struct sigaction action = { .sa_handler = on_sigusr1, .sa_flags = SA_RESTART };

	sigaction(SIGUSR1, &action, NULL);
	open_file();
}

void
log_reopen_if_asked(void)
{
	if (!reopen_asked)
		return;
	reopen_asked = 0;
	open_file();
}

void
log_configure(const char *program, const char *level)
{
	int i;

	program_name = program;
	for (i = LOG_LEVEL_ERROR; i <= LOG_LEVEL_DEBUG; i++)
		if (strcmp(names[i], level) == 0)
			threshold = (enum log_level)i;
}

void
log_set_format(bool json, struct timing *timing)
{
	as_json = json;
	work = timing;
}

bool
log_enabled(enum log_level level)
{
	return level <= threshold;
}

/*
 * Makes a message one line of valid UTF-8: messages of libraries have several
 * lines, and truncation may cut a character.
 */
static void
sanitize(char *text)
{
	size_t n = strlen(text), i;
	bool utf8 = text_length(text, n) >= 0;

	while (!utf8 && n > 0 && ((unsigned char)text[n - 1] & 0xc0) == 0x80)
		text[--n] = '\0';
	if (!utf8 && n > 0 && (unsigned char)text[n - 1] >= 0xc0)
		text[--n] = '\0';
	utf8 = text_length(text, n) >= 0;
	for (i = 0; i < n; i++)
		if ((unsigned char)text[i] < 0x20 || (!utf8 && (unsigned char)text[i] >= 0x80))
			text[i] = (unsigned char)text[i] < 0x20 ? ' ' : '?';
}

void
log_int(struct log_line *line, const char *key, int64_t v)
{
	if (as_json) {
		json_int(&line->b, key, v);
		return;
	}
	buf_str(&line->b, " ");
	buf_str(&line->b, key);
	buf_str(&line->b, "=");
	buf_int(&line->b, v);
}

void
log_str(struct log_line *line, const char *key, const char *v)
{
	if (as_json) {
		json_cstr(&line->b, key, v);
		return;
	}
	buf_str(&line->b, " ");
	buf_str(&line->b, key);
	buf_str(&line->b, "=");
	buf_str(&line->b, v);
}

void
log_bool(struct log_line *line, const char *key, bool v)
{
	if (as_json)
		json_boolean(&line->b, key, v);
	else
		log_str(line, key, v ? "true" : "false");
}

/* Writes the ids of the current request or job, if there is one. */
static void
write_identity(struct log_line *line)
{
	const struct trace *t;

	if (work == NULL || (work->env == NULL && work->trace.id[0] == '\0'))
		return;
	t = timing_trace(work);
	if (work->request_id[0] != '\0')
		log_str(line, "request_id", work->request_id);
	log_str(line, "trace_id", t->id);
	log_str(line, "span_id", t->span);
	if (work->route != NULL) {
		log_str(line, "method", work->method);
		log_str(line, "route", work->route);
		log_int(line, "viewer", work->viewer);
	}
}

void
log_begin(struct log_line *line, enum log_level level, const char *message)
{
	struct timespec now;
	struct tm utc;
	char when[40];
	size_t n;

	line->b = (struct buf)BUF_FIXED(line->text);
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	n = strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(when + n, sizeof(when) - n, ".%03ldZ", now.tv_nsec / 1000000);
	if (as_json) {
		json_open(&line->b, NULL, '{');
		json_cstr(&line->b, "time", when);
		json_cstr(&line->b, "level", names[level]);
		json_cstr(&line->b, "program", program_name);
		json_int(&line->b, "pid", getpid());
		json_cstr(&line->b, "message", message);
	} else {
		buf_str(&line->b, when);
		buf_str(&line->b, " ");
		buf_str(&line->b, names[level]);
		buf_str(&line->b, " ");
		buf_str(&line->b, program_name);
		buf_str(&line->b, "[");
		buf_int(&line->b, getpid());
		buf_str(&line->b, "] ");
		buf_str(&line->b, message);
	}
	write_identity(line);
}

void
log_end(struct log_line *line)
{
	if (as_json)
		json_close(&line->b, '}');
	buf_str(&line->b, "\n");
	/* A failed write to the log must not fail a request. */
	if (buf_failed(&line->b) || write(STDERR_FILENO, line->b.data, line->b.len) < 0)
		return;
}

void
log_at(enum log_level level, const char *format, ...)
{
	char message[MESSAGE_MAX];
	struct log_line line;
	va_list ap;

	if (!log_enabled(level))
		return;
	va_start(ap, format);
	vsnprintf(message, sizeof(message), format, ap);
	va_end(ap);
	sanitize(message);
	log_begin(&line, level, message);
	log_end(&line);
}

void
log_timing(struct log_line *line, const struct timing *m)
{
	static const char *const us[TIMING_PARTS] = { "database_us", "cache_us", "program_us" };
	static const char *const trips[TIMING_PARTS] = { "database_trips", "cache_trips",
							 "programs" };
	int i;

	log_int(line, "us", time_monotonic_us() - m->start_us);
	for (i = 0; i < TIMING_PARTS; i++) {
		if (i == TIMING_PROGRAM && m->trips[i] == 0)
			continue;
		log_int(line, us[i], m->us[i]);
		log_int(line, trips[i], m->trips[i]);
	}
}

static void
write_step(struct log_line *line, const struct timing_step *step)
{
	if (!as_json) {
		log_int(line, step->name, step->us);
		return;
	}
	json_open(&line->b, NULL, '{');
	json_cstr(&line->b, "part", part_names[step->part]);
	json_cstr(&line->b, "name", step->name);
	json_int(&line->b, "us", step->us);
	if (step->failed)
		json_boolean(&line->b, "failed", true);
	json_close(&line->b, '}');
}

void
log_timing_steps(struct log_line *line, const struct timing *m)
{
	size_t i;

	if (as_json)
		json_open(&line->b, "steps", '[');
	for (i = 0; i < timing_steps(m) && line->b.cap - line->b.len > STEP_ROOM; i++)
		write_step(line, &m->steps[i]);
	if (as_json)
		json_close(&line->b, ']');
	if (i < m->n_steps)
		log_int(line, "more_steps", (int64_t)(m->n_steps - i));
}

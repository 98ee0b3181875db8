/* log.c: a line is one write, so that lines of many processes do not mix. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

static const char *const names[] = { "error", "warn", "info", "debug" };

/* Set once at start, read only afterwards. */
static const char *program_name = "dousheng";
static enum log_level least = LOG_LEVEL_INFO;

void
log_start(const char *program, const char *level)
{
	int i;

	program_name = program;
	for (i = LOG_LEVEL_ERROR; i <= LOG_LEVEL_DEBUG; i++)
		if (strcmp(names[i], level) == 0)
			least = (enum log_level)i;
}

void
log_at(enum log_level level, const char *format, ...)
{
	char line[1024];
	struct timespec now;
	struct tm utc;
	size_t n;
	int more;
	va_list ap;

	if (level > least)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	n = strftime(line, sizeof(line), "%Y-%m-%dT%H:%M:%S", &utc);
	more = snprintf(line + n, sizeof(line) - n, ".%03ldZ %s %s[%d] ", now.tv_nsec / 1000000,
			names[level], program_name, (int)getpid());
	n += (size_t)more;
	va_start(ap, format);
	vsnprintf(line + n, sizeof(line) - n - 1, format, ap);
	va_end(ap);
	for (; line[n] != '\0'; n++)
		if (line[n] == '\n')
			line[n] = ' '; /* libpq's messages have several lines */
	line[n++] = '\n';
	/* A log that cannot be written is no reason to fail a request. */
	if (write(STDERR_FILENO, line, n) < 0)
		return;
}

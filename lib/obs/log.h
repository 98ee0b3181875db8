/*
 * log.h: one line an event on standard error, as a JSON object or as text.
 *
 * Never a token, a password or a message: what a user typed does not belong
 * into a log.
 *
 * A line tells time, level, program, and which request or job it is about.  It
 * is one write, so that lines of many processes do not mix.
 */
#ifndef DS_LOG_H
#define DS_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "obs/timing.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/*
 * Once, first of all.  Standard error becomes the file that DOUSHENG_LOG names,
 * if it names one, and is opened anew by log_reopen_if_asked() after a SIGUSR1: so a log is
 * renamed without a line being lost.
 */
void log_open(void);
void log_reopen_if_asked(void);

/* Once, at start: the program's name (borrowed), and a level by its name. */
void log_configure(const char *program, const char *level);

/* Once, at start: JSON or text; and whose work lines are about (borrowed). */
void log_set_format(bool json, struct timing *timing);

/* Is a line of this level written? */
bool log_enabled(enum log_level level);

void log_at(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_at(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) log_at(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...) log_at(LOG_LEVEL_INFO, __VA_ARGS__)

/* A line with fields of its own: begin, fields, end.  Keys are literals. */
struct log_line {
	struct buf b;
	char text[8192];
};

void log_begin(struct log_line *line, enum log_level level, const char *message);
void log_int(struct log_line *line, const char *key, int64_t v);
void log_str(struct log_line *line, const char *key, const char *v);
void log_bool(struct log_line *line, const char *key, bool v);
void log_end(struct log_line *line);

/* What the work has taken: microseconds and round trips by part, and each step by its name. */
void log_timing(struct log_line *line, const struct timing *m);
void log_timing_steps(struct log_line *line, const struct timing *m);

#endif

/*
 * log.h: one line per event on standard error, as a JSON object or as text.
 *
 * Never log a token, a password, a message or any other text of a user.
 *
 * A line has time, level, program, and the id of the current request or job.
 * It is written with one write(), so that lines of several processes do not
 * mix.
 */
#ifndef DS_LOG_H
#define DS_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "obs/timing.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/*
 * Call log_open() first of all.  It redirects standard error to the file named
 * by DOUSHENG_LOG, if set.  log_reopen_if_asked() reopens that file after
 * SIGUSR1, so that a log can be renamed without losing a line.
 */
void log_open(void);
void log_reopen_if_asked(void);

/* Sets the program's name (borrowed) and the lowest level that is written.  Once, at start. */
void log_configure(const char *program, const char *level);

/* Sets JSON or text, and the timing (borrowed) whose ids the lines show.  Once, at start. */
void log_set_format(bool json, struct timing *timing);

/* Are lines of this level written? */
bool log_enabled(enum log_level level);

void log_at(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_at(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) log_at(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...) log_at(LOG_LEVEL_INFO, __VA_ARGS__)

/* A line with additional fields: log_begin(), fields, log_end().  Keys are literals. */
struct log_line {
	struct buf b;
	char text[8192];
};

void log_begin(struct log_line *line, enum log_level level, const char *message);
void log_int(struct log_line *line, const char *key, int64_t v);
void log_str(struct log_line *line, const char *key, const char *v);
void log_bool(struct log_line *line, const char *key, bool v);
void log_end(struct log_line *line);

/* Append the time and the round trips of the current work by part, and each step by name. */
void log_timing(struct log_line *line, const struct timing *m);
void log_timing_steps(struct log_line *line, const struct timing *m);

#endif

/* tell.c: see tell.h. */
#include "log.h"
#include "tell.h"
#include "text.h"

static void
log_request(const struct meter *m, enum log_level level, const struct reply *out, bool slow)
{
	struct log_line line;

	log_begin(&line, level, "request");
	log_int(&line, "status", out->http);
	log_int(&line, "code", err_info(out->err)->code);
	log_parts(&line, m);
	if (slow)
		log_bool(&line, "slow", true);
	log_steps(&line, m);
	log_end(&line);
}

/* What went wrong has been said as an error where it happened. */
static enum log_level
level_of(const struct reply *out, bool slow)
{
	return slow || out->http >= 500 ? LOG_LEVEL_WARN : LOG_LEVEL_DEBUG;
}

void
tell(struct meter *m, const struct conf *conf, const struct reply *out)
{
	int64_t us = time_monotonic_us() - m->start_us;
	bool slow = us >= conf->slow_ms * 1000;
	enum log_level level = level_of(out, slow);

	if (m->slot != NULL)
		metrics_request(m->slot, m->route_number, out->err, (uint64_t)us);
	if (log_wants(level))
		log_request(m, level, out, slow);
	meter_busy(m, false);
	m->env = NULL;
	m->trace.id[0] = '\0';
}

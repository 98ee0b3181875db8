/* job_runtime.c: see job_runtime.h. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "jobs/job_runtime.h"
#include "obs/log.h"

static volatile sig_atomic_t stopping;
static sigset_t while_waiting;

static void
stop(int signal_number)
{
	(void)signal_number;
	stopping = 1;
}

bool
job_runtime_open(struct job_runtime *b, const char *program)
{
	struct sigaction action = { .sa_handler = stop };
	char why[1024];
	sigset_t blocked;

	log_open();
	if (!conf_load(&b->conf, why, sizeof(why))) {
		log_error("%s", why);
		return false;
	}
	log_configure(program, b->conf.log_level);
	log_set_format(b->conf.log_format[0] == 'j', &b->timing);
	if (!timing_open_metrics(&b->timing, b->conf.home, program, 0))
		log_warn("metrics: counting is off: %s", strerror(errno));
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, &while_waiting);
	sigdelset(&while_waiting, SIGTERM);
	sigdelset(&while_waiting, SIGINT);
	sigdelset(&while_waiting, SIGUSR1);
	signal(SIGPIPE, SIG_IGN);
	return true;
}

bool
job_runtime_start(struct job_runtime *b, const char *program, const char *role, int64_t wait_ms)
{
	if (!job_runtime_open(b, program))
		return false;
	if (b->conf.database_timeout_ms < wait_ms)
		b->conf.database_timeout_ms = wait_ms;
	b->db = db_new(&b->conf, role);
	b->cache = b->db == NULL ? NULL : cache_new(&b->conf, db_identity(b->db));
	if (b->cache == NULL)
		return false;
	db_set_timing(b->db, &b->timing);
	cache_set_timing(b->cache, &b->timing);
	return db_connect(b->db) != ERR_INTERNAL;
}

bool
job_runtime_sleep(int milliseconds)
{
	struct timespec limit = { milliseconds / 1000, milliseconds % 1000 * 1000000L };

	if (!stopping)
		ppoll(NULL, 0, &limit, &while_waiting);
	log_reopen_if_asked();
	return !stopping;
}

bool
job_runtime_stopping(void)
{
	return !job_runtime_sleep(0);
}

int
job_runtime_end(struct job_runtime *b, bool ok)
{
	metrics_close(b->timing.metrics);
	db_free(b->db);
	cache_free(b->cache);
	if (!ok)
		sleep(1); /* the supervisor restarts us at once: limit a crash loop */
	return ok ? 0 : 1;
}

/* background.c: see background.h. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "jobs/background.h"
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
background_open(struct background *b, const char *program)
{
	struct sigaction action = { .sa_handler = stop };
	char why[1024];
	sigset_t blocked;

	log_open();
	if (!conf_load(&b->conf, why, sizeof(why))) {
		log_error("%s", why);
		return false;
	}
	log_start(program, b->conf.log_level);
	log_shape(b->conf.log_format[0] == 'j', &b->meter);
	if (!meter_share(&b->meter, b->conf.home, program, 0))
		log_warn("metrics: nothing is counted: %s", strerror(errno));
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
background_start(struct background *b, const char *program, const char *role, int64_t wait_ms)
{
	if (!background_open(b, program))
		return false;
	if (b->conf.database_timeout_ms < wait_ms)
		b->conf.database_timeout_ms = wait_ms;
	b->db = db_new(&b->conf, role);
	b->cache = b->db == NULL ? NULL : cache_new(&b->conf, db_site(b->db));
	if (b->cache == NULL)
		return false;
	db_meter(b->db, &b->meter);
	cache_meter(b->cache, &b->meter);
	return db_connect(b->db) != ERR_INTERNAL;
}

bool
background_pause(int milliseconds)
{
	struct timespec limit = { milliseconds / 1000, milliseconds % 1000 * 1000000L };

	if (!stopping)
		ppoll(NULL, 0, &limit, &while_waiting);
	log_turn();
	return !stopping;
}

bool
background_stopping(void)
{
	return !background_pause(0);
}

int
background_end(struct background *b, bool ok)
{
	metrics_close(b->meter.metrics);
	db_free(b->db);
	cache_free(b->cache);
	if (!ok)
		sleep(1); /* the supervisor starts us again: not a hundred times a second */
	return ok ? 0 : 1;
}

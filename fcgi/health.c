/* health.c: liveness and readiness.  Routes: routes.def.  SQL: sql/health.sql. */
#include <limits.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "handlers.h"
#include "health.h"

bool
health_state(struct req *r, struct health_state *s)
{
	db_result *res = NULL;
	bool ok = db_run(r->db, STMT_HEALTH_STATE, &res, NULL, 0) == ERR_OK && db_rows(res) == 1;

	if (ok) {
		s->waiting = db_get_int(res, 0, db_column(res, "waiting"));
		s->running = db_get_int(res, 0, db_column(res, "running"));
		s->failed = db_get_int(res, 0, db_column(res, "failed"));
		s->oldest_ms = db_get_int(res, 0, db_column(res, "oldest_ms"));
		s->ledger[LEDGER_ACCOUNT] = db_get_int(res, 0, db_column(res, "account_ledger"));
		s->ledger[LEDGER_VIDEO] = db_get_int(res, 0, db_column(res, "video_ledger"));
		s->ledger[LEDGER_CHAT] = db_get_int(res, 0, db_column(res, "chat_ledger"));
	}
	db_clear(res);
	return ok;
}

bool
health_disk(const struct conf *conf, int64_t *total, int64_t *available)
{
	struct statvfs fs;

	if (statvfs(conf->home, &fs) != 0)
		return false;
	*total = (int64_t)(fs.f_blocks * fs.f_frsize);
	*available = (int64_t)(fs.f_bavail * fs.f_frsize);
	return true;
}

bool
health_programs_current(const struct conf *conf)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/run/replaced", conf->home);
	return access(path, F_OK) != 0;
}

/* GET /healthz/ */
enum err
health_live(struct req *r, struct reply *out)
{
	(void)r;
	(void)out; /* the reply itself is the information */
	return ERR_OK;
}

static void
write_check(struct reply *out, const char *name, bool ok, int64_t value)
{
	json_open(&out->body, name, '{');
	json_boolean(&out->body, "ok", ok);
	if (value >= 0)
		json_int(&out->body, "value", value);
	json_close(&out->body, '}');
}

/*
 * GET /readyz/
 *
 * Without Redis all replies stay the same, only slower: degraded, but ready.  The same applies
 * after a package manager has replaced programs, until the new ones are started.  Value of disk:
 * free megabytes; of queue: seconds that the oldest job has waited.
 */
enum err
health_ready(struct req *r, struct reply *out)
{
	struct health_state s = { .waiting = 0 };
	int64_t total, available = 0;
	bool database = health_state(r, &s), cache = cache_ping(r->cache);
	bool disk =
	    health_disk(r->conf, &total, &available) && available >> 20 >= r->conf->disk_min_mb;
	bool queue = s.oldest_ms / 1000 <= r->conf->queue_max_s;
	bool programs = health_programs_current(r->conf);
	bool ready = database && disk && queue;

	if (!ready)
		reply_begin_error(out, ERR_UNAVAILABLE, r->lang);
	json_boolean(&out->body, "ready", ready);
	json_boolean(&out->body, "degraded", !cache || !programs);
	json_open(&out->body, "checks", '{');
	write_check(out, "database", database, -1);
	write_check(out, "cache", cache, -1);
	write_check(out, "disk", disk, available >> 20);
	write_check(out, "queue", queue, database ? s.oldest_ms / 1000 : -1);
	write_check(out, "programs", programs, -1);
	json_close(&out->body, '}');
	return ERR_OK;
}

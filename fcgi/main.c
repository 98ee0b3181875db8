/*
 * main.c: the worker.  It serves the socket that spawn-fcgi passes as standard
 * input.  With arguments it prints its tables (describe.h).
 */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "describe.h"
#include "dispatch.h"
#include "loop.h"
#include "obs/log.h"
#include "routes.h"
#include "access_log.h"

struct worker {
	struct conf conf;
	struct auth auth;
	struct db *db;
	struct cache *cache;
	struct arena arena;
	struct timing timing;
	struct spans spans;
};

static size_t
read_body(void *from, char *out, size_t n)
{
	int got = FCGX_GetStr(out, (int)n, from);

	return got > 0 ? (size_t)got : 0;
}

static void
serve(void *ctx, FCGX_Request *request, struct reply *out)
{
	struct worker *w = ctx;
	struct req r = { .conf = &w->conf,
			 .auth = &w->auth,
			 .db = w->db,
			 .cache = w->cache,
			 .arena = &w->arena,
			 .timing = &w->timing };

	timing_start(&w->timing);
	timing_set_busy(&w->timing, true);
	dispatch(&r, request->envp, read_body, request->in, out);
	arena_clear(&w->arena);
}

static void
finished(void *ctx, const struct reply *out)
{
	struct worker *w = ctx;

	request_finished(&w->timing, &w->spans, &w->conf, out);
}

static int
db_socket(void *ctx)
{
	return db_fd(((struct worker *)ctx)->db);
}

static void
db_readable(void *ctx)
{
	db_on_readable(((struct worker *)ctx)->db);
}

static int
cache_socket(void *ctx)
{
	return cache_fd(((struct worker *)ctx)->cache);
}

static void
cache_readable(void *ctx)
{
	cache_on_readable(((struct worker *)ctx)->cache);
}

/*
 * If root started the instance, nginx runs as the same user (it must share
 * request bodies) but not in the group that may read the keys.  Without this it
 * could read them from our memory with ptrace.  LeakSanitizer needs ptrace.
 */
static void
forbid_tracing(const struct conf *conf)
{
#ifndef __SANITIZE_ADDRESS__
	char keys[CONF_TEXT_MAX + 8];
	struct stat st;

	snprintf(keys, sizeof(keys), "%s/keys", conf->home);
	if (stat(keys, &st) == 0 && st.st_uid != geteuid())
		prctl(PR_SET_DUMPABLE, 0);
#else
	(void)conf;
#endif
}

static bool
start(struct worker *w)
{
	char why[1024], key[CONF_TEXT_MAX + 16];

	log_open();
	if (!conf_load(&w->conf, why, sizeof(why))) {
		log_error("%s", why);
		return false;
	}
	log_configure("worker", w->conf.log_level);
	log_set_format(w->conf.log_format[0] == 'j', &w->timing);
	if (!timing_open_metrics(&w->timing, w->conf.home, "worker", routes_labels()))
		log_warn("metrics: counting is off: %s", strerror(errno));
	spans_init(&w->spans, &w->conf, &w->timing);
	if (geteuid() == 0) {
		log_error("a worker must not run as root");
		return false;
	}
	forbid_tracing(&w->conf);
	snprintf(key, sizeof(key), "%s/keys/token", w->conf.home);
	if (!auth_load(&w->auth, key, w->conf.token_days)) {
		log_error("cannot read or make %s: %s", key, strerror(errno));
		return false;
	}
	w->db = db_new(&w->conf, DB_ROLE_APP);
	w->cache = w->db == NULL ? NULL : cache_new(&w->conf, db_identity(w->db));
	if (w->cache == NULL)
		return false;
	db_set_timing(w->db, &w->timing);
	cache_set_timing(w->cache, &w->timing);
	/* An unreachable database may come back; a wrong schema version is final. */
	return db_connect(w->db) != ERR_INTERNAL;
}

/*
 * Executes the program that is now installed under our name.  spawn/reload reads
 * the counter in the environment of the process to see that it has happened.
 */
static void
upgrade(char **argv)
{
	const char *before = getenv("WORKER_UPGRADES");
	char number[24];

	snprintf(number, sizeof(number), "%ld",
		 (before == NULL ? 0 : strtol(before, NULL, 10)) + 1);
	setenv("WORKER_UPGRADES", number, 1);
	execv(argv[0], argv);
	log_error("cannot execute %s: %s", argv[0], strerror(errno));
}

int
main(int argc, char **argv)
{
	static const struct loop_calls calls = { .serve = serve,
						 .finished = finished,
						 .socket = { db_socket, cache_socket },
						 .on_readable = { db_readable, cache_readable } };
	struct worker w = { .arena = ARENA_INIT, .spans.fd = -1 };
	enum loop_end end = LOOP_FAILED;
	bool ok;

	if (argc > 1)
		return describe(argc, argv);
	/* Return scrypt's 16 MB to the system at once, instead of growing the heap. */
	mallopt(M_MMAP_THRESHOLD, 256 * 1024);
	ok = start(&w);
	if (ok && (end = loop_run(STDIN_FILENO, &calls, &w)) == LOOP_FAILED)
		log_error("cannot serve standard input: %s", strerror(errno));
	spans_release(&w.spans);
	metrics_close(w.timing.metrics);
	db_free(w.db);
	cache_free(w.cache);
	arena_release(&w.arena);
	if (end == LOOP_UPGRADE)
		upgrade(argv);
	if (end != LOOP_STOPPED)
		sleep(1); /* the supervisor restarts us: limit the rate */
	return end != LOOP_STOPPED;
}

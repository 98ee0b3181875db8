/*
 * alloc.c: requests every route with the n-th allocation failing, for n = 1, 2,
 * ... until the request needs fewer.
 *
 *   alloc VIDEO      DOUSHENG_HOME names an instance that runs; VIDEO is shown there
 *
 * The requests go through the dispatcher to the real PostgreSQL and Redis.
 * After each request: the reply is in the base form, a failure is a server
 * error, an acknowledged change is done exactly once, a reply equals the one
 * without a failure, and the next request succeeds.  After each route no memory
 * block and no descriptor is leaked.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../lib/json_flags.h"
#include "../unit/tap.h"
#include "dispatch.h"
#include "heap.h"
#include "obs/log.h"
#include "routes.h"
#include "world.h"

#define MAX_POINTS 20000

static struct world w;

/* --- One attempt -------------------------------------------------------------- */

enum outcome { DONE, REFUSED, FAILED, MALFORMED };

/* Reads a reply as a client does. */
static enum outcome
judge(const struct reply *reply, int *code)
{
	struct json_tokener *t;
	struct json_object *json, *value;
	enum outcome outcome = MALFORMED;

	*code = -1;
	if (reply->no_body)
		return reply->body.len == 0 && reply->http < 300 ? DONE : MALFORMED;
	if (reply->type != NULL) /* text */
		return reply->body.len > 0 && reply->body.data[reply->body.len - 1] == '\n'
			   ? DONE
			   : MALFORMED;
	t = json_tokener_new();
	json_tokener_set_flags(t, json_flags());
	json = json_tokener_parse_ex(t, reply->body.data, (int)reply->body.len);
	if (json_tokener_get_parse_end(t) == reply->body.len &&
	    json_object_is_type(json_object_object_get(json, "status_msg"), json_type_string) &&
	    json_object_object_get_ex(json, "status_code", &value)) {
		*code = json_object_get_int(value);
		outcome = *code == 0 ? DONE : *code >= 5000 ? FAILED : REFUSED;
	}
	json_object_put(json);
	json_tokener_free(t);
	return outcome;
}

/* The kinds of failures of a route, each reported once. */
struct verdict {
	const struct trial *trial;
	size_t points, attempts, failed, late; /* late: done, but reported as a failure */
	bool broken;
	char said[400];
};

static void
blame(struct verdict *v, size_t n, bool all, const char *what, const struct reply *reply)
{
	size_t len = strlen(v->said);

	v->broken = true;
	if (len < sizeof(v->said) - 1)
		snprintf(v->said + len, sizeof(v->said) - len, "# %s at %zu%s: %d %.*s\n", what, n,
			 all ? " and on" : "", reply->http,
			 (int)(reply->body.len < 150 ? reply->body.len : 150),
			 reply->body.len == 0 ? "" : reply->body.data);
}

/* Did the facts change as the reply says?  After a failure either is right, but not twice. */
static void
check_facts(struct verdict *v, size_t n, bool all, enum outcome outcome, int64_t before)
{
	int64_t change = world_count(&w, v->trial->fact) - before;

	if (outcome == DONE ? change != v->trial->change
			    : change != 0 && change != v->trial->change)
		blame(v, n, all, "counted wrong", &w.reply);
	if (outcome == FAILED && change != 0)
		v->late++;
}

/* The next request succeeds, at once or after the back-off. */
static void
check_next(struct verdict *v, size_t n, bool all)
{
	struct timespec pause = { 0, 120000000 };
	int code;

	world_ask(&w, &world_probe);
	if (judge(&w.reply, &code) == FAILED && code == 5003) {
		nanosleep(&pause, NULL);
		world_ask(&w, &world_probe);
	}
	if (judge(&w.reply, &code) != DONE)
		blame(v, n, all, "the next fails", &w.reply);
}

/* The conditions of a sweep. */
struct how {
	bool cold;  /* nothing is cached */
	bool all;   /* all allocations from the n-th on fail, not only that one */
	bool fresh; /* the request opens the connections */
};

/* The length of the number at the start of a text; 0: none. */
static size_t
number(const char *text, const char *end)
{
	size_t n = 0;

	while (text + n < end && isdigit((unsigned char)text[n]))
		n++;
	return n;
}

/* Compares replies; measured numbers, such as free disk space, count as equal. */
static bool
same_answer(const struct buf *one, const struct buf *other, bool measured)
{
	const char *a = one->data, *a_end = a + one->len;
	const char *b = other->data, *b_end = b + other->len;

	while (a < a_end && b < b_end) {
		size_t n = number(a, a_end), m = number(b, b_end);

		if (measured && n > 0 && m > 0) {
			a += n;
			b += m;
		} else if (*a++ != *b++) {
			return false;
		}
	}
	return a == a_end && b == b_end;
}

static bool
attempt(struct verdict *v, size_t n, struct how m, const struct buf *wanted)
{
	enum outcome outcome;
	int64_t before = 0;
	bool hit;
	int code;

	world_prepare(&w, v->trial, m.cold);
	if (m.fresh)
		world_reconnect(&w);
	if (v->trial->fact != NULL)
		before = world_count(&w, v->trial->fact);
	heap_fail(n, m.all);
	world_ask(&w, v->trial);
	heap_end(&hit);
	v->attempts++;
	outcome = judge(&w.reply, &code);
	v->failed += outcome != DONE;
	if (outcome == MALFORMED)
		blame(v, n, m.all, "no base form", &w.reply);
	if (w.unread[0] != '\0')
		blame(v, n, m.all, "the body is not read to its end", &w.reply);
	if (outcome == REFUSED)
		blame(v, n, m.all, "the caller is blamed", &w.reply);
	if (v->trial->fact != NULL)
		check_facts(v, n, m.all, outcome, before);
	else if (outcome == DONE && wanted->len > 0 && w.reply.type == NULL && /* counts go on */
		 !same_answer(&w.reply.body, wanted, v->trial->measures))
		blame(v, n, m.all, "another answer", &w.reply);
	/* A connection that could not be opened is followed by a pause: too many to wait for each.
	 */
	if (hit && (!m.fresh || n % 8 == 0))
		check_next(v, n, m.all);
	return hit;
}

/* --- One route ---------------------------------------------------------------- */

static int
descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(folder) != NULL)
		n++;
	closedir(folder);
	return n;
}

/* The worker as it is after a few requests on new connections. */
static long
settle(const struct trial *t)
{
	int i;

	world_reconnect(&w);
	for (i = 0; i < 3; i++) {
		world_prepare(&w, t, i == 0);
		world_ask(&w, t);
	}
	world_prepare(&w, t, false);
	world_ask(&w, &world_probe);
	return heap_blocks();
}

/*
 * From the first allocation on.  Preparing the statements of a new connection
 * is the same again and again: of that each seventh.
 */
static void
sweep(struct verdict *v, struct how m)
{
	struct buf wanted = BUF_INIT;
	size_t n, places = 0;
	int code;

	world_prepare(&w, v->trial, m.cold);
	world_ask(&w, v->trial);
	if (judge(&w.reply, &code) != DONE)
		blame(v, 0, false, "fails without any trouble", &w.reply);
	if (strcmp(v->trial->method, "GET") == 0)
		buf_add(&wanted, w.reply.body.data, w.reply.body.len);
	for (n = 1; n < MAX_POINTS && attempt(v, n, m, &wanted); n += m.fresh && n > 100 ? 7 : 1) {
		places++;
		world_mend(&w);
	}
	if (!m.all)
		v->points += places;
	buf_release(&wanted);
}

static void
run(const struct trial *t)
{
	struct verdict v = { .trial = t };
	char text[200];
	int files = descriptors(), files_after;
	long blocks, after;

	settle(t);
	blocks = settle(t);
	sweep(&v, (struct how){ .cold = false });
	sweep(&v, (struct how){ .cold = true });
	sweep(&v, (struct how){ .cold = true, .all = true });
	if (t == &world_probe)
		sweep(&v, (struct how){ .fresh = true });
	after = settle(t);
	files_after = descriptors();
	snprintf(text, sizeof(text),
		 "%s %s: %zu places, %zu attempts, %zu failed, %zu of them done", t->method,
		 t->path, v.points, v.attempts, v.failed, v.late);
	check(!v.broken, text, __FILE__, __LINE__);
	fputs(v.said, stdout);
	snprintf(text, sizeof(text), "%s %s leaves nothing: %ld blocks, %d descriptors", t->method,
		 t->path, after - blocks, files_after - files);
	check(after <= blocks && files_after <= files, text, __FILE__, __LINE__);
	fflush(stdout);
}

static bool
has_trial(const struct route *route)
{
	const struct trial *t;
	const char *rest;

	for (t = world_trials; t->method != NULL; t++)
		if (strcmp(t->method, route->method) == 0 &&
		    route_find(t->path, t->method, &rest) == route)
			return true;
	return false;
}

/* Is this path selected on the command line? */
static bool
wanted(const char *path, int argc, char **argv)
{
	return argc < 3 || strstr(path, argv[2]) != NULL;
}

int
main(int argc, char **argv)
{
	struct verdict first = { .trial = &world_probe };
	const struct trial *t;
	size_t i;

	if (argc < 2 || !world_begin(&w, argv[1])) {
		printf("not ok - the instance cannot be used\n");
		return 1;
	}
	sweep(&first,
	      (struct how){ .cold = true }); /* libraries allocate permanent memory at first use */
	run(&world_probe);
	for (t = world_trials; t->method != NULL; t++)
		if (wanted(t->path, argc, argv))
			run(t);
	for (i = 0; i < route_count; i++)
		if (!has_trial(&routes[i]) && wanted(routes[i].path, argc, argv))
			run(world_default(&routes[i]));
	world_end(&w);
	return done();
}

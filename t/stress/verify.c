/* verify.c: see verify.h.  What is expected is made by facts.sql. */
#include <json-c/json.h>
#include <libpq-fe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"
#include "model.h"
#include "verify.h"
#include "world.h"

#define EXPECTED_MAX 20000

struct verifier {
	PGconn *db;
	struct http http;
	const char *when;
	int asked;
	char tokens[USERS + 1][TOKEN_MAX]; /* the last one is invalid */
};

void
verify_prepare(void)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "psql -XqAt -v ON_ERROR_STOP=1 -h %s/run/postgres -U dousheng -d dousheng "
		 "-f t/stress/facts.sql",
		 world.home);
	if (system(command) != 0)
		exit(2);
}

/* Does actual contain everything expected?  It may have more keys.  Reports differences. */
static struct json_object *
difference(struct json_object *expected, struct json_object *actual)
{
	struct json_object *found;
	size_t i;

	if (json_object_get_type(expected) != json_object_get_type(actual))
		return expected;
	switch (json_object_get_type(expected)) {
	case json_type_object: {
		json_object_object_foreach(expected, key, value)
		{
			found = difference(value, json_object_object_get(actual, key));
			if (found != NULL)
				return found == value ? expected : found;
		}
		return NULL;
	}
	case json_type_array:
		if (json_object_array_length(expected) != json_object_array_length(actual))
			return expected;
		for (i = 0; i < json_object_array_length(expected); i++)
			if ((found = difference(json_object_array_get_idx(expected, i),
						json_object_array_get_idx(actual, i))) != NULL)
				return found;
		return NULL;
	default:
		return json_object_equal(expected, actual) ? NULL : expected;
	}
}

/* The facts do not change any more, so each statement runs once. */
static const char *
facts(struct verifier *v, const char *sql)
{
	static char *known[EXPECTED_MAX];
	PGresult *res;

	if (v->asked >= EXPECTED_MAX || known[v->asked] != NULL)
		return v->asked >= EXPECTED_MAX ? "" : known[v->asked];
	res = PQexec(v->db, sql);
	if (PQresultStatus(res) == PGRES_TUPLES_OK)
		known[v->asked] = strdup(PQgetvalue(res, 0, 0));
	else
		fprintf(stderr, "%s: %s", sql, PQerrorMessage(v->db));
	PQclear(res);
	return known[v->asked] == NULL ? "" : known[v->asked];
}

/* Compares the result of sql with the reply to path. */
static void
same(struct verifier *v, const char *sql, const char *path)
{
	struct json_object *expected = json_tokener_parse(facts(v, sql)), *actual, *where;
	const char *text = http_ask(&v->http, "GET", "%s", path);

	actual = text == NULL ? NULL : json_tokener_parse(text);
	v->asked++;
	if (expected == NULL || actual == NULL)
		violated(FAILED, "%s %.30s: %.200s", v->when, path, text == NULL ? "" : text);
	else if ((where = difference(expected, actual)) != NULL)
		violated(DIFFERENT, "%s %.30s: expected %.400s", v->when, path,
			 json_object_to_json_string(where));
	json_object_put(expected);
	json_object_put(actual);
}

/* Page by page to its end. */
static void
verify_feed(struct verifier *v, long long viewer, const char *token)
{
	long long before = INT64_MAX;

	while (before > 0) {
		char sql[128], path[512], latest[32] = "";

		if (before != INT64_MAX)
			snprintf(latest, sizeof(latest), "%lld", before);
		snprintf(sql, sizeof(sql), "SELECT stress.feed(%lld, %lld)", viewer, before);
		snprintf(path, sizeof(path), "feed/?latest_time=%s&x=%lld&token=%s", latest,
			 (long long)now_us(), token);
		same(v, sql, path);
		before =
		    world_number(v->db,
				 "SELECT min(published_at) FROM (SELECT published_at FROM video "
				 "WHERE state = 'ready' AND published_at < %lld "
				 "ORDER BY published_at DESC LIMIT 30) page",
				 before);
	}
}

static void
two(struct verifier *v, const char *function, const char *path, long long what, long long viewer,
    const char *token)
{
	char sql[128], full[512];

	snprintf(sql, sizeof(sql), "SELECT stress.%s(%lld, %lld)", function, what, viewer);
	snprintf(full, sizeof(full), "%s%lld&token=%s", path, what, token);
	same(v, sql, full);
}

static void
verify_person(struct verifier *v, long long u, long long viewer, const char *token)
{
	char sql[128], path[512];

	snprintf(sql, sizeof(sql), "SELECT json_build_object('user', stress.person(%lld, %lld))", u,
		 viewer);
	snprintf(path, sizeof(path), "user/?user_id=%lld&token=%s", u, token);
	same(v, sql, path);
	two(v, "works", "publish/list/?user_id=", u, viewer, token);
	two(v, "likes", "favorite/list/?user_id=", u, viewer, token);
	two(v, "follows", "relation/follow/list/?user_id=", u, viewer, token);
	two(v, "followers", "relation/follower/list/?user_id=", u, viewer, token);
}

static void
verify_chat(struct verifier *v, long long viewer, long long other, const char *token)
{
	/* From the start, and after the other user's last but one message. */
	long long since[2] = { 0, 0 };
	char sql[128], path[512];
	int i;

	since[1] = world_number(v->db,
				"SELECT created_at FROM message WHERE low_id = least(%lld, %lld) "
				"AND high_id = greatest(%lld, %lld) AND from_user_id = %lld "
				"ORDER BY created_at DESC OFFSET 1 LIMIT 1",
				viewer, other, viewer, other, other);
	for (i = 0; i < (since[1] == 0 ? 1 : 2); i++) {
		snprintf(sql, sizeof(sql), "SELECT stress.chat(%lld, %lld, %lld)", viewer, other,
			 since[i]);
		snprintf(path, sizeof(path),
			 "message/chat/?to_user_id=%lld&pre_msg_time=%lld&token=%s", other,
			 since[i], token);
		same(v, sql, path);
	}
}

/* Compares the replies to one viewer: about every fourth user; anonymous: about all. */
static void
verify_viewer(struct verifier *v, int viewer)
{
	long long me = viewer == USERS ? 0 : (long long)model.user_id[viewer];
	const char *token = v->tokens[viewer];
	char sql[128], path[512];
	int i;

	verify_feed(v, me, token);
	for (i = 0; i < USERS; i++) {
		if (i == viewer || (i + viewer) % 4 == 0 || me == 0)
			verify_person(v, (long long)model.user_id[i], me, token);
		if (me != 0 && i != viewer)
			verify_chat(v, me, (long long)model.user_id[i], token);
	}
	for (i = viewer % 5; i < model.video_count; i += 5)
		two(v, "comments", "comment/list/?video_id=", (long long)model.videos[i].id, me,
		    token);
	if (me == 0)
		return;
	snprintf(sql, sizeof(sql), "SELECT stress.friends(%lld)", me);
	snprintf(path, sizeof(path), "relation/friend/list/?token=%s", token);
	same(v, sql, path);
}

int
verify_all(const char *when)
{
	struct verifier v = { .db = world_database(), .when = when };
	int u;

	http_init(&v.http, world.port);
	for (u = 0; u < USERS; u++)
		world_token(model.user_id[u], v.tokens[u]);
	for (u = 0; u <= USERS; u++)
		verify_viewer(&v, u);
	http_release(&v.http);
	PQfinish(v.db);
	return v.asked;
}

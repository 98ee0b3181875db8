/*
 * stress.c: 16 writers and 16 readers over 20 users and 50 videos, while Redis
 * is flushed, paused, stopped and killed at random.  stress SECONDS; fails if a
 * reply was wrong meanwhile, or differs from the facts afterwards.
 */
#include <json-c/json.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chaos.h"
#include "check.h"
#include "verify.h"
#include "world.h"

#define WRITERS 16
#define READERS 16
#define UPLOADS 3	  /* through the API, of all writers together */
#define ALIVE_MAX 12	  /* comments of a user that stand */
#define PUBLISH_US 900000 /* between videos that come by SQL */

static char tokens[USERS][TOKEN_MAX];
static volatile bool over;

struct writer {
	struct http http;
	int first;	      /* acts for this user, and for the one 16 further, if there is one */
	int said;	      /* number of messages and comments so far */
	int alive[ALIVE_MAX]; /* its comments that exist, as indexes into the model */
	int alive_n;
};

/* Adds the video to the model, so that writers may like it. */
static void
learn_video(int64_t id, int author, int64_t acknowledged)
{
	model.videos[model.video_count] = (struct video){ id, author, acknowledged };
	model.video_count++;
}

static void
set_up(void)
{
	PGconn *db = world_database();
	int i;

	for (i = 0; i < USERS; i++) {
		model.user_id[i] = world_number(
		    db,
		    "INSERT INTO account (name, password) VALUES ('stress %d', '') RETURNING id",
		    i);
		world_token(model.user_id[i], tokens[i]);
	}
	for (i = 0; i < VIDEOS; i++)
		learn_video(
		    world_number(db,
				 "WITH counted AS (INSERT INTO account_ledger (account_id, works) "
				 "VALUES (%lld, 1)) INSERT INTO video (author_id, title, state, "
				 "play_file, cover_file, published_at) VALUES (%lld, 'clip %d', "
				 "'ready', '00/none.mp4', '00/none.jpg', now_ms() - 1000000 + %d) "
				 "RETURNING id",
				 (long long)model.user_id[i % USERS],
				 (long long)model.user_id[i % USERS], i, i),
		    i % USERS, 0);
	PQfinish(db);
	verify_prepare();
	sleep(1); /* until all workers know them */
}

/* --- Writers: each makes a change and checks that it is visible. ------------------ */

static const char *
act(struct http *h, const char *what, int user, const char *rest)
{
	const char *text = http_ask(h, "POST", "%s/action/?token=%s&%s", what, tokens[user], rest);

	count_operation();
	if (text != NULL && strncmp(text, "{\"status_code\":0,", 17) == 0)
		return text;
	violated(FAILED, "%s/action by %d, %s: %.200s", what, user, rest,
		 text == NULL ? "no reply" : text);
	return NULL;
}

static int
some_video(void)
{
	int n;

	model_lock();
	n = model.video_count;
	model_unlock();
	return dice(3) == 0 ? dice(4) : dice(n);
}

static void
like(struct writer *w, int u)
{
	static const enum question next[] = { ASK_LIKES, ASK_FEED, ASK_USER };
	enum question q = next[dice(3)];
	int v = some_video(), value = !cell_last(&model.likes[u][v]);
	struct cell *c = &model.likes[u][v];
	char rest[96];

	if (dice(10) == 0)
		value = !value; /* repeat what is done already */
	snprintf(rest, sizeof(rest), "video_id=%lld&action_type=%d", (long long)model.videos[v].id,
		 value ? 1 : 2);
	change_begin(c, value);
	if (act(&w->http, "favorite", u, rest) != NULL)
		change_end(c);
	ask(&w->http, tokens[u], u, true, q, u);
}

static void
follow(struct writer *w, int u)
{
	static const enum question next[] = { ASK_FOLLOWS, ASK_FOLLOWERS, ASK_USER, ASK_FEED };
	enum question q = next[dice(4)];
	int other = (u + 1 + dice(USERS - 1)) % USERS, value;
	struct cell *c = &model.follows[u][other];
	char rest[96];

	value = dice(10) == 0 ? cell_last(c) : !cell_last(c);
	snprintf(rest, sizeof(rest), "to_user_id=%lld&action_type=%d",
		 (long long)model.user_id[other], value ? 1 : 2);
	change_begin(c, value);
	if (act(&w->http, "relation", u, rest) != NULL)
		change_end(c);
	ask(&w->http, tokens[u], u, true, q, q == ASK_FOLLOWS ? u : other);
}

/* Adds a comment to the model; returns its index. */
static int
learn_comment(const char *reply, int u, int v, int64_t start)
{
	struct json_object *o = json_tokener_parse(reply);
	struct comment *c;
	int place;

	model_lock();
	place = model.comment_count;
	c = &model.comment_list[place];
	*c = (struct comment){ 0, u, v, start, now_us(), INT64_MAX, INT64_MAX };
	c->id = json_object_get_int64(
	    json_object_object_get(json_object_object_get(o, "comment"), "id"));
	model.comment_count++;
	model_unlock();
	json_object_put(o);
	return place;
}

static void
comment(struct writer *w, int u)
{
	int v = some_video();
	struct cell *c = &model.comments[u][v];
	int64_t start = now_us();
	const char *reply;
	char rest[96];

	snprintf(rest, sizeof(rest), "video_id=%lld&action_type=1&comment_text=%d-%d",
		 (long long)model.videos[v].id, u, w->said++);
	change_begin(c, cell_last(c) + 1);
	if ((reply = act(&w->http, "comment", u, rest)) != NULL) {
		change_end(c);
		w->alive[w->alive_n++] = learn_comment(reply, u, v, start);
	}
	ask(&w->http, tokens[u], u, true, dice(3) == 0 ? ASK_FEED : ASK_COMMENTS, v);
}

static void
uncomment(struct writer *w)
{
	int at = dice(w->alive_n);
	struct comment *c = &model.comment_list[w->alive[at]];
	struct cell *cell = &model.comments[c->user][c->video];
	char rest[96];

	w->alive[at] = w->alive[--w->alive_n];
	snprintf(rest, sizeof(rest), "video_id=%lld&action_type=2&comment_id=%lld",
		 (long long)model.videos[c->video].id, (long long)c->id);
	model_lock();
	c->delete_start = now_us();
	model_unlock();
	change_begin(cell, cell_last(cell) - 1);
	if (act(&w->http, "comment", c->user, rest) != NULL) {
		change_end(cell);
		model_lock();
		c->delete_ack = now_us();
		model_unlock();
	}
	ask(&w->http, tokens[c->user], c->user, true, ASK_COMMENTS, c->video);
}

static void
message(struct writer *w, int u)
{
	int other = (u + 1 + dice(USERS - 1)) % USERS;
	char rest[96];

	snprintf(rest, sizeof(rest), "to_user_id=%lld&action_type=1&content=%d-%d",
		 (long long)model.user_id[other], u, w->said++);
	if (act(&w->http, "message", u, rest) != NULL) {
		model_lock();
		model.chats[u][other].sent_n++;
		model_unlock();
	}
	ask(&w->http, tokens[other], other, true, ASK_CHAT, u);
}

/* Publishes the clip of t/stress/run by the API; it is transcoded in the background. */
static void
upload(struct writer *w, int u)
{
	static const char mark[] = "--stress--";
	char path[512], *body = malloc(1 << 20);
	FILE *f;
	size_t n;
	const char *reply;

	snprintf(path, sizeof(path), "%s/../clip.mp4", world.home);
	if (body == NULL || (f = fopen(path, "re")) == NULL) {
		free(body);
		return;
	}
	n = (size_t)sprintf(
	    body,
	    "--%s\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n%s\r\n"
	    "--%s\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nup\r\n--%s"
	    "\r\nContent-Disposition: form-data; name=\"data\"; filename=\"c\"\r\n\r\n",
	    mark, tokens[u], mark, mark);
	n += fread(body + n, 1, (1 << 20) - n - 64, f);
	n += (size_t)sprintf(body + n, "\r\n--%s--\r\n", mark);
	fclose(f);
	change_begin(&model.works[u][0], cell_last(&model.works[u][0]) + 1);
	reply = http_post(&w->http, "/douyin/publish/action/",
			  "multipart/form-data; boundary=--stress--", body, n);
	count_operation();
	if (reply != NULL && strncmp(reply, "{\"status_code\":0,", 17) == 0)
		change_end(&model.works[u][0]);
	else
		violated(FAILED, "publish by %d: %.200s", u, reply == NULL ? "no reply" : reply);
	free(body);
	ask(&w->http, tokens[u], u, true, ASK_USER, u);
}

static void *
write_on(void *arg)
{
	struct writer *w = arg;
	int uploads = w->first < UPLOADS ? 1 : 0;

	http_init(&w->http, world.port);
	while (!over) {
		int u = w->first + 16 < USERS && dice(2) ? w->first + 16 : w->first;
		int d = dice(100);

		if (uploads > 0 && d == 0 && uploads-- > 0)
			upload(w, u);
		else if (d < 40)
			like(w, u);
		else if (d < 60)
			follow(w, u);
		else if (d < 80 && w->alive_n < ALIVE_MAX && (w->alive_n == 0 || dice(2)))
			comment(w, u);
		else if (d < 80)
			uncomment(w);
		else
			message(w, u);
	}
	http_release(&w->http);
	return NULL;
}

/* --- Readers and the publisher ----------------------------------------------------- */

static void *
read_on(void *unused)
{
	struct http h;

	(void)unused;
	http_init(&h, world.port);
	while (!over) {
		enum question q = (enum question)dice(QUESTIONS);
		int viewer = dice(USERS), what = dice(USERS);

		if (q == ASK_COMMENTS)
			what = some_video();
		if (q == ASK_CHAT && what == viewer)
			continue;
		if (q == ASK_FRIENDS)
			what = viewer;
		else if (q != ASK_CHAT && dice(8) == 0)
			viewer = -1;
		ask(&h, viewer < 0 ? "" : tokens[viewer], viewer, false, q, what);
	}
	http_release(&h);
	return NULL;
}

/* Inserts a video by SQL: only the ledger invalidates the cache. */
static void *
publish_on(void *unused)
{
	PGconn *db = world_database();

	(void)unused;
	while (!over && model.video_count < VIDEOS_MAX) {
		int u = dice(USERS);
		struct cell *c = &model.works[u][1];
		int64_t id;

		usleep(PUBLISH_US);
		change_begin(c, cell_last(c) + 1);
		id = world_number(
		    db,
		    "WITH added AS (INSERT INTO video (author_id, title, state, play_file, "
		    "cover_file, published_at) SELECT %lld, 'new', 'ready', '00/none.mp4', "
		    "'00/none.jpg', greatest(now_ms(), 1 + max(published_at)) FROM video "
		    "WHERE state = 'ready' RETURNING id), counted AS (INSERT INTO account_ledger "
		    "(account_id, works) SELECT %lld, 1 FROM added) SELECT id FROM added",
		    (long long)model.user_id[u], (long long)model.user_id[u]);
		change_end(c);
		model_lock();
		learn_video(id, u, now_us());
		model_unlock();
	}
	PQfinish(db);
	return NULL;
}

static void
run_for(unsigned int seconds)
{
	static struct writer writers[WRITERS];
	pthread_t threads[WRITERS + READERS + 1], chaos;
	int i, n = 0;

	for (i = 0; i < WRITERS; i++) {
		writers[i].first = i;
		pthread_create(&threads[n++], NULL, write_on, &writers[i]);
	}
	for (i = 0; i < READERS; i++)
		pthread_create(&threads[n++], NULL, read_on, NULL);
	pthread_create(&threads[n++], NULL, publish_on, NULL);
	pthread_create(&chaos, NULL, chaos_run, NULL);
	sleep(seconds);
	chaos_over = true;
	pthread_join(chaos, NULL);
	over = true;
	while (n > 0)
		pthread_join(threads[--n], NULL);
}

/* Uploads become ready meanwhile. */
static void
wait_until_quiet(void)
{
	PGconn *db = world_database();
	int i;

	for (i = 0; i < 60 && world_number(db, "SELECT count(*) FROM job") > 0; i++)
		sleep(1);
	PQfinish(db);
	sleep(2);
}

int
main(int argc, char **argv)
{
	int64_t asked, wrong = 0;
	int kind, compared;

	world_open();
	set_up();
	run_for(argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 10) : 60);
	asked = operations();
	wait_until_quiet();
	compared = verify_all("cached");
	if (!redis_say("FLUSHALL\r\n"))
		violated(FAILED, "FLUSHALL");
	compared += verify_all("flushed");
	compared += verify_all("warm");
	for (kind = 0; kind < VIOLATIONS; kind++)
		wrong += violations((enum violation)kind);
	printf("stress: %lld operations (%s), %d comparisons; violations: %lld failed, "
	       "%lld own, %lld stale, %lld hidden, %lld different\n",
	       (long long)asked, chaos_summary(), compared, (long long)violations(FAILED),
	       (long long)violations(OWN), (long long)violations(STALE),
	       (long long)violations(HIDDEN), (long long)violations(DIFFERENT));
	return wrong == 0 ? 0 : 1;
}

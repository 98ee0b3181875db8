/*
 * hot_row.c: the likes of 10,000 users, over 32 connections.
 *
 * First on one video, alternating with as many spread over 10,000 videos: all
 * are counted, and the rates are compared.  Then on another one while the fold
 * job, the workers and PostgreSQL are killed: acknowledged likes are counted
 * once, others at most once.
 */
#include <json-c/json.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chaos.h"
#include "http.h"
#include "model.h"
#include "world.h"

#define LIKES 10000
#define CLIENTS 32
#define TURNS 10
#define ENOUGH_RATIO 0.7

static char (*tokens)[TOKEN_MAX];
static int64_t first_user, spread_video; /* the ids of the first ones; the others follow */
static char outcome[LIKES];		 /* '+' acknowledged, '?' unknown */

/* The next action of the clients: user i likes hot_video, or the i-th of the spread ones. */
static int64_t hot_video;
static _Atomic int next_like;
static int end_like;

static void *
client(void *unused)
{
	struct http h;
	const char *reply;
	int i;

	(void)unused;
	http_init(&h, world.port);
	while ((i = atomic_fetch_add(&next_like, 1)) < end_like) {
		reply =
		    http_ask(&h, "POST", "favorite/action/?token=%s&video_id=%lld&action_type=1",
			     tokens[i], (long long)(hot_video ? hot_video : spread_video + i));
		outcome[i] = '+';
		if (reply == NULL || strncmp(reply, "{\"status_code\":0,", 17) != 0) {
			outcome[i] = '?';
			usleep(200000); /* a server is down */
		}
	}
	http_release(&h);
	return NULL;
}

static void
start_clients(pthread_t *threads, int64_t video, int from, int to)
{
	int i;

	hot_video = video;
	next_like = from;
	end_like = to;
	for (i = 0; i < CLIENTS; i++)
		pthread_create(&threads[i], NULL, client, NULL);
}

static void
join_clients(pthread_t *threads)
{
	int i;

	for (i = 0; i < CLIENTS; i++)
		pthread_join(threads[i], NULL);
}

/* The duration of these likes in seconds. */
static double
likes(int64_t video, int from, int to)
{
	pthread_t threads[CLIENTS];
	int64_t start = now_us();

	start_clients(threads, video, from, to);
	join_clients(threads);
	return (double)(now_us() - start) / 1e6;
}

static int64_t
new_video(PGconn *db, int64_t author)
{
	return world_number(
	    db,
	    "INSERT INTO video (author_id, title, state, play_file, cover_file, "
	    "published_at) VALUES (%lld, 'hot', 'ready', '00/none.mp4', "
	    "'00/none.jpg', (SELECT 1 + max(published_at) FROM video)) RETURNING id",
	    (long long)author);
}

static int64_t
new_author(PGconn *db, const char *name)
{
	return world_number(
	    db, "INSERT INTO account (name, password) VALUES ('%s', '') RETURNING id", name);
}

static void
set_up(PGconn *db)
{
	int i;

	first_user = world_number(db, "WITH added AS (INSERT INTO account (name, password) "
				      "SELECT 'fire' || n, '' FROM generate_series(1, 10000) n "
				      "RETURNING id) SELECT min(id) FROM added");
	spread_video = world_number(
	    db,
	    "WITH added AS (INSERT INTO video (author_id, title, state, play_file, cover_file, "
	    "published_at) SELECT %lld + n, 'spread', 'ready', '00/none.mp4', '00/none.jpg', "
	    "now_ms() - 20000000 + n FROM generate_series(0, 9999) n RETURNING id) "
	    "SELECT min(id) FROM added",
	    (long long)first_user);
	world_number(db, "ANALYZE account, video");
	if ((tokens = calloc(LIKES, sizeof(*tokens))) == NULL)
		exit(2);
	for (i = 0; i < LIKES; i++)
		world_token(first_user + i, tokens[i]);
}

static int64_t
ledgers(PGconn *db)
{
	return world_number(db, "SELECT (SELECT count(*) FROM video_ledger) + "
				"(SELECT count(*) FROM account_ledger)");
}

/* Reads the video's counter from its author's list, and the author's counter. */
static void
told(int64_t video, int64_t author, int64_t *favorites, int64_t *favorited)
{
	struct json_object *reply, *found;
	struct http h;
	const char *text;

	http_init(&h, world.port);
	text = http_ask(&h, "GET", "publish/list/?user_id=%lld", (long long)author);
	reply = text == NULL ? NULL : json_tokener_parse(text);
	found = json_object_array_get_idx(json_object_object_get(reply, "video_list"), 0);
	if (json_object_get_int64(json_object_object_get(found, "id")) != video)
		violated(FAILED, "video %lld is not the author's only one", (long long)video);
	*favorites = json_object_get_int64(json_object_object_get(found, "favorite_count"));
	*favorited = json_object_get_int64(
	    json_object_object_get(json_object_object_get(found, "author"), "total_favorited"));
	json_object_put(reply);
	http_release(&h);
}

/* Compares counters in replies, at once, cached and uncached, with the table. */
static void
compare(PGconn *db, const char *name, int64_t video, int64_t author)
{
	int64_t rows, favorites, favorited;
	int round;

	for (round = 0; round < 4; round++) {
		while (round == 2 && ledgers(db) > 0)
			usleep(50000);
		if (round == 3)
			redis_say("FLUSHALL\r\n");
		rows = world_number(db, "SELECT count(*) FROM favorite WHERE video_id = %lld",
				    (long long)video);
		told(video, author, &favorites, &favorited);
		if (favorites != rows || favorited != rows)
			violated(DIFFERENT, "%s, %d: rows %lld, favorite_count %lld, total %lld",
				 name, round, (long long)rows, (long long)favorites,
				 (long long)favorited);
	}
	printf("hot-row: %s: rows %lld, favorite_count %lld, total_favorited %lld\n", name,
	       (long long)rows, (long long)favorites, (long long)favorited);
}

static double
one_against_many(PGconn *db)
{
	int64_t author = new_author(db, "popular"), video = new_video(db, author);
	double hot = 0, spread = 0;
	int turn, part = LIKES / TURNS, i, acknowledged = 0;

	for (turn = 0; turn < TURNS; turn++) {
		/* Alternate which one is first and finds the users' fragments uncached. */
		if (turn % 2 == 0)
			spread += likes(0, turn * part, (turn + 1) * part);
		hot += likes(video, turn * part, (turn + 1) * part);
		if (turn % 2 == 1)
			spread += likes(0, turn * part, (turn + 1) * part);
	}
	for (i = 0; i < LIKES; i++)
		acknowledged += outcome[i] == '+';
	compare(db, "one video", video, author);
	if (acknowledged != LIKES ||
	    world_number(db, "SELECT count(*) FROM favorite WHERE video_id = %lld",
			 (long long)video) != LIKES)
		violated(DIFFERENT, "only %d acknowledged", acknowledged);
	if (world_number(db,
			 "SELECT count(*) FROM video_now v WHERE id BETWEEN %lld AND %lld + 9999 "
			 "AND favorite_count <> 1",
			 (long long)spread_video, (long long)spread_video) != 0)
		violated(DIFFERENT, "the spread likes are not one on each");
	printf("hot-row: %.0f likes/s on one video, %.0f/s on %d videos: ratio %.2f\n", LIKES / hot,
	       LIKES / spread, LIKES, spread / hot);
	return spread / hot;
}

/* Kills a server when so many likes were sent. */
static void
kill_at(int likes_begun, const char *service)
{
	while (next_like < likes_begun)
		usleep(5000);
	server("kill", service);
	printf("hot-row: killed %s at %d\n", service, next_like);
}

static void
with_kills(void)
{
	PGconn *db = world_database();
	int64_t author = new_author(db, "shot"), video = new_video(db, author);
	pthread_t threads[CLIENTS];
	int acknowledged = 0, unknown = 0, i, found;

	memset(outcome, ' ', sizeof(outcome));
	start_clients(threads, video, 0, LIKES);
	kill_at(1000, "fold");
	kill_at(2000, "social");
	kill_at(3000, "fold");
	kill_at(4000, "social");
	kill_at(5000, "postgres");
	PQfinish(db);
	server("up", "all");
	kill_at(7000, "social");
	kill_at(8000, "fold");
	join_clients(threads);
	db = world_database();
	for (i = 0; i < LIKES; i++) {
		found = (int)world_number(
		    db, "SELECT count(*) FROM favorite WHERE video_id = %lld AND user_id = %lld",
		    (long long)video, (long long)(first_user + i));
		acknowledged += outcome[i] == '+';
		unknown += outcome[i] == '?';
		if (found > 1 || (outcome[i] == '+' && found == 0))
			violated(DIFFERENT, "user %d: %c, %d rows", i, outcome[i], found);
	}
	printf("hot-row: %d acknowledged, %d unknown\n", acknowledged, unknown);
	compare(db, "with kills", video, author);
	PQfinish(db);
}

int
main(void)
{
	PGconn *db;
	double ratio;

	world_open();
	setvbuf(stdout, NULL, _IOLBF, 0);
	db = world_database();
	set_up(db);
	ratio = one_against_many(db);
	PQfinish(db);
	with_kills();
	return ratio >= ENOUGH_RATIO && violations(FAILED) + violations(DIFFERENT) == 0 ? 0 : 1;
}

/*
 * load.c: clients that use an instance and record every write.
 *
 *   load MIX CLIENTS SECONDS RECORD
 *
 * MIX is a line of the table below.  Odd clients open a connection for each
 * request, even ones keep theirs.  Ends after SECONDS or at SIGTERM; then prints
 * the results, a line each ("acknowledged 512"), and writes a line for each
 * write into RECORD, tab-separated:
 *
 *   like|follow  user  video|user  ""     +  acknowledged
 *   comment|message|register|publish 0 0 word     -  answered with an error
 *                                         ?  not answered
 *
 * Every write is unique, so that it can be found (t/fault/record.sql).
 *
 *   CLIP     the file that is published
 *   SLOW     seconds that one upload of it takes, beside the others; 0: none
 *   PAUSE    milliseconds between a client's requests
 */
#include <libpq-fe.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http.h"
#include "model.h"
#include "tally.h"
#include "world.h"

#define CLIPS 2000
#define PEOPLE 2000
#define MAX_CLIENTS 256

enum deed { FEED, USER, POLL, LIKE, COMMENT, FOLLOW, MESSAGE, REGISTER, PUBLISH, DEEDS };

static const struct mix {
	const char *name;
	int shares[DEEDS]; /* of a thousand */
	bool must_succeed;
	bool retries; /* on a new connection, if the old one was closed without a reply */
} mixes[] = {
	{ "faults", { 150, 100, 100, 326, 150, 80, 92, 1, 1 }, false, false },
	/* Hashing a password is slow by design; others would wait for it. */
	{ "reload", { 300, 50, 150, 280, 100, 60, 60, 0, 0 }, true, true },
	{ "soak", { 500, 0, 300, 100, 40, 30, 28, 0, 2 }, true, true },
};

struct person {
	pthread_t thread;
	struct http http;
	char token[TOKEN_MAX];
	int number, likes, follows, words;
};

static const struct mix *mix;
static struct person people[MAX_CLIENTS];
static int64_t first_user, first_video, unique;
static char *clip;
static size_t clip_len;
static useconds_t pause_us;
static _Atomic bool over;

static void
set_up(void)
{
	PGconn *db = world_database();

	unique = now_us();
	first_user = world_number(
	    db,
	    "WITH added AS (INSERT INTO account (name, password) SELECT 'load%lld-' || n, '' "
	    "FROM generate_series(1, %d) n RETURNING id) SELECT min(id) FROM added",
	    (long long)unique, PEOPLE);
	first_video = world_number(
	    db,
	    "WITH one AS (SELECT * FROM video WHERE state = 'ready' ORDER BY id LIMIT 1), "
	    "added AS (INSERT INTO video (author_id, title, state, play_file, cover_file, "
	    "small_file, published_at) SELECT %lld, 'load', 'ready', play_file, cover_file, "
	    "small_file, (SELECT min(published_at) FROM video) - n FROM one, "
	    "generate_series(1, %d) n RETURNING id), "
	    "files AS (INSERT INTO video_file (name, video_id) SELECT f.name, added.id "
	    "FROM added, one JOIN video_file f ON f.video_id = one.id), "
	    "works AS (INSERT INTO account_ledger (account_id, works) SELECT %lld, 1 FROM added) "
	    "SELECT min(id) FROM added",
	    (long long)first_user, CLIPS, (long long)first_user);
	world_number(db, "ANALYZE account, video");
	PQfinish(db);
}

static void
read_clip(void)
{
	const char *path = getenv("CLIP");
	FILE *f = path == NULL ? NULL : fopen(path, "re");

	clip = malloc(1 << 20);
	clip_len = f == NULL || clip == NULL ? 0 : fread(clip, 1, 1 << 20, f);
	if (f != NULL)
		fclose(f);
}

/* Publishes the clip, over so many seconds. */
static void
publish(struct person *p, const char *title, int seconds)
{
	static const char type[] = "multipart/form-data; boundary=frontier";
	size_t size = clip_len + 1024, n;
	char *body = malloc(size);

	n = (size_t)snprintf(body, size,
			     "--frontier\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n"
			     "%s\r\n--frontier\r\nContent-Disposition: form-data; "
			     "name=\"title\"\r\n\r\n%s\r\n--frontier\r\nContent-Disposition: "
			     "form-data; name=\"data\"; filename=\"a.mp4\"\r\n\r\n",
			     p->token, title);
	memcpy(body + n, clip, clip_len);
	n += clip_len;
	n += (size_t)snprintf(body + n, size - n, "\r\n--frontier--\r\n");
	http_post_slowly(&p->http, "/douyin/publish/action/", type, body, n, seconds);
	free(body);
}

static void
send_read(struct person *p, enum deed deed)
{
	long long other = (long long)first_user + dice(PEOPLE);

	if (deed == FEED)
		http_ask(&p->http, "GET", "feed/?token=%s", p->token);
	else if (deed == USER)
		http_ask(&p->http, "GET", "user/?user_id=%lld&token=%s", other, p->token);
	else
		http_ask(&p->http, "GET", "message/chat/?to_user_id=%lld&pre_msg_time=1&token=%s",
			 (long long)first_user + (p->number ^ 1), p->token);
}

static void
send_write(struct person *p, enum deed deed, const struct entry *e)
{
	struct http *h = &p->http;

	switch (deed) {
	case LIKE:
		http_ask(h, "POST", "favorite/action/?token=%s&video_id=%lld&action_type=1",
			 p->token, (long long)e->b);
		break;
	case FOLLOW:
		http_ask(h, "POST", "relation/action/?token=%s&to_user_id=%lld&action_type=1",
			 p->token, (long long)e->b);
		break;
	case COMMENT:
		http_ask(h, "POST",
			 "comment/action/?token=%s&video_id=%lld&action_type=1&comment_text=%s",
			 p->token, (long long)first_video + dice(100), e->word);
		break;
	case MESSAGE:
		http_ask(h, "POST",
			 "message/action/?token=%s&to_user_id=%lld&action_type=1&content=%s",
			 p->token, (long long)first_user + (p->number ^ 1), e->word);
		break;
	case REGISTER:
		http_ask(h, "POST", "user/register/?username=%s&password=pw-geheim-7531", e->word);
		break;
	default:
		publish(p, e->word, 0);
	}
}

/* Chooses a write that was not made yet; false: nothing left to like or follow. */
static bool
new_entry(struct person *p, enum deed deed, struct entry *e)
{
	static const char *const kinds[] = {
		[LIKE] = "like",       [FOLLOW] = "follow",	[COMMENT] = "comment",
		[MESSAGE] = "message", [REGISTER] = "register", [PUBLISH] = "publish"
	};

	*e = (struct entry){ .kind = kinds[deed] };
	if (deed == LIKE || deed == FOLLOW) {
		e->a = first_user + p->number;
		e->b = deed == LIKE ? first_video + p->likes++
				    : first_user + MAX_CLIENTS + p->follows++;
		return deed == LIKE ? p->likes < CLIPS : p->follows < PEOPLE - MAX_CLIENTS;
	}
	snprintf(e->word, sizeof(e->word), "w%lld-%d-%d", (long long)unique, p->number, p->words++);
	return true;
}

/* Sends it, retries if allowed, and counts the result. */
static void
act(struct person *p, enum deed deed)
{
	bool writes = deed >= LIKE;
	struct entry e;
	int64_t start;
	int tries;

	if (writes && !new_entry(p, deed, &e))
		return;
	start = now_us();
	for (tries = 0; tries < 2; tries++) {
		if (writes)
			send_write(p, deed, &e);
		else
			send_read(p, deed);
		if (p->http.closed)
			tally_closed(false);
		if (!p->http.silent || !p->http.reused)
			break;
		tally_closed(true);
		if (!mix->retries)
			break;
	}
	tally(&p->http, writes ? &e : NULL, now_us() - start);
}

static enum deed
choose(void)
{
	int n = dice(1000), deed = 0;

	while (deed < DEEDS - 1 && n >= mix->shares[deed])
		n -= mix->shares[deed++];
	return (enum deed)deed;
}

static void *
live(void *self)
{
	struct person *p = self;

	while (!over) {
		act(p, choose());
		if (p->http.status == 0)
			usleep(100000); /* a server is down */
		if (pause_us > 0)
			usleep(pause_us / 2 + (useconds_t)dice((int)pause_us));
	}
	return NULL;
}

/* Repeats a slow upload. */
static void *
trickle(void *seconds)
{
	struct person p = { .number = MAX_CLIENTS };
	struct entry e;
	int64_t start;

	http_init(&p.http, world.port);
	world_token(first_user, p.token);
	do {
		p.http.brief = true;
		new_entry(&p, PUBLISH, &e);
		start = now_us();
		publish(&p, e.word, *(int *)seconds);
		tally(&p.http, &e, now_us() - start - *(int *)seconds * 1000000LL);
	} while (!over);
	http_release(&p.http);
	return NULL;
}

static void
start(struct person *p, int number)
{
	p->number = number;
	http_init(&p->http, world.port);
	p->http.brief = number % 2 == 1;
	world_token(first_user + number, p->token);
	pthread_create(&p->thread, NULL, live, p);
}

static const struct mix *
find_mix(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(mixes) / sizeof(mixes[0]); i++)
		if (strcmp(mixes[i].name, name) == 0)
			return &mixes[i];
	return NULL;
}

static int
setting(const char *name)
{
	const char *value = getenv(name);

	return value == NULL ? 0 : (int)strtol(value, NULL, 10);
}

/* Waits for the end of the time or SIGTERM, which is blocked in all threads. */
static void
wait_for_end(int seconds)
{
	struct timespec rest = { seconds, 0 };
	sigset_t end;

	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigaddset(&end, SIGINT);
	sigtimedwait(&end, NULL, &rest);
	over = true;
}

int
main(int argc, char **argv)
{
	int clients = argc == 5 ? (int)strtol(argv[2], NULL, 10) : 0, i;
	int slow = setting("SLOW");
	pthread_t trickler;
	sigset_t end;

	mix = argc == 5 ? find_mix(argv[1]) : NULL;
	if (mix == NULL || clients < 2 || clients > MAX_CLIENTS)
		return 2;
	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigaddset(&end, SIGINT);
	sigprocmask(SIG_BLOCK, &end, NULL);
	signal(SIGPIPE, SIG_IGN);
	world_open();
	read_clip();
	pause_us = (useconds_t)setting("PAUSE") * 1000;
	set_up();
	tally_start(strcmp(mix->name, "soak") == 0);
	for (i = 0; i < clients; i++)
		start(&people[i], i);
	if (slow > 0)
		pthread_create(&trickler, NULL, trickle, &slow);
	wait_for_end((int)strtol(argv[3], NULL, 10));
	for (i = 0; i < clients; i++)
		pthread_join(people[i].thread, NULL);
	if (slow > 0)
		pthread_join(trickler, NULL);
	return tally_print(argv[4]) || !mix->must_succeed ? 0 : 1;
}

/* world.c: see world.h. */
#include <fcntl.h>
#include <jwt.h>
#include <libpq-fe.h>
#include <libscrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "data/cache.h"
#include "data/db.h"
#include "dispatch.h"
#include "heap.h"
#include "obs/log.h"
#include "obs/metrics.h"
#include "routes.h"
#include "world.h"

#define ENV_MAX 12
#define TUS "HTTP_TUS_RESUMABLE=1.0.0"

/* Of the password "x", with N=2, r=1, p=1. */
#define HASH                                                                          \
	"$s1$010101$c2FsdA==$Pq6nPP9sSt3hth3FmeUpbHAhFXGQIQuoDRTbeh+Qy8XxWxbPJegoMw1" \
	"OuKRW2DeGAbu6Vdn16rBN/rR7hzuZNw=="

/* Replaces the password hash, which takes 200 ms and is needed hundreds of times. */
int
libscrypt_hash(char *out, const char *password, uint32_t n, uint8_t r, uint8_t p)
{
	(void)password, (void)n, (void)r, (void)p;
	memcpy(out, HASH, sizeof(HASH));
	return 1;
}

/*
 * libjwt 1.10 and its jansson dereference NULL when memory is out, which we
 * cannot prevent.  No allocation fails while they run.
 */
char *__wrap_jwt_encode_str(jwt_t *jwt);
char *__real_jwt_encode_str(jwt_t *jwt);
int __wrap_jwt_decode(jwt_t **jwt, const char *token, const unsigned char *key, int n);
int __real_jwt_decode(jwt_t **jwt, const char *token, const unsigned char *key, int n);

char *
__wrap_jwt_encode_str(jwt_t *jwt)
{
	bool was = heap_spare(true);
	char *text = __real_jwt_encode_str(jwt);

	heap_spare(was);
	return text;
}

int
__wrap_jwt_decode(jwt_t **jwt, const char *token, const unsigned char *key, int n)
{
	bool was = heap_spare(true);
	int result = __real_jwt_decode(jwt, token, key, n);

	heap_spare(was);
	return result;
}

#define CLIP                                                                           \
	"--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nclip\r\n--b\r\n" \
	"Content-Disposition: form-data; name=\"data\"; filename=\"a.mp4\"\r\n\r\n"    \
	"....ftypisom\r\n--b--\r\n"
#define ASK(m, p, q) .method = m, .path = p, .query = q
#define COUNT(what) "SELECT count(*) FROM " what
#define VERSIONS "SELECT sum(token_version) FROM account"
#define MULTIPART "CONTENT_TYPE=multipart/form-data; boundary=b"
#define FOUR(s) s s s s
#define LONG_FORM "content=hello&padding=" FOUR(FOUR(FOUR(FOUR(FOUR(FOUR("long"))))))
#define OCTETS "CONTENT_TYPE=application/offset+octet-stream"

const struct trial world_probe = { ASK("GET", "/douyin/publish/list/", "user_id=%A") };

static const struct trial like = { ASK("POST", "/douyin/favorite/action/",
				       "video_id=%V&action_type=1") };
static const struct trial unlike = { ASK("POST", "/douyin/favorite/action/",
					 "video_id=%V&action_type=2") };
static const struct trial follow = { ASK("POST", "/douyin/relation/action/",
					 "to_user_id=%B&action_type=1") };
static const struct trial unfollow = { ASK("POST", "/douyin/relation/action/",
					   "to_user_id=%B&action_type=2") };
static const struct trial comment = { ASK("POST", "/douyin/comment/action/",
					  "video_id=%V&action_type=1&comment_text=hello") };
static const struct trial publish = { ASK("POST", "/douyin/publish/action/", ""), .file = CLIP,
				      .headers = { MULTIPART } };
static const struct trial works = { ASK("GET", "/douyin/publish/list/", "user_id=%A&count=1"),
				    .prepare = &publish };
static const struct trial create = { ASK("POST", "/douyin/upload/", ""), .file = "",
				     .headers = { TUS, "HTTP_UPLOAD_LENGTH=16",
						  "HTTP_UPLOAD_METADATA=title YQ==" } };

const struct trial world_trials[] = {
	{ ASK("POST", "/douyin/user/register/", "username=%N&password=x"), .open = true,
	  .fact = COUNT("account"), .change = 1 },
	{ ASK("POST", "/douyin/user/login/", "username=alloc-%A&password=x"), .open = true },
	{ ASK("POST", "/douyin/user/logout/", ""), .fact = VERSIONS, .change = 1 },
	{ ASK("POST", "/douyin/user/password/", "password=x&new_password=x"), .fact = VERSIONS,
	  .change = 1 },
	{ ASK("GET", "/douyin/user/", "user_id=%B") },
	{ ASK("POST", "/douyin/publish/action/", ""), .file = CLIP, .headers = { MULTIPART },
	  .fact = COUNT("job"), .change = 1 },
	{ ASK("POST", "/douyin/publish/retry/", "video_id=%C"), .prepare = &works,
	  .made = "[{\"id\":" },
	{ ASK("POST", "/douyin/publish/delete/", "video_id=%C"), .prepare = &works,
	  .made = "[{\"id\":", .fact = COUNT("video"), .change = -1 },
	{ ASK("GET", "/readyz/", ""), .open = true, .measures = true },
	{ ASK("GET", "/douyin/publish/list/", "user_id=%A&count=5") },
	{ ASK("POST", "/douyin/favorite/action/", "video_id=%V&action_type=1"), .prepare = &unlike,
	  .fact = COUNT("favorite"), .change = 1 },
	{ ASK("POST", "/douyin/favorite/action/", "video_id=%V&action_type=2"), .prepare = &like,
	  .fact = COUNT("favorite"), .change = -1 },
	{ ASK("GET", "/douyin/favorite/list/", "user_id=%A"), .prepare = &like },
	{ ASK("POST", "/douyin/comment/action/", "video_id=%V&action_type=1&comment_text=hello"),
	  .fact = COUNT("comment"), .change = 1 },
	{ ASK("POST", "/douyin/comment/action/", "video_id=%V&action_type=2&comment_id=%C"),
	  .prepare = &comment, .made = "\"comment\":{\"id\":",
	  .fact = COUNT("comment WHERE deleted_at IS NULL"), .change = -1 },
	{ ASK("GET", "/douyin/comment/list/", "video_id=%V&count=5") },
	{ ASK("POST", "/douyin/relation/action/", "to_user_id=%B&action_type=1"),
	  .prepare = &unfollow, .fact = COUNT("follow"), .change = 1 },
	{ ASK("POST", "/douyin/relation/action/", "to_user_id=%B&action_type=2"),
	  .prepare = &follow, .fact = COUNT("follow"), .change = -1 },
	{ ASK("GET", "/douyin/relation/follow/list/", "user_id=%A"), .prepare = &follow },
	{ ASK("GET", "/douyin/relation/follower/list/", "user_id=%B"), .prepare = &follow },
	{ ASK("GET", "/douyin/relation/friend/list/", "user_id=%A"), .prepare = &follow },
	{ ASK("POST", "/douyin/message/action/", "to_user_id=%B&action_type=1&content=hello"),
	  .fact = COUNT("message"), .change = 1 },
	{ ASK("POST", "/douyin/message/action/", "to_user_id=%B&action_type=1"), .text = LONG_FORM,
	  .headers = { "CONTENT_LENGTH=16406" }, .fact = COUNT("message"), .change = 1 },
	{ ASK("GET", "/douyin/message/chat/", "to_user_id=%B&count=5") },
	{ ASK("GET", "/douyin/message/chat/", "to_user_id=%B&pre_msg_time=1") },
	{ ASK("OPTIONS", "/douyin/upload/", ""), .open = true },
	{ ASK("OPTIONS", "/douyin/upload/abc", ""), .open = true },
	{ ASK("POST", "/douyin/upload/", ""), .file = "",
	  .headers = { TUS, "HTTP_UPLOAD_LENGTH=16", "HTTP_UPLOAD_METADATA=title YQ==" },
	  .fact = COUNT("upload"), .change = 1 },
	{ ASK("HEAD", "/douyin/upload/%C", ""), .headers = { TUS }, .prepare = &create,
	  .made = "/douyin/upload/" },
	{ ASK("PATCH", "/douyin/upload/%C", ""), .file = "....ftypisom....",
	  .headers = { TUS, OCTETS, "HTTP_UPLOAD_OFFSET=0" }, .prepare = &create,
	  .made = "/douyin/upload/", .fact = COUNT("job"), .change = 1 },
	{ ASK("DELETE", "/douyin/upload/%C", ""), .headers = { TUS }, .prepare = &create,
	  .made = "/douyin/upload/", .fact = COUNT("upload"), .change = -1 },
	{ .method = NULL },
};

static const char *
valid_value(const struct param *param)
{
	switch (param->id) {
	case P_VIDEO_ID:
		return "%V";
	case P_USER_ID:
	case P_TO_USER_ID:
		return "%B";
	default:
		return "1";
	}
}

const struct trial *
world_default(const struct route *route)
{
	static char query[256];
	static struct trial trial;
	size_t n = 0;
	int i;

	query[0] = '\0';
	for (i = 0; i < ROUTE_MAX_PARAMS && route->params[i].id != P_NONE; i++)
		if (route->params[i].required)
			n += (size_t)sprintf(query + n, "%s%s=%s", n == 0 ? "" : "&",
					     param_name(route->params[i].id),
					     valid_value(&route->params[i]));
	trial = (struct trial){ ASK(route->method, route->path, query),
				.open = route->access == ACCESS_OPEN };
	return &trial;
}

/* Writes a text with its placeholders replaced. */
static void
expand(struct world *w, const char *text, char *out, size_t size)
{
	size_t n = 0;

	for (; *text != '\0' && n < size - 64; text++) {
		if (*text != '%') {
			out[n++] = *text;
			continue;
		}
		switch (*++text) {
		case 'V':
			n += (size_t)sprintf(out + n, "%lld", (long long)w->video);
			break;
		case 'A':
		case 'B':
			n += (size_t)sprintf(out + n, "%lld", (long long)w->ids[*text - 'A']);
			break;
		case 'N':
			n += (size_t)sprintf(out + n, "alloc-%d-%u", (int)getpid(), w->names);
			break;
		default:
			n += (size_t)sprintf(out + n, "%s", w->made);
		}
	}
	out[n] = '\0';
}

/* A body_reader. */
static size_t
read_body(void *from, char *out, size_t n)
{
	struct world *w = from;
	size_t left = strlen(w->unread);

	n = n < left ? n : left;
	memcpy(out, w->unread, n);
	w->unread += n;
	return n;
}

/* Makes a body file as nginx does; published ones are moved away. */
static void
spool(const struct world *w, const char *text, char *parameter, size_t size)
{
	const char *path = parameter + strlen("REQUEST_BODY_FILE=");
	int fd;

	snprintf(parameter, size, "REQUEST_BODY_FILE=%s/spool/alloc-%d", w->conf.home,
		 (int)getpid());
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		perror(path);
	close(fd);
}

void
world_ask(struct world *w, const struct trial *t)
{
	static char headers[3][128];
	static char method[32], path[128], query[512], body[CONF_TEXT_MAX + 64], bearer[1200];
	char *env[ENV_MAX] = { method, path, query, (char[]){ "HTTP_HOST=h" }, NULL };
	struct req r = { .conf = &w->conf,
			 .auth = &w->auth,
			 .db = w->db,
			 .cache = w->cache,
			 .arena = &w->arena,
			 .timing = &w->timing };
	int n = 4, i;

	w->names++;
	snprintf(method, sizeof(method), "REQUEST_METHOD=%s", t->method);
	memcpy(path, "DOCUMENT_URI=", 13);
	expand(w, t->path, path + 13, sizeof(path) - 13);
	memcpy(query, "QUERY_STRING=", 13);
	expand(w, t->query, query + 13, sizeof(query) - 13);
	if (!t->open) {
		snprintf(bearer, sizeof(bearer), "HTTP_AUTHORIZATION=Bearer %s", w->token);
		env[n++] = bearer;
	}
	if (t->file != NULL) {
		spool(w, t->file, body, sizeof(body));
		env[n++] = body;
	}
	for (i = 0; i < 3 && t->headers[i] != NULL; i++)
		env[n++] = strcpy(headers[i], t->headers[i]);
	env[n] = NULL;
	buf_clear(&w->reply.body);
	buf_clear(&w->reply.headers);
	timing_start(&w->timing);
	w->unread = t->text == NULL ? "" : t->text;
	dispatch(&r, env, read_body, w, &w->reply);
	arena_release(&w->arena); /* so that each request is like a worker's first */
}

/* The value behind a text in the last reply. */
static void
take_made(struct world *w, const char *before)
{
	const struct buf *where = w->reply.no_body ? &w->reply.headers : &w->reply.body;
	const char *at = memmem(where->data, where->len, before, strlen(before));

	w->made[0] = '\0';
	if (at == NULL)
		return;
	at += strlen(before);
	snprintf(w->made, sizeof(w->made), "%.*s", (int)strspn(at, "0123456789abcdef"), at);
}

/* The request before may have ended this upload. */
static void
fresh_token(struct world *w)
{
	char sql[80];

	snprintf(sql, sizeof(sql), "SELECT token_version FROM account WHERE id = %lld",
		 (long long)w->ids[0]);
	if (auth_sign(&w->auth, (struct auth_claim){ w->ids[0], world_count(w, sql), 0 },
		      time(NULL), 1, w->token) != ERR_OK)
		w->token[0] = '\0';
}

void
world_prepare(struct world *w, const struct trial *t, bool cold)
{
	fresh_token(w);
	if (t->prepare != NULL) {
		world_prepare(w, t->prepare, false);
		world_ask(w, t->prepare);
		if (t->made != NULL)
			take_made(w, t->made);
	}
	if (cold) {
		cache_invalidate_all(w->cache);
		cache_finish_invalidate_all(w->cache);
	}
}

void
world_reconnect(struct world *w)
{
	cache_free(w->cache);
	db_free(w->db);
	w->db = db_new(&w->conf, DB_ROLE_APP);
	w->cache = w->db == NULL ? NULL : cache_new(&w->conf, db_identity(w->db));
}

/* The cache needs the database's identity. */
void
world_mend(struct world *w)
{
	if (db_fd(w->db) < 0) {
		world_reconnect(w);
	} else if (cache_fd(w->cache) < 0) {
		cache_free(w->cache);
		w->cache = cache_new(&w->conf, db_identity(w->db));
	}
}

int64_t
world_count(struct world *w, const char *sql)
{
	PGresult *res = PQexec(w->counter, sql);
	int64_t n = PQntuples(res) == 1 ? strtoll(PQgetvalue(res, 0, 0), NULL, 10) : -1;

	if (n < 0)
		fprintf(stderr, "%s: %s", sql, PQerrorMessage(w->counter));
	PQclear(res);
	return n;
}

/* Inserts a user whose password is x; 0 on failure. */
static int64_t
new_account(struct world *w)
{
	int64_t id = world_count(w, "INSERT INTO account (name, password) "
				    "VALUES (gen_random_uuid(), '" HASH "') RETURNING id");
	char named[128];

	snprintf(named, sizeof(named),
		 "UPDATE account SET name = 'alloc-' || id WHERE id = %lld RETURNING id",
		 (long long)id);
	return world_count(w, named);
}

/* Makes two users who follow each other and have exchanged messages; the first has a video and is
 * the viewer. */
static bool
people(struct world *w)
{
	static const struct trial hello = { ASK("POST", "/douyin/message/action/",
						"to_user_id=%A&action_type=1&content=hi") };
	static const struct trial follow_back = { ASK("POST", "/douyin/relation/action/",
						      "to_user_id=%A&action_type=1") };

	w->ids[0] = new_account(w);
	w->ids[1] = new_account(w);
	if (auth_sign(&w->auth, (struct auth_claim){ w->ids[1], 0, 0 }, time(NULL), 1, w->token) !=
	    ERR_OK)
		return false;
	world_ask(w, &follow_back);
	world_ask(w, &hello);
	if (auth_sign(&w->auth, (struct auth_claim){ w->ids[0], 0, 0 }, time(NULL), 1, w->token) !=
	    ERR_OK)
		return false;
	world_ask(w, &follow);
	world_ask(w, &publish);
	return w->reply.http == 200;
}

bool
world_begin(struct world *w, const char *video)
{
	char why[512], key[CONF_TEXT_MAX + 16], url[CONF_TEXT_MAX * 2];

	if (!conf_load(&w->conf, why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		return false;
	}
	log_configure("alloc", w->conf.log_level);
	if (!timing_open_metrics(&w->timing, w->conf.home, "alloc", routes_labels()))
		fprintf(stderr, "nothing is counted\n");
	w->conf.processing_max = INT32_MAX; /* no transcode processes the jobs */
	w->video = strtoll(video, NULL, 10);
	snprintf(key, sizeof(key), "%s/keys/token", w->conf.home);
	conf_database(&w->conf, DB_ROLE_APP, url, sizeof(url));
	w->counter = PQconnectdb(url);
	if (!auth_load(&w->auth, key, w->conf.token_days) ||
	    PQstatus(w->counter) != CONNECTION_OK) {
		fprintf(stderr, "%s: %s", key, PQerrorMessage(w->counter));
		return false;
	}
	world_reconnect(w);
	return people(w);
}

void
world_end(struct world *w)
{
	PQfinish(w->counter);
	db_free(w->db);
	cache_free(w->cache);
	arena_release(&w->arena);
	reply_release(&w->reply);
	metrics_close(w->timing.metrics);
}

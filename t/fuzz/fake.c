/* fake.c: see fake.h. */
#include <json-c/json.h>
#include <sys/stat.h>
#include <time.h>

#include "../lib/json_flags.h"
#include "base/text.h"
#include "data/cache.h"
#include "dispatch.h"
#include "fake.h"
#include "http/auth.h"
#include "obs/log.h"

#define VALID "HTTP_AUTHORIZATION=Bearer VALID"
#define AUTHORIZATION_LEN strlen("HTTP_AUTHORIZATION=")
#define NAMES 128
#define ROWS 8

struct pg_result {
	enum stmt stmt;
	int rows;
	int64_t ids[ROWS];
};

static struct fake *now;
static const char *names[NAMES]; /* of the requested columns; string literals */
static unsigned statements;

/* Replace the functions of lib/data/db.c (--wrap). */
enum err __wrap_db_run(struct db *db, enum stmt stmt, db_result **res, const struct db_arg *args,
		       int n);
void __wrap_db_clear(db_result *res);
int __wrap_db_rows(const db_result *res);
bool __wrap_db_is_null(const db_result *res, int row, int column);
int __wrap_db_column(const db_result *res, const char *name);
int64_t __wrap_db_get_int(const db_result *res, int row, int column);
bool __wrap_db_get_bool(const db_result *res, int row, int column);
const char *__wrap_db_get_text(const db_result *res, int row, int column, size_t *n);
int __wrap_libscrypt_hash(char *out, const char *password, uint32_t n, uint8_t r, uint8_t p);
int __wrap_libscrypt_check(char *mcf, const char *password);

/* Password hashing has its own target and would take all the time here. */
int
__wrap_libscrypt_hash(char *out, const char *password, uint32_t n, uint8_t r, uint8_t p)
{
	(void)password, (void)n, (void)r, (void)p;
	memcpy(out, "hash", 5);
	return 1;
}

int
__wrap_libscrypt_check(char *mcf, const char *password)
{
	(void)mcf;
	return password[0] == 'p';
}

static uint32_t
mix(uint32_t a, uint32_t b)
{
	uint32_t x = (now->seed ^ a * 2654435761U) + b * 40503U;

	x ^= x >> 15;
	x *= 2246822519U;
	return x ^ x >> 13;
}

static void
record(const struct db_arg *args, int n)
{
	int i;

	CLAIM(n <= 12);
	for (i = 0; i < n; i++) {
		now->numbers[i] = args[i].number;
		if (args[i].type == DB_TEXT && args[i].len < sizeof(now->texts[i])) {
			memcpy(now->texts[i], args[i].text, args[i].len);
			now->texts[i][args[i].len] = '\0';
		}
	}
}

/* Requested ids exist. */
static void
rows_of(struct pg_result *res, const struct db_arg *args)
{
	const char *p = args[0].text;
	char *end;

	for (res->rows = 0; res->rows < ROWS && *p != '\0' && *p != '}'; p = end) {
		res->ids[res->rows++] = strtoll(p + 1, &end, 10);
		CLAIM(end > p);
	}
}

enum err
__wrap_db_run(struct db *db, enum stmt stmt, db_result **out, const struct db_arg *args, int n)
{
	struct pg_result *res = calloc(1, sizeof(*res));
	int i;

	(void)db;
	*out = NULL;
	now->ran[stmt]++;
	for (i = 0; i < n; i++)
		if (args[i].type == DB_TEXT || args[i].type == DB_ARRAY)
			CLAIM(args[i].text != NULL && text_length(args[i].text, args[i].len) >= 0);
	CLAIM(!stmt_texts[stmt].writes || now->known || stmt == STMT_USER_ADD);
	if (stmt_texts[stmt].writes)
		record(args, n);
	if (++statements == now->fails) {
		free(res);
		return now->seed & 1 ? ERR_UNAVAILABLE : ERR_INTERNAL;
	}
	res->stmt = stmt;
	res->rows = (int)(mix(stmt, 1) % 4);
	for (i = 0; i < ROWS; i++)
		res->ids[i] = i + 1;
	if (n == 1 && args[0].type == DB_ARRAY)
		rows_of(res, args);
	/* These have one row, always: see sql/. */
	if (stmt == STMT_PUBLISH_ADD || stmt == STMT_UPLOAD_ADD || stmt == STMT_MESSAGE_ADD ||
	    stmt == STMT_MESSAGE_STATE || stmt == STMT_FOLLOW_ADD || stmt == STMT_FOLLOW_REMOVE ||
	    stmt == STMT_USER_NAME_TAKEN || stmt == STMT_USER_TOKENS)
		res->rows = 1;
	if (stmt == STMT_UPLOAD_GET)
		res->rows = !now->no_upload;
	*out = res;
	return ERR_OK;
}

void
__wrap_db_clear(db_result *res)
{
	free(res);
}

int
__wrap_db_rows(const db_result *res)
{
	return res->rows;
}

int
__wrap_db_column(const db_result *res, const char *name)
{
	int i;

	(void)res;
	for (i = 0; i < NAMES - 1 && names[i] != NULL; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	CLAIM(i < NAMES - 1);
	names[i] = name;
	return i;
}

static void
inside(const db_result *res, int row, int column)
{
	CLAIM(row >= 0 && row < res->rows && column >= 0);
}

bool
__wrap_db_is_null(const db_result *res, int row, int column)
{
	inside(res, row, column);
	return mix(res->stmt, (uint32_t)column + 77) % 4 == 0;
}

int64_t
__wrap_db_get_int(const db_result *res, int row, int column)
{
	const char *name = names[column] == NULL ? "id" : names[column];

	inside(res, row, column);
	if (res->stmt == STMT_UPLOAD_GET && strcmp(name, "length") == 0)
		return now->length;
	if (res->stmt == STMT_UPLOAD_GET && strcmp(name, "video_id") == 0)
		return now->video;
	if (strcmp(name, "token_version") == 0)
		return 0; /* what our tokens name */
	if (strcmp(name, "expires_at") == 0)
		return (int64_t)mix(1, 2) * 1000;
	if (strstr(name, "id") != NULL || strcmp(name, "key") == 0)
		return res->ids[row];
	return mix(res->stmt, (uint32_t)(row + 8 * column)) % 100;
}

bool
__wrap_db_get_bool(const db_result *res, int row, int column)
{
	inside(res, row, column);
	return mix(res->stmt, (uint32_t)(row + 8 * column)) & 1;
}

const char *
__wrap_db_get_text(const db_result *res, int row, int column, size_t *n)
{
	static const char *const texts[] = { "",	  "ready",	"failed", "processing",
					     "ab/cd.mp4", "\"\\\n\x01", "字" };
	const char *text, *name = names[column] == NULL ? "" : names[column];

	inside(res, row, column);
	/* A whole upload, no part of one: the worker stores nothing else but what it has parsed. */
	if (res->stmt == STMT_UPLOAD_GET && strcmp(name, "concat") == 0)
		text = "";
	else
		text = texts[mix(res->stmt, (uint32_t)(row + 8 * column)) % 7];
	if (n != NULL)
		*n = strlen(text);
	return text;
}

const struct conf *
fake_conf(void)
{
	static struct conf conf;
	char folder[CONF_TEXT_MAX + 16];

	if (conf.home[0] != '\0')
		return &conf;
	snprintf(conf.home, sizeof(conf.home), "%s/dousheng-fuzz.XXXXXX",
		 getenv("TMPDIR") == NULL ? "/tmp" : getenv("TMPDIR"));
	CLAIM(mkdtemp(conf.home) != NULL);
	snprintf(folder, sizeof(folder), "%s/upload", conf.home);
	CLAIM(mkdir(folder, 0700) == 0);
	snprintf(conf.redis_url, sizeof(conf.redis_url), "unix:/nonexistent/redis");
	snprintf(conf.language, sizeof(conf.language), "en");
	snprintf(conf.message_policy, sizeof(conf.message_policy), "all");
	snprintf(conf.default_signature, sizeof(conf.default_signature), "-");
	conf.body_max_kb = 64;
	conf.upload_max_mb = 1;
	conf.processing_max = 10;
	conf.upload_hours = 24;
	conf.token_days = 1;
	conf.redis_timeout_ms = 100;
	conf.database_timeout_ms = 100;
	log_configure("fuzz", "error");
	return &conf;
}

static size_t
read_body(void *from, char *out, size_t n)
{
	struct input *in = from;

	n = n < in->n ? n : in->n;
	memcpy(out, in->p, n);
	in->p += n;
	in->n -= n;
	return n;
}

/* One parameter; the token's place is filled.  Of several the first counts. */
static char *
parameter(const struct auth *auth, const char *line, size_t n, bool *authorization)
{
	char token[AUTH_TOKEN_MAX], text[AUTH_TOKEN_MAX + 64];

	if (n != strlen(VALID) || memcmp(line, VALID, n) != 0) {
		if (n >= AUTHORIZATION_LEN && memcmp(line, VALID, AUTHORIZATION_LEN) == 0)
			*authorization = true;
		return exact_text(line, n);
	}
	CLAIM(auth_sign(auth, (struct auth_claim){ FAKE_USER, 0, 0 }, time(NULL), 1, token) ==
	      ERR_OK);
	n = (size_t)snprintf(text, sizeof(text), "HTTP_AUTHORIZATION=Bearer %s", token);
	now->known = now->known || !*authorization;
	return exact_text(text, n);
}

/* Parameters that only nginx sets are not taken from the input. */
static bool
is_nginxs(const char *line, size_t n)
{
	return n >= 18 && memcmp(line, "REQUEST_BODY_FILE=", 18) == 0;
}

static int
parameters(const struct auth *auth, const char *const extra[], struct input *in,
	   char *env[FAKE_ENV + 1])
{
	bool authorization = false;
	int count = 0;
	size_t n = 1;

	for (; extra[count] != NULL; count++)
		env[count] = exact_text(extra[count], strlen(extra[count]));
	while (in->n > 0 && n > 0 && count < FAKE_ENV) {
		const char *line = take_line(in, &n);

		if (n > 0 && !is_nginxs(line, n))
			env[count++] = parameter(auth, line, n, &authorization);
	}
	env[count] = NULL;
	return count;
}

int
fake_code(const struct reply *reply)
{
	struct json_object *json;
	struct json_tokener *t;
	int code;

	if (reply->no_body)
		return -1;
	t = json_tokener_new();
	json_tokener_set_flags(t, json_flags());
	json = json_tokener_parse_ex(t, reply->body.data, (int)reply->body.len);
	CLAIM(json_tokener_get_error(t) == json_tokener_success);
	CLAIM(json_tokener_get_parse_end(t) == reply->body.len);
	CLAIM(json_object_is_type(json_object_object_get(json, "status_msg"), json_type_string));
	CLAIM(json_object_is_type(json_object_object_get(json, "status_code"), json_type_int));
	code = json_object_get_int(json_object_object_get(json, "status_code"));
	json_object_put(json);
	json_tokener_free(t);
	return code;
}

/* Header lines have a name, a value and no line break. */
static void
check_headers(const struct reply *reply)
{
	struct input in = { reply->headers.data, reply->headers.len };

	CLAIM(reply->headers.len < 800); /* a frame's head has 1024 bytes */
	while (in.n > 0) {
		size_t n, i;
		const char *line = take_line(&in, &n), *colon = memchr(line, ':', n);

		CLAIM(n > 2 && line[n - 1] == '\r' && line[n] == '\n' && colon != NULL);
		for (i = 0; i < n - 1; i++)
			CLAIM((unsigned char)line[i] >= 0x20);
	}
}

/* The reply is complete, and its HTTP status is that of its code. */
static void
check_reply(const struct reply *reply)
{
	int code = fake_code(reply), e, known = 0;

	check_headers(reply);
	CLAIM(!buf_failed(&reply->body) && !buf_failed(&reply->headers));
	if (reply->no_body) {
		CLAIM(reply->body.len == 0 && reply->http >= 200 && reply->http < 300);
		return;
	}
	for (e = 0; e < ERR_COUNT; e++)
		if (err_info((enum err)e)->code == code) {
			known++;
			CLAIM(reply->http == err_info((enum err)e)->http ||
			      (err_info((enum err)e)->http == 200 &&
			       reply->http == (e == ERR_UNAUTHENTICATED ? 401 : 400)));
		}
	CLAIM(known == 1);
}

void
fake_ask(struct fake *fake, const char *const extra[], struct input *in, struct reply *out)
{
	static const struct auth auth = { .key = "0123456789abcdef0123456789abcde" };
	static struct cache *cache;
	struct arena arena = ARENA_INIT;
	struct req r = { .conf = fake_conf(), .auth = &auth, .arena = &arena };
	char *env[FAKE_ENV + 1];
	size_t size;
	int i, count;

	now = fake;
	statements = 0;
	if (cache == NULL)
		cache = cache_new(r.conf, "");
	r.cache = cache;
	*out = (struct reply){ .body = BUF_INIT, .headers = BUF_INIT };
	count = parameters(&auth, extra, in, env);
	size = in->n;
	dispatch(&r, env, read_body, in, out);
	check_reply(out);
	/* The body is read completely, because the connection is reused. */
	CLAIM(in->n == 0 || fake->body_file != NULL || r.content_length > 0);
	CLAIM(r.content_length <= 0 || r.content_length < (int64_t)size || in->n == 0 ||
	      fake->body_file != NULL);
	for (i = 0; i < count; i++)
		free(env[i]);
	arena_release(&arena);
}

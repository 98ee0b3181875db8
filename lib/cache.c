/* cache.c: see cache.h. */
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/time.h>

#include "cache.h"
#include "log.h"
#include "text.h"

#define RETRY_US 500000
#define LEASE_MS "3000" /* longer than any load, shorter than patience */
#define KEEP_S "3600"	/* nothing stays for ever, whatever went wrong */

/* Stores ARGV[2] only where our lease still stands. */
static const char put_script[] = "if redis.call('GET', KEYS[1]) == ARGV[1] then "
				 "return redis.call('SET', KEYS[1], ARGV[2], 'EX', " KEEP_S ") end";

struct cache {
	const struct conf *conf;
	redisContext *redis;	       /* NULL: not connected */
	int64_t retry_at;	       /* not before this, by time_monotonic_us() */
	char epoch[KEY_EPOCH_LEN + 1]; /* as we know it */
	uint64_t nonce;		       /* makes our leases unlike all others */
	uint64_t leases;	       /* how many we took */
};

struct cache *
cache_new(const struct conf *conf)
{
	struct cache *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->conf = conf;
	if (getrandom(&c->nonce, sizeof(c->nonce), 0) != sizeof(c->nonce)) {
		free(c);
		return NULL;
	}
	return c;
}

static void
disconnect(struct cache *c)
{
	if (c->redis != NULL)
		redisFree(c->redis);
	c->redis = NULL;
}

void
cache_free(struct cache *c)
{
	if (c == NULL)
		return;
	disconnect(c);
	free(c);
}

static void
lost(struct cache *c)
{
	log_warn("cache: Redis is away: %s", c->redis == NULL ? "out of memory" : c->redis->errstr);
	disconnect(c);
	c->retry_at = time_monotonic_us() + RETRY_US;
}

static void
append(struct cache *c, int argc, const char **argv, const size_t *lens)
{
	redisAppendCommandArgv(c->redis, argc, argv, lens);
}

/* Appends a command of NUL-terminated words. */
static void
append_words(struct cache *c, const char **argv, size_t n)
{
	size_t lens[8], i;

	for (i = 0; i < n; i++)
		lens[i] = strlen(argv[i]);
	append(c, (int)n, argv, lens);
}

#define COMMAND(c, ...)                                  \
	append_words(c, (const char *[]){ __VA_ARGS__ }, \
		     sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(const char *))

/* The next reply, which the caller frees; NULL when the connection is finished. */
static redisReply *
receive(struct cache *c)
{
	void *reply = NULL;

	if (redisGetReply(c->redis, &reply) != REDIS_OK)
		return NULL;
	return reply;
}

/* Takes n replies that nobody needs; false when the connection is finished. */
static bool
skip(struct cache *c, size_t n)
{
	while (n-- > 0) {
		redisReply *reply = receive(c);

		if (reply == NULL)
			return false;
		freeReplyObject(reply);
	}
	return true;
}

static int
port_number(const char *text)
{
	int64_t port = 0;

	if (text == NULL)
		return 6379;
	return text_int(text, strlen(text), &port) && port > 0 && port < 65536 ? (int)port : 0;
}

/* redis://[:password@]host[:port][/db] or unix:/path; url is taken apart in place. */
static redisContext *
open_connection(char *url, struct timeval timeout, char **password, char **db)
{
	char *host, *port, *at;

	*password = *db = NULL;
	if (strncmp(url, "unix:", 5) == 0)
		return redisConnectUnixWithTimeout(url + 5, timeout);
	host = url + (strncmp(url, "redis://", 8) == 0 ? 8 : 0);
	if ((at = strrchr(host, '@')) != NULL) {
		*at = '\0';
		if ((*password = strchr(host, ':')) != NULL)
			++*password;
		host = at + 1;
	}
	if ((*db = strchr(host, '/')) != NULL)
		*(*db)++ = '\0';
	if ((port = strrchr(host, ':')) != NULL)
		*port++ = '\0';
	return redisConnectWithTimeout(host, port_number(port), timeout);
}

static void
new_word(char out[KEY_EPOCH_LEN + 1])
{
	uint64_t word = 0;

	if (getrandom(&word, sizeof(word), 0) != sizeof(word))
		word = (uint64_t)time_monotonic_us();
	snprintf(out, KEY_EPOCH_LEN + 1, "%016llx", (unsigned long long)word);
}

/* Learns the epoch, and makes one where there is none. */
static bool
learn_epoch(struct cache *c)
{
	char word[KEY_EPOCH_LEN + 1];
	redisReply *reply;
	bool ok;

	new_word(word);
	COMMAND(c, "SET", KEY_EPOCH, word, "NX");
	COMMAND(c, "GET", KEY_EPOCH);
	if (!skip(c, 1) || (reply = receive(c)) == NULL)
		return false;
	ok = reply->type == REDIS_REPLY_STRING && reply->len == KEY_EPOCH_LEN;
	if (ok)
		memcpy(c->epoch, reply->str, KEY_EPOCH_LEN + 1);
	freeReplyObject(reply);
	return ok;
}

static bool
connected(struct cache *c)
{
	struct timeval timeout = { c->conf->redis_timeout_ms / 1000,
				   c->conf->redis_timeout_ms % 1000 * 1000 };
	char url[CONF_TEXT_MAX * 2], *password, *db;

	if (c->redis != NULL)
		return true;
	if (time_monotonic_us() < c->retry_at)
		return false;
	conf_redis(c->conf, url, sizeof(url));
	c->redis = open_connection(url, timeout, &password, &db);
	if (c->redis == NULL || c->redis->err != 0) {
		lost(c);
		return false;
	}
	redisSetTimeout(c->redis, timeout);
	if (password != NULL)
		COMMAND(c, "AUTH", password);
	if (db != NULL && db[0] != '\0')
		COMMAND(c, "SELECT", db);
	if (!skip(c, (password != NULL) + (db != NULL && db[0] != '\0')) || !learn_epoch(c)) {
		lost(c);
		return false;
	}
	return true;
}

/*
 * Is this reply the epoch that we go by?  If not, *stale is set: learn it and
 * begin anew.
 */
static bool
same_epoch(const struct cache *c, const redisReply *reply, bool *stale)
{
	bool same = reply->type == REDIS_REPLY_STRING && reply->len == KEY_EPOCH_LEN &&
		    memcmp(reply->str, c->epoch, KEY_EPOCH_LEN) == 0;

	*stale = !same;
	return same;
}

/* MGET of the epoch and all items.  False when the connection is finished. */
static bool
read_all(struct cache *c, struct arena *a, enum key_kind kind, struct cache_item *items, size_t n,
	 bool *stale)
{
	struct key *keys = arena_alloc(a, n * sizeof(*keys));
	const char **argv = arena_alloc(a, (n + 2) * sizeof(*argv));
	size_t *lens = arena_alloc(a, (n + 2) * sizeof(*lens)), i;
	redisReply *reply;

	*stale = false;
	if (keys == NULL || argv == NULL || lens == NULL)
		return true; /* all of it stays a miss */
	argv[0] = "MGET", lens[0] = 4;
	argv[1] = KEY_EPOCH, lens[1] = strlen(KEY_EPOCH);
	for (i = 0; i < n; i++) {
		keys[i] = key_make(c->epoch, kind, items[i].id);
		argv[i + 2] = keys[i].text;
		lens[i + 2] = (size_t)keys[i].len;
	}
	append(c, (int)n + 2, argv, lens);
	if ((reply = receive(c)) == NULL)
		return false;
	if (reply->type == REDIS_REPLY_ARRAY && reply->elements == n + 1 &&
	    same_epoch(c, reply->element[0], stale)) {
		for (i = 0; i < n; i++) {
			const redisReply *v = reply->element[i + 1];

			if (v->type != REDIS_REPLY_STRING)
				continue;
			items[i].lease[0] = 'x'; /* taken, by another reader or by a value */
			if (v->len > 0 && v->str[0] != 'L') {
				items[i].data = arena_copy(a, v->str, (size_t)v->len);
				items[i].len = (size_t)v->len;
			}
		}
	}
	freeReplyObject(reply);
	return true;
}

/* Puts leases in the place of what was missing.  False when the connection is finished. */
static bool
take_leases(struct cache *c, enum key_kind kind, struct cache_item *items, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		struct key key = key_make(c->epoch, kind, items[i].id);

		if (items[i].lease[0] != '\0')
			continue;
		snprintf(items[i].lease, sizeof(items[i].lease), "L%016llx%llx",
			 (unsigned long long)c->nonce, (unsigned long long)++c->leases);
		COMMAND(c, "SET", key.text, items[i].lease, "NX", "PX", LEASE_MS);
	}
	for (i = 0; i < n; i++) {
		redisReply *reply;

		if (items[i].lease[0] == 'L') {
			if ((reply = receive(c)) == NULL)
				return false;
			if (reply->type != REDIS_REPLY_STATUS)
				items[i].lease[0] = '\0';
			freeReplyObject(reply);
		} else {
			items[i].lease[0] = '\0';
		}
	}
	return true;
}

void
cache_get(struct cache *c, struct arena *a, enum key_kind kind, struct cache_item *items, size_t n)
{
	bool stale = false, ok, again;
	size_t i;

	for (i = 0; i < n; i++) {
		items[i].data = NULL;
		items[i].len = 0;
		items[i].lease[0] = '\0';
	}
	if (n == 0 || !connected(c))
		return;
	for (again = true;; again = false) {
		ok = read_all(c, a, kind, items, n, &stale);
		if (ok && stale && again && learn_epoch(c))
			continue;
		break;
	}
	if (ok && stale)
		return; /* the epoch changes under our feet: go without */
	if (!ok || !take_leases(c, kind, items, n)) {
		for (i = 0; i < n; i++)
			items[i].lease[0] = '\0';
		lost(c);
	}
}

void
cache_put(struct cache *c, enum key_kind kind, const struct cache_item *items, size_t n)
{
	size_t i, sent = 0;

	if (c->redis == NULL)
		return;
	for (i = 0; i < n; i++) {
		struct key key = key_make(c->epoch, kind, items[i].id);
		const char *argv[] = { "EVAL",	 put_script,	 "1",
				       key.text, items[i].lease, items[i].data };
		const size_t lens[] = { 4,
					sizeof(put_script) - 1,
					1,
					(size_t)key.len,
					strlen(items[i].lease),
					items[i].len };

		if (items[i].lease[0] != 'L' || items[i].data == NULL)
			continue;
		append(c, 6, argv, lens);
		sent++;
	}
	if (!skip(c, sent))
		lost(c);
}

/* One attempt.  False when the connection is finished. */
static bool
drop_once(struct cache *c, enum key_kind kind, const int64_t *ids, size_t n, bool *stale)
{
	redisReply *reply;
	size_t i;

	COMMAND(c, "GET", KEY_EPOCH);
	for (i = 0; i < n; i++)
		COMMAND(c, "DEL", key_make(c->epoch, kind, ids[i]).text);
	if ((reply = receive(c)) == NULL)
		return false;
	same_epoch(c, reply, stale);
	freeReplyObject(reply);
	return skip(c, n);
}

bool
cache_drop(struct cache *c, enum key_kind kind, const int64_t *ids, size_t n)
{
	bool stale = true;
	int attempt;

	if (n == 0)
		return true;
	if (!connected(c))
		return false;
	for (attempt = 0; stale && attempt < 3; attempt++) {
		if (drop_once(c, kind, ids, n, &stale) && (!stale || learn_epoch(c)))
			continue;
		lost(c);
		return false;
	}
	return !stale;
}

bool
cache_new_epoch(struct cache *c)
{
	char word[KEY_EPOCH_LEN + 1];
	redisReply *reply;
	bool ok;

	if (!connected(c))
		return false;
	new_word(word);
	COMMAND(c, "SET", KEY_EPOCH, word);
	if ((reply = receive(c)) == NULL) {
		lost(c);
		return false;
	}
	ok = reply->type == REDIS_REPLY_STATUS;
	freeReplyObject(reply);
	if (ok)
		memcpy(c->epoch, word, sizeof(word));
	return ok;
}

int
cache_fd(const struct cache *c)
{
	return c->redis == NULL ? -1 : c->redis->fd;
}

void
cache_stir(struct cache *c)
{
	/* Nothing is due while idle: whatever comes, the connection is of no more use. */
	disconnect(c);
	c->retry_at = 0;
}

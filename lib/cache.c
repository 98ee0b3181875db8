/* cache.c: see cache.h.  The connection is in redis.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "cache.h"
#include "hooks.h"
#include "log.h"
#include "redis.h"
#include "text.h"

#define LEASE_MS "3000" /* longer than any load, shorter than patience */
#define KEEP_S "3600"	/* nothing stays for ever, whatever went wrong */
#define DROP_US 2000000 /* how long a deletion is tried */
#define SET_TOO_LARGE_MARK -1

/* Stores ARGV[2] only where our lease still stands. */
static const char put_script[] = "if redis.call('GET', KEYS[1]) == ARGV[1] then "
				 "return redis.call('SET', KEYS[1], ARGV[2], 'EX', " KEEP_S ") end";

/* The same for a set.  It always has the member 0, so that an empty one exists. */
static const char put_set_script[] =
    "if redis.call('TYPE', KEYS[1]).ok == 'string' and redis.call('GET', KEYS[1]) == ARGV[1] then "
    "redis.call('DEL', KEYS[1]) "
    "for i = 2, #ARGV, 1000 do "
    "redis.call('SADD', KEYS[1], unpack(ARGV, i, math.min(i + 999, #ARGV))) end "
    "return redis.call('EXPIRE', KEYS[1], " KEEP_S ") end";

struct cache {
	struct redis redis;
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
	c->redis.conf = conf;
	if (getrandom(&c->nonce, sizeof(c->nonce), 0) != sizeof(c->nonce)) {
		free(c);
		return NULL;
	}
	return c;
}

void
cache_free(struct cache *c)
{
	if (c == NULL)
		return;
	redis_close(&c->redis);
	free(c);
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
	const struct redis_reply *reply;

	new_word(word);
	REDIS_COMMAND(&c->redis, "SET", KEY_EPOCH, word, "NX");
	REDIS_COMMAND(&c->redis, "GET", KEY_EPOCH);
	if (!redis_skip(&c->redis, 1) || (reply = redis_receive(&c->redis)) == NULL)
		return false;
	if (reply->type != REDIS_TEXT || reply->len != KEY_EPOCH_LEN)
		return false;
	memcpy(c->epoch, reply->text, KEY_EPOCH_LEN);
	return true;
}

static bool
connected(struct cache *c)
{
	if (redis_is_open(&c->redis))
		return true;
	if (!redis_open(&c->redis))
		return false;
	if (learn_epoch(c))
		return true;
	redis_lost(&c->redis);
	return false;
}

/* Is this reply the epoch that we go by?  If not, it has to be learned anew. */
static bool
same_epoch(const struct cache *c, const struct redis_reply *reply)
{
	return reply->type == REDIS_TEXT && reply->len == KEY_EPOCH_LEN &&
	       memcmp(reply->text, c->epoch, KEY_EPOCH_LEN) == 0;
}

/* MGET of the epoch and all items. */
static bool
ask_items(struct cache *c, struct arena *a, struct cache_wants w)
{
	struct key_text *keys = arena_alloc(a, (w.n_items + 1) * sizeof(*keys));
	const char **argv = arena_alloc(a, (w.n_items + 2) * sizeof(*argv));
	size_t *lens = arena_alloc(a, (w.n_items + 2) * sizeof(*lens)), i;

	if (keys == NULL || argv == NULL || lens == NULL)
		return false;
	argv[0] = "MGET", lens[0] = 4;
	argv[1] = KEY_EPOCH, lens[1] = strlen(KEY_EPOCH);
	for (i = 0; i < w.n_items; i++) {
		keys[i] = key_write(c->epoch, w.items[i].key);
		argv[i + 2] = keys[i].text;
		lens[i + 2] = (size_t)keys[i].len;
	}
	redis_append(&c->redis, w.n_items + 2, argv, lens);
	return true;
}

/* A number as text; buffer[24]. */
static size_t
number_text(char *buffer, int64_t v)
{
	return (size_t)snprintf(buffer, 24, "%lld", (long long)v);
}

/* SMISMEMBER of 0, the mark, and the members asked for. */
static bool
ask_set(struct cache *c, struct arena *a, const struct cache_set *set)
{
	struct key_text key = key_write(c->epoch, set->key);
	const char **argv = arena_alloc(a, (set->n + 4) * sizeof(*argv));
	size_t *lens = arena_alloc(a, (set->n + 4) * sizeof(*lens)), i;
	char *text = arena_alloc(a, set->n * 24 + 24);

	if (argv == NULL || lens == NULL || text == NULL)
		return false;
	argv[0] = "SMISMEMBER", lens[0] = 10;
	argv[1] = key.text, lens[1] = (size_t)key.len;
	argv[2] = "0", lens[2] = 1;
	argv[3] = "-1", lens[3] = 2;
	for (i = 0; i < set->n; i++, text += 24) {
		lens[i + 4] = number_text(text, set->members[i]);
		argv[i + 4] = text;
	}
	redis_append(&c->redis, set->n + 4, argv, lens);
	return true;
}

static void
take_items(struct cache_wants w, const struct redis_reply *reply, struct arena *a)
{
	size_t i;

	for (i = 0; i < w.n_items; i++) {
		const struct redis_reply *v = &reply->elements[i + 1];
		struct cache_item *item = &w.items[i];

		if (v->type != REDIS_TEXT)
			continue;
		item->lease[0] = 'x'; /* taken, by another reader or by a value */
		if (v->len > 0 && v->text[0] != 'L') {
			item->data = arena_copy(a, v->text, v->len);
			item->len = v->len;
		}
	}
}

static void
take_set(struct cache_set *set, const struct redis_reply *reply, struct arena *a)
{
	size_t i;

	if (reply->type != REDIS_ARRAY || reply->n != set->n + 2) {
		set->lease[0] = 'x'; /* another reader's lease is not a set */
		return;
	}
	if (reply->elements[1].number != 0) {
		set->state = SET_TOO_LARGE;
		return;
	}
	set->has = arena_alloc(a, set->n * sizeof(*set->has) + 1);
	if (reply->elements[0].number == 0 || set->has == NULL)
		return;
	for (i = 0; i < set->n; i++)
		set->has[i] = reply->elements[i + 2].number != 0;
	set->state = SET_KNOWN;
}

/* One attempt: all in one pipeline.  False when the connection is finished. */
static bool
get_once(struct cache *c, struct arena *a, struct cache_wants w, bool *stale)
{
	const struct redis_reply *reply;
	size_t i;

	*stale = false;
	if (!ask_items(c, a, w))
		return false;
	for (i = 0; i < w.n_sets; i++)
		if (!ask_set(c, a, &w.sets[i]))
			return false;
	if ((reply = redis_receive(&c->redis)) == NULL)
		return false;
	*stale = reply->type != REDIS_ARRAY || reply->n != w.n_items + 1 ||
		 !same_epoch(c, &reply->elements[0]);
	if (!*stale)
		take_items(w, reply, a);
	for (i = 0; i < w.n_sets; i++) {
		if ((reply = redis_receive(&c->redis)) == NULL)
			return false;
		if (!*stale)
			take_set(&w.sets[i], reply, a);
	}
	return true;
}

static void
send_lease(struct cache *c, struct key what, char lease[CACHE_LEASE_MAX])
{
	struct key_text key = key_write(c->epoch, what);

	snprintf(lease, CACHE_LEASE_MAX, "L%016llx%llx", (unsigned long long)c->nonce,
		 (unsigned long long)++c->leases);
	REDIS_COMMAND(&c->redis, "SET", key.text, lease, "NX", "PX", LEASE_MS);
}

/* Did we get it?  False when the connection is finished. */
static bool
receive_lease(struct cache *c, char lease[CACHE_LEASE_MAX])
{
	const struct redis_reply *reply;

	if (lease[0] != 'L') {
		lease[0] = '\0';
		return true;
	}
	if ((reply = redis_receive(&c->redis)) == NULL)
		return false;
	if (reply->type != REDIS_STATUS)
		lease[0] = '\0';
	return true;
}

/* Puts leases in the place of what was missing.  False when the connection is finished. */
static bool
take_leases(struct cache *c, struct cache_wants w)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < w.n_items; i++)
		if (w.items[i].lease[0] == '\0')
			send_lease(c, w.items[i].key, w.items[i].lease);
	for (i = 0; i < w.n_sets; i++)
		if (w.sets[i].state == SET_UNKNOWN && w.sets[i].lease[0] == '\0')
			send_lease(c, w.sets[i].key, w.sets[i].lease);
	for (i = 0; ok && i < w.n_items; i++)
		ok = receive_lease(c, w.items[i].lease);
	for (i = 0; ok && i < w.n_sets; i++)
		ok = receive_lease(c, w.sets[i].lease);
	return ok;
}

/* Nothing known, nothing leased; values that were found stay where values is true. */
static void
forget(struct cache_wants w, bool values)
{
	size_t i;

	for (i = 0; i < w.n_items; i++) {
		w.items[i].lease[0] = '\0';
		if (!values)
			w.items[i].data = NULL;
	}
	for (i = 0; i < w.n_sets; i++) {
		w.sets[i].lease[0] = '\0';
		if (!values)
			w.sets[i].state = SET_UNKNOWN;
	}
}

void
cache_get(struct cache *c, struct arena *a, struct cache_wants w)
{
	bool stale = true, ok = true;
	int attempt;

	forget(w, false);
	if ((w.n_items == 0 && w.n_sets == 0) || !connected(c))
		return;
	for (attempt = 0; ok && stale && attempt < 2; attempt++) {
		ok = get_once(c, a, w, &stale);
		if (ok && stale)
			ok = learn_epoch(c);
	}
	if (ok && stale)
		return; /* the epoch changes under our feet: go without */
	if (ok && take_leases(c, w))
		return;
	redis_lost(&c->redis);
	forget(w, ok);
}

void
cache_put(struct cache *c, const struct cache_item *items, size_t n)
{
	const char *script = hook_put_script(put_script);
	size_t i, sent = 0;

	hook_before_put();
	if (!redis_is_open(&c->redis))
		return;
	for (i = 0; i < n; i++) {
		struct key_text key = key_write(c->epoch, items[i].key);
		const char *argv[] = {
			"EVAL", script, "1", key.text, items[i].lease, items[i].data
		};
		const size_t lens[] = {
			4, strlen(script), 1, (size_t)key.len, strlen(items[i].lease), items[i].len
		};

		if (items[i].lease[0] != 'L' || items[i].data == NULL)
			continue;
		redis_append(&c->redis, 6, argv, lens);
		sent++;
	}
	if (!redis_skip(&c->redis, sent))
		redis_lost(&c->redis);
}

void
cache_put_set(struct cache *c, const struct cache_set *set, const int64_t *all, size_t n,
	      bool too_large)
{
	struct key_text key = key_write(c->epoch, set->key);
	size_t count = too_large ? 0 : n, i;
	const char **argv = calloc(count + 7, sizeof(*argv));
	size_t *lens = calloc(count + 7, sizeof(*lens));
	char *text = calloc(count + 1, 24);

	hook_before_put();
	if (set->lease[0] == 'L' && redis_is_open(&c->redis) && argv != NULL && lens != NULL &&
	    text != NULL) {
		argv[0] = "EVAL", argv[1] = hook_put_script(put_set_script), argv[2] = "1",
		argv[3] = key.text;
		argv[4] = set->lease, argv[5] = "0", argv[6] = "-1";
		for (i = 0; i < 7; i++)
			lens[i] = strlen(argv[i]);
		for (i = 0; i < count; i++) {
			lens[6 + i] = number_text(text + i * 24, all[i]);
			argv[6 + i] = text + i * 24;
		}
		redis_append(&c->redis, too_large ? 7 : 6 + count, argv, lens);
		if (!redis_skip(&c->redis, 1))
			redis_lost(&c->redis);
	}
	free(argv);
	free(lens);
	free(text);
}

/* One attempt.  False when the connection is finished. */
static bool
drop_once(struct cache *c, const struct key *keys, size_t n, bool *stale)
{
	const struct redis_reply *reply;
	size_t i;

	REDIS_COMMAND(&c->redis, "GET", KEY_EPOCH);
	for (i = 0; i < n; i++)
		REDIS_COMMAND(&c->redis, "DEL", key_write(c->epoch, keys[i]).text);
	if ((reply = redis_receive(&c->redis)) == NULL)
		return false;
	*stale = !same_epoch(c, reply);
	return redis_skip(&c->redis, n);
}

bool
cache_drop(struct cache *c, const struct key *keys, size_t n)
{
	int64_t deadline = time_monotonic_us() + DROP_US;
	bool stale = true;

	/* It may be back since we lost it, and others may have filled it with what we change. */
	redis_try_again(&c->redis);
	while (n > 0 && stale) {
		/* One that is not there has nothing cached; one that is silent may come back. */
		if (!connected(c) && !redis_timed_out(&c->redis))
			return false;
		if (redis_is_open(&c->redis) &&
		    !(drop_once(c, keys, n, &stale) && (!stale || learn_epoch(c)))) {
			redis_lost(&c->redis);
			stale = true;
		}
		if (stale && time_monotonic_us() > deadline)
			return false;
		if (stale)
			redis_try_again(&c->redis);
	}
	return true;
}

bool
cache_new_epoch(struct cache *c)
{
	char word[KEY_EPOCH_LEN + 1];
	const struct redis_reply *reply;

	if (!connected(c))
		return false;
	new_word(word);
	REDIS_COMMAND(&c->redis, "SET", KEY_EPOCH, word);
	if ((reply = redis_receive(&c->redis)) == NULL) {
		redis_lost(&c->redis);
		return false;
	}
	if (reply->type != REDIS_STATUS)
		return false;
	memcpy(c->epoch, word, sizeof(word));
	return true;
}

int
cache_fd(const struct cache *c)
{
	return redis_fd(&c->redis);
}

void
cache_stir(struct cache *c)
{
	/* Nothing is due while idle: whatever comes, the connection is of no more use. */
	redis_close(&c->redis);
	redis_try_again(&c->redis);
}

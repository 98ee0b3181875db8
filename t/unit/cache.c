/*
 * cache.c: leases, invalidation and epochs of lib/data/cache.c, against a small
 * Redis in another process.
 *
 * Two caches stand for two workers.  The Redis knows the commands that they
 * send, and does in C what the two scripts do.
 */
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "data/cache.h"
#include "obs/log.h"
#include "server.h"
#include "tap.h"

#define CLIENTS 8
#define WORDS 32
#define KEYS 64
#define INFO                                         \
	"$82\r\n# "                                  \
	"Server\r\nredis_mode:standalone\r\nrun_id:" \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n"

/* --- The Redis --------------------------------------------------------------- */

static struct {
	char *name, *value;
} pairs[KEYS];

static volatile bool *read_only; /* shared with the test: refuses to write */

static char *
copy(const char *text)
{
	return text == NULL ? NULL : strdup(text);
}

/* The index of the pair with this name, or of a free one. */
static int
find(const char *name)
{
	int i, unused = 0;

	for (i = 0; i < KEYS; i++)
		if (pairs[i].name == NULL)
			unused = i;
		else if (strcmp(pairs[i].name, name) == 0)
			return i;
	return unused;
}

/* value: NULL deletes. */
static void
set(const char *name, const char *value)
{
	int i = find(name);
	char *fresh = copy(value), *kept = value == NULL ? NULL : copy(name);

	free(pairs[i].name);
	free(pairs[i].value);
	pairs[i].name = kept;
	pairs[i].value = fresh;
}

static void
say_value(FILE *to, const char *value)
{
	if (value == NULL)
		fprintf(to, "$-1\r\n");
	else
		fprintf(to, "$%zu\r\n%s\r\n", strlen(value), value);
}

static bool
holds(const char *name, const char *value)
{
	const char *now = pairs[find(name)].value;

	return now != NULL && strcmp(now, value) == 0;
}

/* EVAL SCRIPT N KEY... ARGUMENT...: two arguments for each key, what is expected and the new value.
 */
static void
eval(char **words, FILE *to)
{
	int i, n = atoi(words[2]);
	char **args = words + 3 + n;

	for (i = 0; i < n; i++)
		if (strstr(words[1], "redis.call('GET'") == NULL ||
		    holds(words[3 + i], args[2 * i]))
			set(words[3 + i], args[2 * i + 1]);
	say_value(to, NULL);
}

static void
set_command(char **words, int n, FILE *to)
{
	if (n > 3 && strcmp(words[3], "NX") == 0 && pairs[find(words[1])].value != NULL) {
		say_value(to, NULL);
		return;
	}
	set(words[1], words[2]);
	fprintf(to, "+OK\r\n");
}

static void
execute(char **words, int n, FILE *to)
{
	bool writes = strcmp(words[0], "MGET") != 0 && strcmp(words[0], "GET") != 0 &&
		      strcmp(words[0], "INFO") != 0;
	int i;

	if (*read_only && writes) {
		fprintf(to, "-READONLY\r\n");
	} else if (strcmp(words[0], "INFO") == 0) {
		fprintf(to, INFO);
	} else if (strcmp(words[0], "SET") == 0) {
		set_command(words, n, to);
	} else if (strcmp(words[0], "EVAL") == 0) {
		eval(words, to);
	} else if (strcmp(words[0], "DEL") == 0) {
		set(words[1], NULL);
		fprintf(to, ":1\r\n");
	} else if (strcmp(words[0], "MGET") == 0) {
		fprintf(to, "*%d\r\n", n - 1);
		for (i = 1; i < n; i++)
			say_value(to, pairs[find(words[i])].value);
	} else { /* GET, GETEX */
		say_value(to, pairs[find(words[1])].value);
	}
}

/* Reads one command.  False: the client is gone. */
static bool
serve(FILE *from, FILE *to)
{
	char line[32], *words[WORDS] = { NULL };
	int i, n, len;

	if (fgets(line, sizeof(line), from) == NULL)
		return false;
	n = atoi(line + 1);
	for (i = 0; i < n && i < WORDS; i++) {
		if (fgets(line, sizeof(line), from) == NULL)
			return false;
		len = atoi(line + 1);
		words[i] = calloc(1, (size_t)len + 3);
		if (fread(words[i], 1, (size_t)len + 2, from) != (size_t)len + 2)
			return false;
		words[i][len] = '\0';
	}
	execute(words, n, to);
	for (i = 0; i < n && i < WORDS; i++)
		free(words[i]);
	return fflush(to) == 0;
}

/* Executes one command at a time, as Redis does. */
static void
redis(int listening)
{
	struct pollfd ready[CLIENTS + 1] = { { listening, POLLIN, 0 } };
	FILE *from[CLIENTS + 1], *to[CLIENTS + 1];
	int i, n = 1, fd;

	while (poll(ready, (nfds_t)n, -1) > 0) {
		for (i = 1; i < n; i++)
			if (ready[i].revents != 0 && !serve(from[i], to[i]))
				ready[i].fd = -1;
		if (ready[0].revents == 0 || n > CLIENTS)
			continue;
		fd = accept(listening, NULL, NULL);
		from[n] = fdopen(fd, "r");
		to[n] = fdopen(dup(fd), "w");
		setvbuf(from[n], NULL, _IONBF, 0);
		ready[n++] = (struct pollfd){ fd, POLLIN, 0 };
	}
}

static pid_t
redis_start(void)
{
	int listening = socket(AF_UNIX, SOCK_STREAM, 0);
	pid_t pid;

	unlink(server_address.sun_path);
	if (listening < 0 ||
	    bind(listening, (struct sockaddr *)&server_address, sizeof(server_address)) != 0 ||
	    listen(listening, CLIENTS) != 0)
		return -1;
	if ((pid = fork()) == 0) {
		redis(listening);
		_exit(0);
	}
	close(listening);
	return pid;
}

static void
redis_stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* --- The tests --------------------------------------------------------------- */

static struct conf conf;
static struct arena arena = ARENA_INIT;
static const struct key user = { KEY_USER_FRAGMENT, 7, 0 };

static struct cache_item
get(struct cache *c, struct key key)
{
	struct cache_item item = { .key = key };

	cache_get(c, &arena, &item, 1);
	return item;
}

static bool
finds(struct cache *c, struct key key, const char *value)
{
	struct cache_item item = get(c, key);

	return item.data == NULL ? value == NULL : value != NULL && strcmp(item.data, value) == 0;
}

static bool
has_lease(struct cache_item item)
{
	return item.lease[0] == 'L';
}

static void
put(struct cache *c, struct cache_item *item, const char *value)
{
	item->data = value;
	item->len = strlen(value);
	cache_put(c, item, 1);
}

static void
leases(struct cache *one, struct cache *other)
{
	struct cache_item first = get(one, user), second = get(other, user);

	CHECK(first.data == NULL && has_lease(first),
	      "the first reader that misses gets the lease");
	CHECK(second.data == NULL && !has_lease(second), "a second reader gets no lease");
	put(other, &second, "{\"of\":2}");
	CHECK(!finds(one, user, "{\"of\":2}"), "without a lease nothing is stored");
	put(one, &first, "{\"of\":1}");
	CHECK(finds(other, user, "{\"of\":1}"),
	      "with the lease the value is stored for all workers");
}

static void
invalidations(struct cache *one, struct cache *other)
{
	struct cache_item slow;

	CHECK(cache_invalidate(one, &user, 1) && finds(other, user, NULL),
	      "an invalidated value is gone");
	CHECK(cache_invalidate(one, &user, 1), "an invalidation also deletes a lease");
	slow = get(one, user);
	CHECK(has_lease(slow) && cache_invalidate(other, &user, 1),
	      "an invalidation during a load succeeds");
	put(one, &slow, "{\"old\":1}");
	CHECK(finds(other, user, NULL), "a value loaded before an invalidation is not stored");
	CHECK(cache_invalidate(one, &user, 1), "the test invalidates its key");
}

static void
replacements(struct cache *one, struct cache *other)
{
	static const struct key likes = { KEY_USER_LIKES, 7, 0 };
	struct cache_item item = get(one, likes), found, late;

	put(one, &item, "first");
	found = get(one, likes);
	late = get(other, likes);
	cache_replace(one, &found, "second", 6);
	CHECK(finds(other, likes, "second"), "a value that is still there is replaced");
	cache_replace(other, &late, "third", 5);
	CHECK(finds(one, likes, "second"), "a value that has changed is not replaced");
	CHECK(cache_invalidate(one, &likes, 1), "the test invalidates its key");
	cache_replace(other, &late, "fourth", 6);
	CHECK(finds(one, likes, NULL), "an invalidated value is not replaced");
}

static void
epochs(struct cache *one, struct cache *other)
{
	struct cache_item item;

	CHECK(cache_invalidate(one, &user, 1), "the test invalidates its key");
	item = get(one, user);
	put(one, &item, "{\"old\":2}");
	CHECK(finds(other, user, "{\"old\":2}"), "a copy is stored before Redis becomes read-only");
	*read_only = true;
	CHECK(!cache_invalidate(one, &user, 1), "an invalidation that is refused is reported");
	CHECK(finds(one, user, NULL) && finds(other, user, NULL),
	      "no copy of a Redis that refuses to write is used");
	*read_only = false;
	usleep(600000); /* until the back-off of half a second is over */
	CHECK(finds(one, user, NULL), "the copy is unreachable afterwards, in a new epoch");
	CHECK(finds(other, user, NULL), "the copy is unreachable for the other worker too");
	CHECK(cache_invalidate(other, &user, 1), "the test invalidates its key");
	item = get(other, user);
	put(other, &item, "{\"new\":3}");
	CHECK(finds(other, user, "{\"new\":3}"), "a copy is stored in the new epoch");
	cache_invalidate_all(one);
	cache_finish_invalidate_all(one);
	CHECK(finds(other, user, NULL), "invalidate_all reaches copies that others have stored");
}

static void
databases(struct cache *one, char *identity)
{
	struct cache_item item;

	CHECK(cache_invalidate(one, &user, 1), "the test invalidates its key");
	item = get(one, user);
	put(one, &item, "{\"in\":\"a\"}");
	identity[0] = 'b';
	CHECK(finds(one, user, NULL), "another database has other copies");
	identity[0] = 'a';
	CHECK(finds(one, user, "{\"in\":\"a\"}"),
	      "the copies of the first database are still there");
	identity[0] = '\0';
	item = get(one, user);
	CHECK(item.data == NULL && !has_lease(item), "without a database nothing is cached");
	identity[0] = 'a';
}

static void
without_redis(struct cache *one)
{
	struct cache_item item = get(one, user);

	CHECK(item.data == NULL && !has_lease(item), "without Redis every lookup is a miss");
	CHECK(!cache_invalidate(one, &user, 1),
	      "without Redis an invalidation is reported as lost");
	CHECK(!cache_ping(one), "without Redis a ping fails");
}

int
main(void)
{
	char identity[] = "a";
	struct cache *one, *other;
	pid_t server;

	alarm(60);
	signal(SIGPIPE, SIG_IGN);
	read_only = mmap(NULL, sizeof(*read_only), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (read_only == MAP_FAILED || !server_place(&conf) || (server = redis_start()) < 0)
		return 1;
	one = cache_new(&conf, identity);
	other = cache_new(&conf, identity);
	leases(one, other);
	invalidations(one, other);
	replacements(one, other);
	epochs(one, other);
	databases(one, identity);
	redis_stop(server);
	without_redis(one);
	cache_free(one);
	cache_free(other);
	arena_release(&arena);
	server_leave();
	return done();
}

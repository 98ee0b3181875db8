/* redis.c: replies are parsed correctly, or end the connection. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data/redis.h"
#include "obs/log.h"
#include "server.h"
#include "tap.h"

static struct conf conf;
static struct redis connection;

/* The first reply in these bytes, or NULL. */
static const struct redis_reply *
ask(const char *bytes)
{
	static pid_t server = -1;

	redis_close(&connection);
	if (server > 0)
		waitpid(server, NULL, 0);
	memset(&connection, 0, sizeof(connection));
	connection.conf = &conf;
	if ((server = server_says(bytes, false)) < 0 || !redis_open(&connection))
		return NULL;
	REDIS_COMMAND(&connection, "GET", "one");
	REDIS_COMMAND(&connection, "GET", "two");
	return redis_receive(&connection);
}

static bool
is_text(const struct redis_reply *reply, const char *text)
{
	return reply != NULL && reply->type == REDIS_TEXT && reply->len == strlen(text) &&
	       memcmp(reply->text, text, reply->len) == 0;
}

static void
known(void)
{
	const struct redis_reply *r;

	CHECK(is_text(ask("$3\r\nabc\r\n"), "abc"), "a text is parsed");
	r = ask("+OK\r\n");
	CHECK(r != NULL && r->type == REDIS_STATUS && r->len == 2, "a status is parsed");
	r = ask("-ERR no\r\n");
	CHECK(r != NULL && r->type == REDIS_ERROR && memcmp(r->text, "ERR no", 6) == 0,
	      "an error is parsed");
	r = ask(":-7\r\n");
	CHECK(r != NULL && r->type == REDIS_NUMBER && r->number == -7, "a number is parsed");
	r = ask("$-1\r\n");
	CHECK(r != NULL && r->type == REDIS_NIL, "a nil is parsed");
	r = ask("*-1\r\n");
	CHECK(r != NULL && r->type == REDIS_NIL, "a nil array is parsed");
	r = ask("*0\r\n");
	CHECK(r != NULL && r->type == REDIS_ARRAY && r->n == 0, "an empty array is parsed");
	r = ask("*4\r\n$1\r\na\r\n$-1\r\n:5\r\n$2\r\nbc\r\n");
	CHECK(r != NULL && r->type == REDIS_ARRAY && r->n == 4 && is_text(&r->elements[0], "a") &&
		  r->elements[1].type == REDIS_NIL && r->elements[2].number == 5 &&
		  is_text(&r->elements[3], "bc"),
	      "a mixed array is parsed");
}

/* Types of RESP3, and those that none of our commands returns. */
static void
refused(void)
{
	static const char *const all[] = {
		",1.5\r\n",
		"#t\r\n",
		"(12345678901234567890\r\n",
		"=7\r\ntxt:abc\r\n",
		"%1\r\n$1\r\na\r\n$1\r\nb\r\n",
		"~1\r\n$1\r\na\r\n",
		">1\r\n$1\r\na\r\n",
		"|1\r\n$1\r\na\r\n$1\r\nb\r\n$3\r\nabc\r\n",
		"*1\r\n,1.5\r\n",
		"*1\r\n#f\r\n",
		"*1\r\n(1\r\n",
		"*1\r\n=5\r\ntxt:a\r\n",
		"*1\r\n%0\r\n",
		"*1\r\n*1\r\n:1\r\n",
		"*4097\r\n",
		"*-2\r\n",
		"$-2\r\n",
		"!5\r\nERR a\r\n",
		"hello\r\n",
	};
	size_t i, wrong = 0;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		char bytes[128];

		snprintf(bytes, sizeof(bytes), "$3\r\nold\r\n%s", all[i]);
		/* EAGAIN: it would have taken more of it. */
		if (!is_text(ask(bytes), "old") || redis_receive(&connection) != NULL ||
		    connection.error == EAGAIN) {
			printf("# %s\n", all[i]);
			wrong++;
		}
	}
	CHECK(wrong == 0, "replies of other types end the connection");
}

int
main(void)
{
	alarm(60);
	if (!server_place(&conf))
		return 1;
	known();
	refused();
	redis_close(&connection);
	server_leave();
	return done();
}

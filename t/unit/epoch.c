/* epoch.c: which copies are trusted, by the run id and epoch that Redis reports. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data/epoch.h"
#include "obs/log.h"
#include "server.h"
#include "tap.h"

#define RUN_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define RUN_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define INFO_A "$82\r\n# Server\r\nredis_mode:standalone\r\nrun_id:" RUN_A "\r\n\r\n"
#define INFO_B "$82\r\n# Server\r\nredis_mode:standalone\r\nrun_id:" RUN_B "\r\n\r\n"
#define INFO_CLUSTER "$79\r\n# Server\r\nredis_mode:cluster\r\nrun_id:" RUN_A "\r\n\r\n"
#define INFO_SENTINEL "$80\r\n# Server\r\nredis_mode:sentinel\r\nrun_id:" RUN_A "\r\n\r\n"
#define VALUE(word, run) "$57\r\n" word ":" run "\r\n"
#define TAKEN "$-1\r\n" /* SET ... NX, where there is one */
#define DONE "+OK\r\n"
#define ONE "1111111111111111"
#define TWO "2222222222222222"

static struct conf conf;
static struct redis connection;
static struct epoch epoch;
static bool unsupported;

/* Connects to a Redis that answers so. */
static bool
meet(const char *bytes)
{
	static pid_t server = -1;
	const struct redis fresh = { .conf = &conf };

	redis_close(&connection);
	if (server > 0)
		waitpid(server, NULL, 0);
	connection = fresh;
	return (server = server_says(bytes, true)) >= 0 && redis_open(&connection) &&
	       epoch_connect(&epoch, &connection, &unsupported);
}

static bool
goes_by(const char *word)
{
	return strcmp(epoch.id, word) == 0;
}

static void
believed(void)
{
	CHECK(meet(INFO_A TAKEN VALUE(ONE, RUN_A)) && goes_by(ONE),
	      "the epoch of this Redis is used");
	CHECK(meet(INFO_A TAKEN VALUE(TWO, RUN_A)) && goes_by(TWO),
	      "an epoch that another process has started is used");
	CHECK(meet(INFO_A TAKEN VALUE(ONE, RUN_B) DONE) && !goes_by(ONE) && !goes_by(TWO),
	      "an epoch of another Redis's data is not used");
	CHECK(meet(INFO_A TAKEN "$5\r\nshort\r\n" DONE) && strlen(epoch.id) == KEY_EPOCH_LEN,
	      "another value of the key is not used");
}

static void
left(void)
{
	epoch_init(&epoch, "two");
	CHECK(meet(INFO_A TAKEN VALUE(ONE, RUN_A)) && goes_by(ONE),
	      "the epoch of the first Redis is used");
	CHECK(meet(INFO_B TAKEN VALUE(TWO, RUN_B)) && goes_by(TWO),
	      "the epoch of its replacement is used");
	CHECK(meet(INFO_A TAKEN VALUE(ONE, RUN_A) DONE) && !goes_by(ONE),
	      "the first epoch is not used when the first Redis returns");
}

static void
refused(void)
{
	CHECK(!meet(INFO_CLUSTER TAKEN VALUE(ONE, RUN_A)) && unsupported,
	      "a cluster is unsupported");
	CHECK(!meet(INFO_SENTINEL TAKEN VALUE(ONE, RUN_A)) && unsupported,
	      "a Sentinel is unsupported");
	CHECK(!meet("$25\r\n\r\nredis_mode:standalone\r\n\r\n") && unsupported,
	      "a server without a run id is unsupported");
	CHECK(!meet("-NOPERM\r\n") && !unsupported,
	      "a refused command does not make a server unsupported");
	CHECK(!meet(INFO_A "-READONLY\r\n$-1\r\n") && !unsupported,
	      "a read-only server is not unsupported");
}

int
main(void)
{
	alarm(60);
	if (!server_place(&conf))
		return 1;
	epoch_init(&epoch, "one");
	believed();
	left();
	refused();
	redis_close(&connection);
	server_leave();
	return done();
}

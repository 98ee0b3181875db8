/* loop.c: fcgi/loop.c, a loop that is never idle. */
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop.h"
#include "tap.h"

#define PATIENCE_S 10

static int ready[2]; /* a pipe with a byte in it that nobody reads */

static int
always_ready(void *ctx)
{
	(void)ctx;
	return ready[0];
}

static int
none(void *ctx)
{
	(void)ctx;
	return -1;
}

static void
nothing(void *ctx)
{
	(void)ctx;
}

static void
serve(void *ctx, FCGX_Request *request, struct reply *out)
{
	(void)ctx, (void)request, (void)out;
}

/* A process with a loop; signals that come before it is in it wait for it. */
static pid_t
start(const sigset_t *waiting)
{
	static const struct loop_calls calls = {
		.serve = serve,
		.socket = { always_ready, none },
		.on_readable = { nothing, nothing },
	};
	pid_t child;

	sigprocmask(SIG_BLOCK, waiting, NULL);
	if ((child = fork()) != 0)
		return child;
	alarm(PATIENCE_S);
	_exit((int)loop_run(socket(AF_UNIX, SOCK_STREAM, 0), &calls, NULL));
}

static bool
ends_with(int signal_number, enum loop_end wanted)
{
	int status = 0;
	sigset_t waiting;
	pid_t child;

	sigemptyset(&waiting);
	sigaddset(&waiting, signal_number);
	child = start(&waiting);
	kill(child, signal_number);
	return waitpid(child, &status, 0) == child && WIFEXITED(status) &&
	       WEXITSTATUS(status) == (int)wanted;
}

int
main(void)
{
	if (pipe(ready) != 0 || write(ready[1], "x", 1) != 1)
		return 1;
	CHECK(ends_with(SIGTERM, LOOP_STOPPED), "a process is asked to stop");
	CHECK(ends_with(SIGUSR2, LOOP_UPGRADE), "a process is asked to stop for a new program");
	return done();
}

/* sandbox.c: exit statuses and limits of sandboxed programs, and their messages. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "media/sandbox.h"
#include "tap.h"

static enum sandbox_result
run(const char *folder, const char *script)
{
	static struct conf conf = { .transcode_memory_mb = 1024, .upload_max_mb = 1 };
	const struct sandbox box = { .conf = &conf, .folder = folder };
	const char *const argv[] = { "sh", "-c", script, NULL };

	return sandbox_run(&box, argv, 60);
}

static void
ends(const char *folder)
{
	CHECK(run(folder, "exit 0") == SANDBOX_OK, "a successful exit is reported");
	CHECK(run(folder, "exit 1") == SANDBOX_FAILED, "a failed exit is reported");
	CHECK(run(folder, "kill -SEGV $$") == SANDBOX_FAILED, "a crash is reported");
	CHECK(run(folder, "kill -KILL $$") == SANDBOX_ERROR, "a kill is reported");
	CHECK(run(folder, "exec /nonexistent/program") == SANDBOX_ERROR,
	      "a missing program is reported");
}

/* With a lowered limit, to save minutes; the kernel enforces it. */
static void
too_much_of_the_processor(const char *folder)
{
	CHECK(run(folder, "test $(ulimit -S -t) = 240 && test $(ulimit -H -t) = 250") == SANDBOX_OK,
	      "the CPU limit sends a signal before it kills");
	CHECK(run(folder, "ulimit -S -t 1; while :; do :; done") == SANDBOX_TIMEOUT,
	      "a program that got the signal is over the time limit");
	CHECK(run(folder, "ulimit -S -t 1; trap 'exit 255' XCPU; while :; do :; done") ==
		  SANDBOX_TIMEOUT,
	      "a program that ends after the signal is over the time limit");
	CHECK(run(folder, "sh -c 'kill -XCPU $$'; exit $?") == SANDBOX_TIMEOUT,
	      "a time limit reported by bubblewrap is recognized");
}

/* A file may have 66 MB here.  Each of these is killed long before its sleep is over. */
static void
too_much_written(const char *folder)
{
	time_t began = time(NULL);

	CHECK(run(folder, "truncate -s 60M a b && sleep 1") == SANDBOX_OK,
	      "two large files are within the limit");
	CHECK(run(folder, "truncate -s 70M a") == SANDBOX_FAILED,
	      "a file that is too large is over the limit");
	CHECK(run(folder, "truncate -s 60M a b c && sleep 50") == SANDBOX_FAILED,
	      "three files that are too large together are over the limit");
	CHECK(run(folder, "rm ?; touch $(seq 300) && sleep 50") == SANDBOX_FAILED,
	      "too many files are over the limit");
	CHECK(run(folder, "rm *; mkfifo pipe && sleep 50") == SANDBOX_FAILED,
	      "an empty folder is within the limit");
	CHECK(run(folder, "rm pipe") == SANDBOX_OK && time(NULL) - began < 40,
	      "a program is ended within its time");
}

int
main(void)
{
	char folder[] = "/tmp/dousheng-sandbox.XXXXXX", path[64];
	static const char *const names[] = { "/in", "/out", "/stdout", "/stderr", "" };
	size_t i;

	if (mkdtemp(folder) == NULL)
		return 1;
	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s%s", folder, names[i]);
		mkdir(path, 0700);
	}
	ends(folder);
	too_much_of_the_processor(folder);
	too_much_written(folder);
	for (i = 0; i < 5; i++) {
		snprintf(path, sizeof(path), "%s%s", folder, names[i]);
		remove(path);
	}
	return done();
}

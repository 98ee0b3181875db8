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
	CHECK(run(folder, "exit 0") == SANDBOX_OK, "well");
	CHECK(run(folder, "exit 1") == SANDBOX_FAILED, "badly");
	CHECK(run(folder, "kill -SEGV $$") == SANDBOX_FAILED, "by a crash");
	CHECK(run(folder, "kill -KILL $$") == SANDBOX_ERROR, "killed by somebody");
	CHECK(run(folder, "exec /nonexistent/program") == SANDBOX_ERROR, "not there");
}

/* With a lowered limit, to save minutes; the kernel enforces it. */
static void
too_much_of_the_processor(const char *folder)
{
	CHECK(run(folder, "test $(ulimit -S -t) = 240 && test $(ulimit -H -t) = 250") == SANDBOX_OK,
	      "the processor's limit warns before it kills");
	CHECK(run(folder, "ulimit -S -t 1; while :; do :; done") == SANDBOX_TIMEOUT,
	      "a program that is warned is over the time");
	CHECK(run(folder, "ulimit -S -t 1; trap 'exit 255' XCPU; while :; do :; done") ==
		  SANDBOX_TIMEOUT,
	      "and so is one that ends in order, as ffmpeg does");
	CHECK(run(folder, "sh -c 'kill -XCPU $$'; exit $?") == SANDBOX_TIMEOUT,
	      "and one of which bubblewrap tells");
}

/* A file may have 66 MB here.  Each of these is killed long before its sleep is over. */
static void
too_much_written(const char *folder)
{
	time_t began = time(NULL);

	CHECK(run(folder, "truncate -s 60M a b && sleep 1") == SANDBOX_OK, "two large files");
	CHECK(run(folder, "truncate -s 70M a") == SANDBOX_FAILED, "one that is too large");
	CHECK(run(folder, "truncate -s 60M a b c && sleep 50") == SANDBOX_FAILED,
	      "three that are too much together");
	CHECK(run(folder, "rm ?; touch $(seq 300) && sleep 50") == SANDBOX_FAILED, "too many");
	CHECK(run(folder, "rm *; mkfifo pipe && sleep 50") == SANDBOX_FAILED, "no file at all");
	CHECK(run(folder, "rm pipe") == SANDBOX_OK && time(NULL) - began < 40, "in good time");
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

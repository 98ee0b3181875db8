/*
 * sandbox.h: runs ffmpeg on untrusted files.
 *
 * bubblewrap gives the program no network, a root that contains only the
 * system's libraries read-only, one folder to read and one to write.  seccomp
 * restricts its system calls (sandbox_filter.h).  Time, memory, output and
 * processes are limited.
 */
#ifndef DS_SANDBOX_H
#define DS_SANDBOX_H

#include "base/conf.h"
#include "base/err.h"
#include "obs/timing.h"

#define SANDBOX_CPUS 4

enum sandbox_next {
	SANDBOX_GO_ON,
	SANDBOX_PAUSE, /* stop the program, call meanwhile(), continue it */
	SANDBOX_END,
};

/* Called every half second while a program runs.  A pause does not count as its time. */
struct sandbox_tick {
	enum sandbox_next (*next)(void *ctx);
	void (*meanwhile)(void *ctx);
	void *ctx;
};

struct sandbox {
	const struct conf *conf;
	bool no_nested_userns; /* forbid nested user namespaces, see sandbox_check() */
	const char *folder;    /* absolute; has in/ and out/; gets the files stdout and stderr */
	struct sandbox_tick tick;
	struct timing *timing; /* records each program; or NULL */
};

enum sandbox_result {
	SANDBOX_OK,	 /* exit status 0 */
	SANDBOX_FAILED,	 /* another status, a limit was exceeded, or too much output */
	SANDBOX_TIMEOUT, /* over wall_s, or over SANDBOX_CPUS times wall_s of processor time */
	SANDBOX_STOPPED, /* next() returned SANDBOX_END */
	SANDBOX_ERROR,	 /* could not be started, or was killed from outside */
};

/*
 * Runs argv (terminated by NULL) in folder/out, for at most wall_s seconds.
 * in/ is ../in from there.
 */
enum sandbox_result sandbox_run(const struct sandbox *box, const char *const argv[],
				int64_t wall_s) MUST_CHECK;

/* The maximum size of a file that a program writes, in bytes. */
int64_t sandbox_file_max(const struct conf *conf);

/*
 * Does the sandbox work here? If not, why[size] has a sentence with the
 * remedy.  *no_nested_userns is for struct sandbox.
 */
bool sandbox_check(const struct conf *conf, bool *no_nested_userns, char *why,
		   size_t size) MUST_CHECK;

#endif

/*
 * sandbox.h: strangers' files are looked at by programs that are treated as
 * strangers: bubblewrap gives them no network, a root that holds the system's
 * libraries read-only and nothing else, one folder to read, one to write; a list
 * of system calls (sandbox_filter.h); and limits on time, memory, output and
 * processes.
 */
#ifndef DS_SANDBOX_H
#define DS_SANDBOX_H

#include "base/conf.h"
#include "base/err.h"
#include "obs/timing.h"

#define SANDBOX_CPUS 4

enum sandbox_next {
	SANDBOX_GO_ON,
	SANDBOX_PAUSE, /* stop the program, call meanwhile(), let it go on */
	SANDBOX_END,
};

/* Asked every half second while a program runs.  A pause costs it none of its time. */
struct sandbox_tick {
	enum sandbox_next (*next)(void *ctx);
	void (*meanwhile)(void *ctx);
	void *ctx;
};

struct sandbox {
	const struct conf *conf;
	bool no_nested_userns; /* no user namespaces inside, as sandbox_check() has found */
	const char *folder;    /* absolute; has in/ and out/; gets the files stdout and stderr */
	struct sandbox_tick tick;
	struct timing *timing; /* is told of each program; or NULL */
};

enum sandbox_result {
	SANDBOX_OK,	 /* exit status 0 */
	SANDBOX_FAILED,	 /* another one, ended by a limit, or it wrote too much */
	SANDBOX_TIMEOUT, /* over wall_s, or SANDBOX_CPUS times that of processors */
	SANDBOX_STOPPED, /* the tick output so */
	SANDBOX_ERROR,	 /* could not be run, or killed by somebody else */
};

/*
 * Runs argv (NULL at the end) in folder/out, for at most wall_s seconds.  in/
 * is ../in from there.
 */
enum sandbox_result sandbox_run(const struct sandbox *box, const char *const argv[],
				int64_t wall_s) MUST_CHECK;

/* The largest file that a program may write, in bytes. */
int64_t sandbox_file_max(const struct conf *conf);

/*
 * Can it run here?  If not, why[size] gets a sentence that says what to do.  *no_nested_userns
 * is for struct sandbox.
 */
bool sandbox_check(const struct conf *conf, bool *no_nested_userns, char *why,
		   size_t size) MUST_CHECK;

#endif

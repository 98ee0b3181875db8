/* sandbox.c: see sandbox.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "media/sandbox.h"
#include "media/sandbox_diagnosis.h"
#include "media/sandbox_filter.h"
#include "media/sandbox_output.h"
#include "obs/log.h"

#define TICK_MS 500
#define MAX_ARGS 192
#define FILES_FULL 2 /* limit of all output, as a multiple of the largest file */
#define NICENESS 19
#define CPU_GRACE_S 10	       /* from SIGXCPU to SIGKILL */
#define FFMPEG_TOLD_TO_END 255 /* its exit status after a signal that it handles */

struct argv {
	const char *list[MAX_ARGS];
	size_t n;
};

static void
argv_add(struct argv *w, const char *word)
{
	if (w->n < MAX_ARGS - 1)
		w->list[w->n++] = word;
	w->list[w->n] = NULL;
}

static void
argv_add_all(struct argv *w, const char *const words[])
{
	for (; *words != NULL; words++)
		argv_add(w, *words);
}

/*
 * The command line of bubblewrap.  prlimit runs inside, because processes are
 * counted per user namespace.  /dev and the root are in memory and remounted
 * read-only, so that only out/ can be filled.
 */
static void
bwrap_argv(struct argv *w, const struct sandbox *box, const char *in, const char *out,
	   const char *filter, const char *const argv[])
{
	/* clang-format off */
	static const char *const root[] = {
		"bwrap", "--unshare-all", "--die-with-parent",
		"--ro-bind", "/usr", "/usr",
		"--symlink", "usr/bin", "/bin",
		"--symlink", "usr/lib", "/lib",
		"--symlink", "usr/lib64", "/lib64",
		"--ro-bind-try", "/etc/alternatives", "/etc/alternatives",
		"--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache",
		"--dev", "/dev", "--hostname", "sandbox", NULL
	};
	static const char *const inside[] = {
		"--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/out", "--",
		"prlimit", "--nproc=512:512", "--", NULL
	};
	/* clang-format on */

	w->n = 0;
	argv_add_all(w, root);
	if (box->no_nested_userns)
		argv_add_all(w,
			     (const char *const[]){ "--unshare-user", "--disable-userns", NULL });
	argv_add_all(w, (const char *const[]){ "--seccomp", filter, "--ro-bind", in, "/in",
					       "--bind", out, "/out", NULL });
	argv_add_all(w, inside);
	argv_add_all(w, argv);
}

static bool
limit(int what, int64_t soft, int64_t hard)
{
	struct rlimit r = { (rlim_t)soft, (rlim_t)hard };

	return setrlimit(what, &r) == 0;
}

static bool
redirect(int to, const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	return fd >= 0 && dup2(fd, to) == to && close(fd) == 0;
}

/* Lowers the priority below everything that answers requests. */
static bool
lower_priority(void)
{
	struct sched_param none = { 0 };

	errno = 0;
	return sched_setscheduler(0, SCHED_BATCH, &none) == 0 &&
	       (nice(NICENESS) != -1 || errno == 0);
}

int64_t
sandbox_file_max(const struct conf *conf)
{
	return (conf->upload_max_mb * 2 + 64) << 20;
}

/* In the child: runs the program, or exits with 127. */
static void
child_exec(const struct sandbox *box, const char *out, const struct argv *w, int64_t wall_s)
{
	static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin", locale[] = "LC_ALL=C.UTF-8";
	char *env[] = { path, locale, NULL };
	int64_t cpu_s = wall_s * SANDBOX_CPUS, memory = box->conf->transcode_memory_mb << 20;
	int64_t written = sandbox_file_max(box->conf);
	union {
		const char *const *in;
		char *const *out;
	} words = { w->list }; /* execvpe() is declared without const */
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* kill the program if the job is killed */
	setsid();			  /* no terminal; a process group that can be stopped */
	if (chdir(box->folder) == 0 && redirect(STDIN_FILENO, "/dev/null", O_RDONLY) &&
	    redirect(STDOUT_FILENO, "stdout", O_WRONLY | O_CREAT | O_TRUNC) &&
	    redirect(STDERR_FILENO, "stderr", O_WRONLY | O_CREAT | O_TRUNC) && chdir(out) == 0 &&
	    limit(RLIMIT_CPU, cpu_s, cpu_s + CPU_GRACE_S) && limit(RLIMIT_AS, memory, memory) &&
	    limit(RLIMIT_FSIZE, written, written) && limit(RLIMIT_CORE, 0, 0) && lower_priority())
		execvpe(w->list[0], words.out, env);
	_exit(127);
}

/* Stops the program during meanwhile().  Returns the time in microseconds. */
static int64_t
pause_for(pid_t pid, const struct sandbox_tick *tick)
{
	int64_t since = time_monotonic_us();

	kill(-pid, SIGSTOP);
	tick->meanwhile(tick->ctx);
	kill(-pid, SIGCONT);
	return time_monotonic_us() - since;
}

/* Checks the total size of out/; RLIMIT_FSIZE limits each file. */
static bool
wrote_too_much(const struct sandbox *box)
{
	if (sandbox_output_bytes(box->folder) <= sandbox_file_max(box->conf) * FILES_FULL)
		return false;
	log_warn("a program in the sandbox exceeded the limit of its output");
	return true;
}

/* Waits for the child.  SANDBOX_OK: it has exited by itself. */
static enum sandbox_result
supervise(pid_t pid, int pidfd, const struct sandbox *box, int64_t wall_s)
{
	int64_t deadline = time_monotonic_us() + wall_s * 1000000;
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	enum sandbox_result result = SANDBOX_OK;
	enum sandbox_next next;

	while (result == SANDBOX_OK && poll(&p, 1, TICK_MS) <= 0) {
		next = box->tick.next == NULL ? SANDBOX_GO_ON : box->tick.next(box->tick.ctx);
		if (next == SANDBOX_PAUSE)
			deadline += pause_for(pid, &box->tick);
		else if (next == SANDBOX_END)
			result = SANDBOX_STOPPED;
		else if (time_monotonic_us() > deadline)
			result = SANDBOX_TIMEOUT;
		else if (wrote_too_much(box))
			result = SANDBOX_FAILED;
	}
	if (result != SANDBOX_OK)
		kill(-pid, SIGKILL);
	return result;
}

/*
 * Maps the exit status. bubblewrap reports a signal as 128 + its number.
 * SIGXCPU precedes the SIGKILL of RLIMIT_CPU, which distinguishes it from a
 * SIGKILL by somebody else.  ffmpeg handles SIGXCPU and exits with 255; no
 * other signal that it handles is sent to it.
 */
static enum sandbox_result
exit_to_result(const char *program, int status)
{
	int signal_number = WIFSIGNALED(status) ? WTERMSIG(status)
			    : WIFEXITED(status) && WEXITSTATUS(status) > 128
				? WEXITSTATUS(status) - 128
				: 0;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return SANDBOX_OK;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
		log_error("cannot run %s", program);
		return SANDBOX_ERROR;
	}
	if (signal_number == SIGXCPU ||
	    (WIFEXITED(status) && WEXITSTATUS(status) == FFMPEG_TOLD_TO_END))
		return SANDBOX_TIMEOUT;
	return signal_number == SIGKILL || signal_number == SIGTERM ? SANDBOX_ERROR
								    : SANDBOX_FAILED;
}

static enum sandbox_result
run(const struct sandbox *box, const char *out, const struct argv *w, int64_t wall_s)
{
	enum sandbox_result result;
	int status = 0, pidfd;
	pid_t pid = fork();

	if (pid == 0)
		child_exec(box, out, w, wall_s);
	if (pid < 0) {
		log_error("cannot fork: %s", strerror(errno));
		return SANDBOX_ERROR;
	}
	if ((pidfd = pidfd_open(pid, 0)) < 0) {
		log_error("cannot supervise a process: %s", strerror(errno));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return SANDBOX_ERROR;
	}
	result = supervise(pid, pidfd, box, wall_s);
	close(pidfd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return result == SANDBOX_OK ? exit_to_result(w->list[0], status) : result;
}

/* Runs argv in bubblewrap.  The filter's descriptor stays open meanwhile. */
static enum sandbox_result
run_wrapped(const struct sandbox *box, const char *in, const char *out, const char *const argv[],
	    int64_t wall_s)
{
	enum sandbox_result result;
	struct argv w = { .n = 0 };
	int filter = sandbox_filter_open();
	char number[16];

	if (filter < 0)
		return SANDBOX_ERROR;
	snprintf(number, sizeof(number), "%d", filter);
	bwrap_argv(&w, box, in, out, number, argv);
	result = run(box, out, &w, wall_s);
	close(filter);
	return result;
}

enum sandbox_result
sandbox_run(const struct sandbox *box, const char *const argv[], int64_t wall_s)
{
	char in[CONF_TEXT_MAX + 128], out[CONF_TEXT_MAX + 128];
	int64_t since = time_monotonic_us();
	enum sandbox_result result;
	struct argv w = { .n = 0 };

	snprintf(in, sizeof(in), "%s/in", box->folder);
	snprintf(out, sizeof(out), "%s/out", box->folder);
	if (box->conf->sandbox) {
		result = run_wrapped(box, in, out, argv, wall_s);
	} else {
		argv_add_all(&w, argv);
		result = run(box, out, &w, wall_s);
	}
	timing_step(box->timing, TIMING_PROGRAM, argv[0], 1, since, result != SANDBOX_OK);
	return result;
}

static void
remove_output(const struct sandbox *box)
{
	static const char *const names[] = { "stdout", "stderr" };
	char path[CONF_TEXT_MAX + 128];
	size_t i;

	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", box->folder, names[i]);
		unlink(path);
	}
}

/*
 * Older versions of bubblewrap and some kernels do not support
 * --disable-userns: try with and without it.
 */
bool
sandbox_check(const struct conf *conf, bool *no_nested_userns, char *why, size_t size)
{
	static const char *const argv[] = { "true", NULL };
	struct sandbox box = { .conf = conf };
	char folder[CONF_TEXT_MAX + 32], output[CONF_TEXT_MAX + 64];
	bool ok = !conf->sandbox;
	int tries;

	snprintf(folder, sizeof(folder), "%s/work", conf->home);
	box.folder = folder;
	for (tries = 0; tries < 2 && !ok; tries++) {
		box.no_nested_userns = tries == 0;
		remove_output(&box); /* of an earlier check */
		ok = run_wrapped(&box, folder, folder, argv, 10) == SANDBOX_OK;
	}
	*no_nested_userns = box.no_nested_userns;
	if (ok) {
		remove_output(&box);
		return true;
	}
	snprintf(output, sizeof(output), "%s/stderr", folder);
	sandbox_diagnose(output, why, size);
	return false;
}

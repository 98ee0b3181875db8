/* run.c: see run.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "run.h"
#include "text.h"

#define TICK_MS 1000
#define NICENESS 10

static bool
limit(int what, int64_t value)
{
	struct rlimit r = { (rlim_t)value, (rlim_t)value };

	return setrlimit(what, &r) == 0;
}

static bool
redirect(int to, const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	return fd >= 0 && dup2(fd, to) == to && close(fd) == 0;
}

/* In the child: becomes the program, or ends with 127. */
static void
become(const char *folder, const char *const argv[], const struct run_limits *limits)
{
	static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin", locale[] = "LC_ALL=C.UTF-8";
	char *env[] = { path, locale, NULL };
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a job that is killed leaves nothing running */
	setpgid(0, 0);
	if (chdir(folder) == 0 && redirect(STDIN_FILENO, "/dev/null", O_RDONLY) &&
	    redirect(STDOUT_FILENO, "stdout", O_WRONLY | O_CREAT | O_TRUNC) &&
	    redirect(STDERR_FILENO, "stderr", O_WRONLY | O_CREAT | O_TRUNC) &&
	    limit(RLIMIT_CPU, limits->cpu_s) && limit(RLIMIT_AS, limits->memory_mb << 20) &&
	    limit(RLIMIT_FSIZE, limits->file_mb << 20) && limit(RLIMIT_CORE, 0) &&
	    (nice(NICENESS) != -1 || errno == 0)) {
		union {
			const char *const *in;
			char *const *out;
		} words = { argv }; /* execvpe() takes them as they were before const */

		execvpe(argv[0], words.out, env);
	}
	_exit(127);
}

/* Waits for the child; MEDIA_OK means that it has ended by itself. */
static enum media_result
watch(pid_t pid, int pidfd, const struct media_job *job, const struct run_limits *limits)
{
	int64_t deadline = time_monotonic_us() + limits->wall_s * 1000000;
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	enum media_result result = MEDIA_OK;

	while (result == MEDIA_OK && poll(&p, 1, TICK_MS) <= 0) {
		if (time_monotonic_us() > deadline)
			result = MEDIA_TOO_LONG;
		else if (job->tick.go_on != NULL && !job->tick.go_on(job->tick.ctx))
			result = MEDIA_STOPPED;
	}
	if (result != MEDIA_OK)
		kill(-pid, SIGKILL);
	return result;
}

static enum media_result
verdict(const char *program, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return MEDIA_OK;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
		log_error("cannot run %s", program);
		return MEDIA_TROUBLE;
	}
	if (WIFSIGNALED(status)) {
		log_warn("%s was ended by signal %d", program, WTERMSIG(status));
		return WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGXFSZ ? MEDIA_UNREADABLE
										  : MEDIA_TROUBLE;
	}
	return MEDIA_UNREADABLE;
}

enum media_result
run_program(const struct media_job *job, const char *const argv[], const struct run_limits *limits)
{
	enum media_result result;
	int status = 0, pidfd;
	pid_t pid = fork();

	if (pid == 0)
		become(job->folder, argv, limits);
	if (pid < 0) {
		log_error("cannot fork: %s", strerror(errno));
		return MEDIA_TROUBLE;
	}
	if ((pidfd = pidfd_open(pid, 0)) < 0) {
		log_error("cannot watch a process: %s", strerror(errno));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return MEDIA_TROUBLE;
	}
	result = watch(pid, pidfd, job, limits);
	close(pidfd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return result == MEDIA_OK ? verdict(argv[0], status) : result;
}

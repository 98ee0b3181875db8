/*
 * sandbox_filter.c: see sandbox_filter.h.
 *
 * The list was made with strace over all of t/media/fixtures.  Calls that the
 * libc of another release makes instead are included.
 */
#include <asm/ioctls.h>
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "media/sandbox_filter.h"
#include "obs/log.h"

/* Calls that this architecture does not have are skipped. */
static const char *const allowed[] = {
	/* files */
	"read", "readv", "pread64", "preadv", "write", "writev", "pwrite64", "pwritev", "open",
	"openat", "close", "lseek", "_llseek", "fcntl", "fcntl64", "ftruncate", "ftruncate64",
	"fadvise64", "fadvise64_64", "arm_fadvise64_64", "fsync", "fdatasync", "dup", "dup2",
	"dup3",
	/* file attributes */
	"stat", "stat64", "lstat", "lstat64", "fstat", "fstat64", "newfstatat", "fstatat64",
	"statx", "access", "faccessat", "faccessat2", "readlink", "readlinkat", "statfs",
	"statfs64", "fstatfs", "fstatfs64", "getcwd", "getdents", "getdents64",
	/* memory */
	"brk", "mmap", "mmap2", "munmap", "mremap", "mprotect", "madvise", "mlock", "munlock",
	"mbind", "get_mempolicy", "set_mempolicy", "map_shadow_stack",
	/* threads; bubblewrap has started the process */
	"futex", "futex_time64", "futex_wait", "futex_wake", "futex_waitv", "set_robust_list",
	"get_robust_list", "set_tid_address", "rseq", "membarrier", "sched_yield",
	"sched_getaffinity", "sched_setaffinity", "sched_getparam", "sched_getscheduler",
	"sched_setscheduler", "getcpu", "getpriority", "setpriority", "gettid", "getpid", "getppid",
	"execve", "wait4", "exit", "exit_group", "arch_prctl", "prctl", "restart_syscall",
	"riscv_flush_icache", "riscv_hwprobe",
	/* identity and limits */
	"getuid", "getuid32", "geteuid", "geteuid32", "getgid", "getgid32", "getegid", "getegid32",
	"prlimit64", "getrlimit", "ugetrlimit", "setrlimit", "getrusage", "times", "sysinfo",
	"uname", "getrandom",
	/* time, waiting, signals to itself */
	"clock_gettime", "clock_gettime64", "clock_getres", "clock_getres_time64",
	"clock_nanosleep", "clock_nanosleep_time64", "nanosleep", "gettimeofday", "time",
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigreturn", "sigaltstack", "tgkill",
	"poll", "ppoll", "ppoll_time64", "select", "_newselect", "pselect6", "pselect6_time64",
	"pipe2", "eventfd2"
};

static int
allow(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp thread = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
	const struct scmp_arg_cmp terminal = SCMP_A1(SCMP_CMP_EQ, TCGETS, 0);
	int error = 0, number;
	size_t i;

	for (i = 0; i < sizeof(allowed) / sizeof(allowed[0]) && error == 0; i++) {
		number = seccomp_syscall_resolve_name(allowed[i]);
		if (number >= 0) /* negative: calls of other architectures */
			error = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, 0, NULL);
	}
	if (error == 0)
		error = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, &thread);
	/* Of ioctl() only TCGETS is allowed, which stdio calls to detect a terminal. */
	if (error == 0)
		error =
		    seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, &terminal);
	return error;
}

/*
 * Other calls fail with ENOSYS, so that a libc falls back to older ones.  So does
 * clone3(), whose flags a filter cannot see; libc then uses clone().
 */
int
sandbox_filter_open(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int fd = memfd_create("filter", 0), error = fd < 0 ? -errno : -ENOMEM;

	if (filter != NULL && fd >= 0 && (error = allow(filter)) == 0 &&
	    (error = seccomp_export_bpf(filter, fd)) == 0 && lseek(fd, 0, SEEK_SET) != 0)
		error = -errno;
	if (filter != NULL)
		seccomp_release(filter);
	if (error == 0)
		return fd;
	log_error("cannot create the seccomp filter: %s", strerror(-error));
	if (fd >= 0)
		close(fd);
	return -1;
}

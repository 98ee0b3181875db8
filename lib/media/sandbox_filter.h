/*
 * sandbox_filter.h: the seccomp filter: the system calls that ffmpeg makes for
 * supported files on supported releases.  The program cannot start others, use
 * the network, make links, pipes, folders or namespaces, or remove and rename
 * files.
 */
#ifndef DS_SANDBOX_FILTER_H
#define DS_SANDBOX_FILTER_H

/*
 * A file with the filter, for bubblewrap's --seccomp; inherited by child
 * processes.  The caller closes it.  -1: failed, logged.
 */
int sandbox_filter_open(void);

#endif

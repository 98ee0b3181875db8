/*
 * sandbox_filter.h: the system calls that a program in the sandbox may make: those
 * that ffmpeg makes for the files that we read, on the releases that we run on.
 * So it starts nothing, reaches no network, makes no links, pipes, folders or
 * namespaces, removes and renames nothing.
 */
#ifndef DS_SANDBOX_FILTER_H
#define DS_SANDBOX_FILTER_H

/*
 * The filter in a file of its own, as bubblewrap's --seccomp reads it; inherited by
 * what is started.  The caller closes it.  -1: there is none, said in the log.
 */
int sandbox_filter_open(void);

#endif

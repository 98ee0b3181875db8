/* sandbox_diagnosis.c: see sandbox_diagnosis.h. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "media/sandbox_diagnosis.h"

#define SAID_MAX 300

/* Reads the last line of a file, without the separator of our message.  False: no file. */
static bool
last_line(const char *path, char line[SAID_MAX])
{
	char next[SAID_MAX], *p;
	FILE *f = fopen(path, "r");

	line[0] = '\0';
	if (f == NULL)
		return false;
	while (fgets(next, sizeof(next), f) != NULL) {
		next[strcspn(next, "\n")] = '\0';
		if (next[0] != '\0')
			memcpy(line, next, sizeof(next));
	}
	fclose(f);
	for (p = line; (p = strchr(p, ';')) != NULL;)
		*p = ',';
	return true;
}

/* The value of a sysctl; otherwise if this kernel does not have it. */
static long
sysctl_number(const char *name, long otherwise)
{
	char path[128], text[32];
	long value = otherwise;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	if ((f = fopen(path, "r")) == NULL)
		return otherwise;
	if (fgets(text, sizeof(text), f) != NULL)
		value = strtol(text, NULL, 10);
	fclose(f);
	return value;
}

/*
 * Is the root directory not a mount point? Then we are in a chroot, which
 * forbids user namespaces.
 */
static bool
in_chroot(void)
{
	FILE *f = fopen("/proc/self/mountinfo", "r");
	char line[4096], place[4096];
	bool mounted = f == NULL;

	while (!mounted && fgets(line, sizeof(line), f) != NULL)
		mounted =
		    sscanf(line, "%*s %*s %*s %*s %4095s", place) == 1 && strcmp(place, "/") == 0;
	if (f != NULL)
		fclose(f);
	return !mounted;
}

/* Is the error of bwrap about namespaces, or about permissions inside of one? */
static bool
about_namespaces(const char *said)
{
	return strstr(said, "namespace") != NULL || strstr(said, "uid map") != NULL ||
	       strstr(said, "RTM_NEW") != NULL || strstr(said, "not permitted") != NULL ||
	       strstr(said, "Permission denied") != NULL;
}

static const char *
remedy(const char *said)
{
	if (said[0] == '\0')
		return "install the package bubblewrap";
	if (!about_namespaces(said))
		return "fix what bwrap reports";
	if (sysctl_number("kernel/apparmor_restrict_unprivileged_userns", 0) != 0)
		return "give /usr/bin/bwrap a profile of AppArmor that allows userns (see the "
		       "docs/install.md, The sandbox), or sysctl "
		       "kernel.apparmor_restrict_unprivileged_userns=0";
	if (sysctl_number("kernel/unprivileged_userns_clone", 1) == 0)
		return "allow user namespaces: sysctl kernel.unprivileged_userns_clone=1";
	if (sysctl_number("user/max_user_namespaces", 1) == 0)
		return "allow user namespaces: sysctl user.max_user_namespaces=15000";
	if (strstr(said, "ENOSPC") != NULL || strstr(said, "No space") != NULL)
		return "allow more user namespaces: raise the sysctls user.max_*_namespaces";
	if (in_chroot())
		return "use a container or pivot_root, since chroot forbids user namespaces";
	return "no sysctl of this kernel forbids user namespaces, so allow them in the "
	       "container or machine around this system (a container's seccomp profile, such as "
	       "docker run "
	       "--security-opt seccomp=unconfined)";
}

void
sandbox_diagnose(const char *said, char *why, size_t size)
{
	char line[SAID_MAX];

	if (!last_line(said, line)) {
		snprintf(
		    why, size,
		    "the sandbox for uploaded files does not work here (%s cannot be written); "
		    "make up corrects the permissions of that folder",
		    said);
		return;
	}
	snprintf(
	    why, size,
	    "the sandbox for uploaded files does not work here (%s); %s; or accept the risk of "
	    "running ffmpeg on untrusted files without it: sandbox = no",
	    line[0] != '\0' ? line : "bwrap is not installed", remedy(line));
}

/* media_job.c: see media_job.h. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "media/media_job.h"
#include "media/sandbox_output.h"
#include "obs/log.h"

#define FREE_MIN (4 << 20) /* bytes; with less free space a failure counts as a full disk */

void
command_add(struct command *c, const char *const words[])
{
	while (*words != NULL && c->n < (int)(sizeof(c->argv) / sizeof(c->argv[0])) - 1)
		c->argv[c->n++] = *words++;
	c->argv[c->n] = NULL;
}

void
media_job_path(const struct media_job *job, const char *name, char out[STORE_PATH_MAX])
{
	snprintf(out, STORE_PATH_MAX, "%s/%s", job->box.folder, name);
}

FILE *
media_job_open(const struct media_job *job, const char *name)
{
	char path[STORE_PATH_MAX];

	media_job_path(job, name, path);
	return fopen(path, "re");
}

bool
media_job_has(const struct media_job *job, const char *name)
{
	char path[STORE_PATH_MAX];
	struct stat st;

	media_job_path(job, name, path);
	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
}

void
media_job_remove(const struct media_job *job, const char *name)
{
	char path[STORE_PATH_MAX];

	media_job_path(job, name, path);
	unlink(path);
}

static bool
disk_full(const struct media_job *job)
{
	struct statvfs fs;

	return statvfs(job->box.folder, &fs) == 0 && fs.f_bavail * fs.f_frsize < FREE_MIN;
}

enum reason
media_job_reason(struct media_job *job, enum sandbox_result result)
{
	switch (result) {
	case SANDBOX_OK:
		return REASON_NONE;
	case SANDBOX_STOPPED:
		return REASON_STOPPED;
	case SANDBOX_TIMEOUT:
		job->limit = job->time_limit_s;
		return REASON_TOO_SLOW;
	case SANDBOX_ERROR:
		return disk_full(job) ? REASON_DISK_FULL : REASON_INTERNAL;
	case SANDBOX_FAILED:
		break;
	}
	return disk_full(job) ? REASON_DISK_FULL : REASON_DAMAGED;
}

enum reason
media_job_take_output(const struct media_job *job, const char *name, const char *as,
		      enum container kind, int64_t most)
{
	int error = sandbox_output_copy(job->box.folder, name, as, kind, most);

	if (error == 0 || error == ENOENT)
		return REASON_NONE;
	log_warn("cannot use the output %s: %s", name, strerror(error));
	return error == EBADMSG				    ? REASON_DAMAGED
	       : store_errno_to_err(error) == ERR_DISK_FULL ? REASON_DISK_FULL
							    : REASON_INTERNAL;
}

/* sandbox_output.c: see sandbox_output.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/sandbox_output.h"

#define ENTRIES_MAX 256

static int
open_folder(int parent, const char *name)
{
	return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Opens a regular file with a single link, without blocking. */
static int
open_plain(int out, const char *name, struct stat *st)
{
	int fd = openat(out, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode) && st->st_nlink == 1)
		return fd;
	close(fd);
	errno = EBADMSG;
	return -1;
}

static bool
has_type(int fd, enum container kind)
{
	unsigned char head[CONTAINER_HEAD];
	ssize_t n;

	if (kind == CONTAINER_NONE)
		return true;
	n = pread(fd, head, sizeof(head), 0);
	return n > 0 && container_sniff(head, (size_t)n) == kind;
}

/* Checks the copy, because the original may still change. */
static int
copy(int in, int64_t n, int got, const char *as, enum container kind)
{
	int out = openat(got, as, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600), error;

	if (out < 0)
		return errno;
	error = store_copy(in, 0, n, out);
	if (error == ENODATA || (error == 0 && !has_type(out, kind)))
		error = EBADMSG;
	if (close(out) != 0 && error == 0)
		error = errno;
	if (error != 0)
		unlinkat(got, as, 0);
	return error;
}

/* Maps errors of openat() for a link, a pipe or an unreadable file to EBADMSG. */
static int
untrusted_errno(int error)
{
	return error == ELOOP || error == ENXIO || error == EACCES || error == EISDIR ? EBADMSG
										      : error;
}

static int
copy_checked(int out, const char *name, int got, const char *as, enum container kind, int64_t most)
{
	struct stat st;
	int in = open_plain(out, name, &st), error;

	if (in < 0)
		return untrusted_errno(errno);
	if (unlinkat(got, as, 0) != 0 && errno != ENOENT)
		error = errno;
	else if (st.st_size <= 0 || st.st_size > most)
		error = EBADMSG;
	else
		error = copy(in, st.st_size, got, as, kind);
	close(in);
	return error;
}

int
sandbox_output_copy(const char *folder, const char *name, const char *as, enum container kind,
		    int64_t most)
{
	int top = open_folder(AT_FDCWD, folder), out = -1, got = -1, error = 0;

	if (top < 0 || (out = open_folder(top, "out")) < 0 || (got = open_folder(top, "got")) < 0)
		error = errno == ENOENT ? EIO : errno;
	else
		error = copy_checked(out, name, got, as, kind, most);
	if (got >= 0)
		close(got);
	if (out >= 0)
		close(out);
	if (top >= 0)
		close(top);
	return error;
}

/* Sums up the sizes in the folder and closes it. */
static int64_t
sum_entries(int out)
{
	DIR *dir = fdopendir(out);
	struct dirent *entry;
	int64_t sum = 0;
	struct stat st;
	int n = 0;

	if (dir == NULL) {
		close(out);
		return 0;
	}
	while (sum < INT64_MAX && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    fstatat(out, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		sum = S_ISREG(st.st_mode) && ++n <= ENTRIES_MAX ? sum + st.st_size : INT64_MAX;
	}
	closedir(dir);
	return sum;
}

int64_t
sandbox_output_bytes(const char *folder)
{
	static const char *const outputs[] = { "stdout", "stderr" };
	int top = open_folder(AT_FDCWD, folder), out;
	int64_t sum = 0;
	struct stat st;
	size_t i;

	if (top < 0)
		return 0;
	if ((out = open_folder(top, "out")) >= 0)
		sum = sum_entries(out);
	for (i = 0; i < 2 && sum < INT64_MAX; i++)
		if (fstatat(top, outputs[i], &st, AT_SYMLINK_NOFOLLOW) == 0)
			sum += st.st_size;
	close(top);
	return sum;
}

/*
 * display_matrix.c: see display_matrix.h.
 *
 * ffmpeg 5 copies the display matrix of its input to encoded output, unless it
 * rotates the picture itself, which it does wrong for some matrices.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "media/display_matrix.h"

#define HEADER 8 /* of a box: size and name (ISO/IEC 14496-12, 4.2) */

static uint32_t
be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Writes the unity matrix into a track header (8.3.2), whose times have 4 or 8 bytes. */
static bool
reset_matrix(int fd, off_t at)
{
	static const unsigned char unity[36] = { 0, 1, 0, 0, [16] = 0, 1, 0, 0, [32] = 0x40 };
	unsigned char version;

	return pread(fd, &version, 1, at + HEADER) == 1 &&
	       pwrite(fd, unity, sizeof(unity), at + (version == 1 ? 60 : 48)) == sizeof(unity);
}

/* Walks over the boxes between two offsets, and into those that contain track headers. */
static bool
walk(int fd, off_t at, off_t end)
{
	unsigned char head[HEADER];
	bool ok = true;
	off_t size;

	for (; ok && at + HEADER <= end; at += size) {
		if (pread(fd, head, HEADER, at) != HEADER || (size = be32(head)) < HEADER)
			return false;
		if (memcmp(head + 4, "moov", 4) == 0 || memcmp(head + 4, "trak", 4) == 0)
			ok = walk(fd, at + HEADER, at + size < end ? at + size : end);
		else if (memcmp(head + 4, "tkhd", 4) == 0)
			ok = reset_matrix(fd, at);
		else if (memcmp(head + 4, "mdat", 4) == 0)
			break; /* the index precedes the media data */
	}
	return ok;
}

bool
display_matrix_remove(const struct media_job *job, const char *file)
{
	char path[STORE_PATH_MAX];
	off_t end;
	bool ok;
	int fd;

	media_job_path(job, file, path);
	if ((fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)) < 0)
		return errno == ENOENT;
	end = lseek(fd, 0, SEEK_END);
	ok = end >= 0 && walk(fd, 0, end);
	close(fd);
	return ok;
}

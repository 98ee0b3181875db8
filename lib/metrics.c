/* metrics.c: see metrics.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "metrics.h"

#define MAGIC 0x64736d6574720001 /* written last: a file without it was not finished */

const uint32_t metrics_bounds[METRICS_BUCKETS - 1] = { 100,	250,	 500,	  1000,
						       2500,	5000,	 10000,	  25000,
						       50000,	100000,	 250000,  500000,
						       1000000, 2500000, 5000000, 10000000 };

struct file {
	uint64_t magic;
	uint64_t size; /* of this struct: another shape is another file */
	uint64_t kinds, counters, codes;
	struct metrics_slot slots[METRICS_SLOTS];
};

struct metrics {
	int fd;
	size_t mine;
	struct file *file;
};

/* A lock of this open file on a byte; the kernel lets it go when the last descriptor closes. */
static bool
lock_byte(int fd, off_t byte, int how)
{
	struct flock lock = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1
	};

	return fcntl(fd, how, &lock) == 0;
}

static bool
unlock_byte(int fd, off_t byte)
{
	struct flock lock = {
		.l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1
	};

	return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

/* Byte 0 is for whoever makes the file, byte 1 + i for the owner of slot i. */
static off_t
byte_of(size_t slot)
{
	return 1 + (off_t)slot;
}

static bool
fits(const struct file *f)
{
	return f->magic == MAGIC && f->size == sizeof(*f) && f->kinds == KEY_KINDS &&
	       f->counters == METRIC_COUNT && f->codes == ERR_COUNT;
}

/* Its blocks are there from the start: a full disk must not be a SIGBUS later. */
static struct file *
map_file(int fd)
{
	struct stat st;
	bool fresh;
	void *map;

	if (fstat(fd, &st) != 0)
		return NULL;
	fresh = st.st_size == 0;
	if (fresh && (errno = posix_fallocate(fd, 0, sizeof(struct file))) != 0)
		return NULL;
	if (!fresh && st.st_size != sizeof(struct file)) {
		errno = EINVAL;
		return NULL;
	}
	map = mmap(NULL, sizeof(struct file), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return NULL;
	if (fresh) {
		*(struct file *)map = (struct file){ .size = sizeof(struct file) };
		((struct file *)map)->kinds = KEY_KINDS;
		((struct file *)map)->counters = METRIC_COUNT;
		((struct file *)map)->codes = ERR_COUNT;
		__atomic_store_n(&((struct file *)map)->magic, MAGIC, __ATOMIC_RELEASE);
	}
	return map;
}

/*
 * Opens the file, or makes a new one in the place of one that does not fit.
 * Those who have the old one mapped go on counting there, unseen.
 */
static bool
open_file(struct metrics *m, const char *path)
{
	struct stat st;
	int tries;

	for (tries = 0; tries < 10; tries++) {
		m->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (m->fd < 0 || !lock_byte(m->fd, 0, F_OFD_SETLKW) || fstat(m->fd, &st) != 0)
			break;
		m->file = st.st_nlink == 0 ? NULL : map_file(m->fd);
		if (m->file != NULL && fits(m->file))
			return unlock_byte(m->fd, 0);
		if (st.st_nlink != 0 && (m->file != NULL || errno == EINVAL))
			unlink(path);
		else if (st.st_nlink != 0)
			break;
		if (m->file != NULL)
			munmap(m->file, sizeof(*m->file));
		close(m->fd);
		m->fd = -1;
	}
	return false;
}

/* Takes a slot of this service whose owner is gone, or else one that nobody had. */
static bool
take_slot(struct metrics *m, const char *service)
{
	struct metrics_slot *s;
	int fresh;
	size_t i;

	for (fresh = 0; fresh < 2; fresh++)
		for (i = 0; i < METRICS_SLOTS; i++) {
			const char *wanted = fresh ? "" : service;

			s = &m->file->slots[i];
			if (strncmp(s->service, wanted, METRICS_NAME) != 0 ||
			    !lock_byte(m->fd, byte_of(i), F_OFD_SETLK))
				continue;
			if (strncmp(s->service, wanted, METRICS_NAME) == 0) {
				m->mine = i;
				return true;
			}
			unlock_byte(m->fd, byte_of(i)); /* another was faster */
		}
	errno = EUSERS;
	return false;
}

struct metrics *
metrics_open(const char *home, const char *service, uint64_t labels)
{
	struct metrics *m = calloc(1, sizeof(*m));
	char path[CONF_TEXT_MAX + 32];
	struct metrics_slot *s;

	if (m == NULL)
		return NULL;
	m->fd = -1;
	snprintf(path, sizeof(path), "%s/run/shared/metrics", home);
	if (!open_file(m, path) || !take_slot(m, service)) {
		metrics_close(m);
		return NULL;
	}
	s = metrics_slot(m);
	if (s->labels != labels) {
		memset(s->requests, 0, sizeof(s->requests));
		memset(s->buckets, 0, sizeof(s->buckets));
		memset(s->sum_us, 0, sizeof(s->sum_us));
		s->labels = labels;
	}
	s->busy = 0; /* whoever had it before may have died at work */
	snprintf(s->service, METRICS_NAME, "%s", service);
	metrics_add(&s->counters[METRIC_STARTS], 1);
	return m;
}

void
metrics_close(struct metrics *m)
{
	int failure = errno;

	if (m == NULL)
		return;
	if (m->file != NULL)
		munmap(m->file, sizeof(*m->file));
	if (m->fd >= 0)
		close(m->fd);
	free(m);
	errno = failure;
}

struct metrics_slot *
metrics_slot(struct metrics *m)
{
	return &m->file->slots[m->mine];
}

const struct metrics_slot *
metrics_peek(const struct metrics *m, size_t i)
{
	const struct metrics_slot *s = &m->file->slots[i];

	return s->service[0] == '\0' ? NULL : s;
}

bool
metrics_lives(const struct metrics *m, size_t i)
{
	struct flock lock = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte_of(i), .l_len = 1
	};

	/* Our own lock does not stand in our way. */
	return i == m->mine || (fcntl(m->fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK);
}

/* metrics.c: see metrics.h. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "obs/metrics.h"

#define MAGIC 0x64736d6574720002 /* written last: without it the file is incomplete */

const uint32_t metrics_bounds[METRICS_BUCKETS - 1] = { 100,	250,	 500,	  1000,
						       2500,	5000,	 10000,	  25000,
						       50000,	100000,	 250000,  500000,
						       1000000, 2500000, 5000000, 10000000 };

#define SHAPE 7 /* numbers that determine the layout or meaning of the file */

struct file {
	struct head {
		uint64_t magic;
		uint64_t shape[SHAPE]; /* a file of another shape is replaced */
		char services[METRICS_SLOTS]
			     [METRICS_NAME]; /* the service of each slot; "": never used */
	} head;
	struct metrics_slot slots[METRICS_SLOTS];
};

struct metrics {
	int fd;
	size_t number;
	struct head *head;
	struct metrics_slot *mine;
	struct file *all; /* all slots, mapped when first read: it would add 2 MB to each worker */
};

/*
 * Locks a byte for this open file description.  The kernel unlocks it when the
 * last descriptor closes.
 */
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

/* Byte 0 is locked while the file is created, byte 1 + i by the owner of slot i. */
static off_t
byte_of(size_t slot)
{
	return 1 + (off_t)slot;
}

static const uint64_t shape[SHAPE] = { sizeof(struct file), KEY_KINDS,	    METRIC_COUNT,
				       ERR_COUNT,	    METRICS_ROUTES, METRICS_CODES,
				       METRICS_BUCKETS };

static bool
is_compatible(const struct head *h)
{
	return h->magic == MAGIC && memcmp(h->shape, shape, sizeof(shape)) == 0;
}

static void *
map_part(int fd, size_t offset, size_t size)
{
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);

	return map == MAP_FAILED ? NULL : map;
}

/* posix_fallocate() reserves the blocks, so that a full disk cannot cause a SIGBUS later. */
static struct head *
map_head(int fd)
{
	struct stat st;
	struct head *h;
	bool fresh;

	if (fstat(fd, &st) != 0)
		return NULL;
	fresh = st.st_size == 0;
	if (fresh && (errno = posix_fallocate(fd, 0, sizeof(struct file))) != 0)
		return NULL;
	if (!fresh && st.st_size != sizeof(struct file)) {
		errno = EINVAL;
		return NULL;
	}
	if ((h = map_part(fd, 0, sizeof(*h))) == NULL)
		return NULL;
	if (fresh) {
		memcpy(h->shape, shape, sizeof(shape));
		__atomic_store_n(&h->magic, MAGIC, __ATOMIC_RELEASE);
	}
	return h;
}

/*
 * Opens the file, or replaces one of another shape.  Processes that have the
 * old file mapped keep counting there; nobody reads it.
 */
static bool
open_file(struct metrics *m, const char *path)
{
	struct stat st;
	int tries;

	for (tries = 0; tries < 10; tries++) {
		m->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0660);
		if (m->fd < 0 || !lock_byte(m->fd, 0, F_OFD_SETLKW) || fstat(m->fd, &st) != 0)
			break;
		if (st.st_size == 0)
			fchmod(m->fd, 0660); /* transcode runs as another user */
		m->head = st.st_nlink == 0 ? NULL : map_head(m->fd);
		if (m->head != NULL && is_compatible(m->head))
			return unlock_byte(m->fd, 0);
		if (st.st_nlink != 0 && (m->head != NULL || errno == EINVAL))
			unlink(path);
		else if (st.st_nlink != 0)
			break;
		if (m->head != NULL)
			munmap(m->head, sizeof(*m->head));
		m->head = NULL;
		close(m->fd);
		m->fd = -1;
	}
	return false;
}

/* Takes a slot of this service whose owner has ended, else one that was never used. */
static bool
take_slot(struct metrics *m, const char *service)
{
	int fresh;
	size_t i;

	for (fresh = 0; fresh < 2; fresh++)
		for (i = 0; i < METRICS_SLOTS; i++) {
			const char *wanted = fresh ? "" : service, *found = m->head->services[i];

			if (strncmp(found, wanted, METRICS_NAME) != 0 ||
			    !lock_byte(m->fd, byte_of(i), F_OFD_SETLK))
				continue;
			if (strncmp(found, wanted, METRICS_NAME) == 0) {
				m->number = i;
				m->mine = map_part(m->fd, offsetof(struct file, slots[i]),
						   sizeof(*m->mine));
				return m->mine != NULL;
			}
			unlock_byte(m->fd, byte_of(i)); /* another process was faster */
		}
	errno = EUSERS;
	return false;
}

/* Initializes the slot.  Its previous owner may have died while busy. */
static void
claim_slot(struct metrics *m, const char *service, uint64_t labels)
{
	struct metrics_slot *s = m->mine;

	if (s->labels != labels) {
		memset(s->requests, 0, sizeof(s->requests));
		memset(s->buckets, 0, sizeof(s->buckets));
		memset(s->sum_us, 0, sizeof(s->sum_us));
		s->labels = labels;
	}
	s->busy = 0;
	snprintf(s->service, METRICS_NAME, "%s", service);
	snprintf(m->head->services[m->number], METRICS_NAME, "%s", service);
	metrics_add(&s->counters[METRIC_STARTS], 1);
}

struct metrics *
metrics_open(const char *home, const char *service, uint64_t labels)
{
	struct metrics *m = calloc(1, sizeof(*m));
	char path[CONF_TEXT_MAX + 32], name[METRICS_NAME];

	if (m == NULL)
		return NULL;
	m->fd = -1;
	snprintf(path, sizeof(path), "%s/run/shared/metrics", home);
	snprintf(name, sizeof(name), "%s",
		 service); /* truncated like the slot's name, to find the slot again */
	if (open_file(m, path) && take_slot(m, name)) {
		claim_slot(m, name, labels);
		return m;
	}
	metrics_close(m);
	return NULL;
}

void
metrics_close(struct metrics *m)
{
	int failure = errno;

	if (m == NULL)
		return;
	if (m->head != NULL)
		munmap(m->head, sizeof(*m->head));
	if (m->mine != NULL)
		munmap(m->mine, sizeof(*m->mine));
	if (m->all != NULL)
		munmap(m->all, sizeof(*m->all));
	if (m->fd >= 0)
		close(m->fd);
	free(m);
	errno = failure;
}

struct metrics_slot *
metrics_slot(struct metrics *m)
{
	return m->mine;
}

const struct metrics_slot *
metrics_read_slot(struct metrics *m, size_t i)
{
	if (m->all == NULL && (m->all = map_part(m->fd, 0, sizeof(*m->all))) == NULL)
		return NULL;
	return m->head->services[i][0] == '\0' ? NULL : &m->all->slots[i];
}

bool
metrics_slot_alive(const struct metrics *m, size_t i)
{
	struct flock lock = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte_of(i), .l_len = 1
	};

	/* F_OFD_GETLK does not report our own lock. */
	return i == m->number || (fcntl(m->fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK);
}

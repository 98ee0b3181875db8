/* lost_invalidations.c: see lost_invalidations.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "data/lost_invalidations.h"
#include "obs/log.h"

/* posix_fallocate() reserves the block, so that a full disk cannot cause a SIGBUS later. */
static struct lost_invalidations_count *
map(const char *home)
{
	char path[CONF_TEXT_MAX + 32];
	void *at = MAP_FAILED;
	int fd, failure;

	snprintf(path, sizeof(path), "%s/run/shared/debts", home);
	if ((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0660)) < 0)
		return NULL;
	(void)!fchmod(fd, 0660); /* transcode runs as another user */
	if ((errno = posix_fallocate(fd, 0, sizeof(struct lost_invalidations_count))) == 0)
		at = mmap(NULL, sizeof(struct lost_invalidations_count), PROT_READ | PROT_WRITE,
			  MAP_SHARED, fd, 0);
	failure = errno;
	close(fd);
	errno = failure;
	return at == MAP_FAILED ? NULL : at;
}

void
lost_invalidations_open(struct lost_invalidations *d, const char *home)
{
	*d = (struct lost_invalidations){ .count = NULL };
	if ((d->count = map(home)) != NULL)
		return;
	log_warn("cache: lost invalidations are not shared between processes: %s", strerror(errno));
	d->count = &d->own;
}

void
lost_invalidations_close(struct lost_invalidations *d)
{
	if (d->count != &d->own)
		munmap(d->count, sizeof(*d->count));
	d->count = &d->own;
}

void
lost_invalidations_add(struct lost_invalidations *d)
{
	__atomic_add_fetch(&d->count->total, 1, __ATOMIC_SEQ_CST);
}

uint64_t
lost_invalidations_total(const struct lost_invalidations *d)
{
	return __atomic_load_n(&d->count->total, __ATOMIC_SEQ_CST);
}

bool
lost_invalidations_pending(const struct lost_invalidations *d)
{
	return lost_invalidations_total(d) > __atomic_load_n(&d->count->settled, __ATOMIC_SEQ_CST);
}

void
lost_invalidations_settle(struct lost_invalidations *d, uint64_t lost)
{
	uint64_t settled = __atomic_load_n(&d->count->settled, __ATOMIC_SEQ_CST);

	/* Another process may have settled more by now. */
	while (settled < lost &&
	       !__atomic_compare_exchange_n(&d->count->settled, &settled, lost, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
}

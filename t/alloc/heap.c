/* heap.c: see heap.h. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "heap.h"

/* glibc's allocator, under its internal names. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t alignment, size_t n);
void __libc_free(void *p);

static struct {
	bool armed, all, failed, spare;
	size_t fail_at, count;
	long blocks;
} heap;

void
heap_fail(size_t n, bool all)
{
	heap.fail_at = n;
	heap.all = all;
	heap.count = 0;
	heap.failed = false;
	heap.armed = true;
}

size_t
heap_end(bool *failed)
{
	heap.armed = false;
	if (failed != NULL)
		*failed = heap.failed;
	return heap.count;
}

bool
heap_spare(bool spare)
{
	bool was = heap.spare;

	heap.spare = spare;
	return was;
}

long
heap_blocks(void)
{
	return heap.blocks;
}

static bool
fails(void)
{
	if (!heap.armed || heap.spare)
		return false;
	heap.count++;
	if (heap.fail_at == 0 || heap.count < heap.fail_at ||
	    (!heap.all && heap.count > heap.fail_at))
		return false;
	heap.failed = true;
	errno = ENOMEM;
	return true;
}

static void *
taken(void *p)
{
	heap.blocks += p != NULL;
	return p;
}

void *
malloc(size_t n)
{
	return fails() ? NULL : taken(__libc_malloc(n));
}

void *
calloc(size_t n, size_t size)
{
	return fails() ? NULL : taken(__libc_calloc(n, size));
}

void *
realloc(void *p, size_t n)
{
	void *q;

	if (fails())
		return NULL;
	q = __libc_realloc(p, n);
	if (p == NULL)
		heap.blocks += q != NULL;
	return q;
}

void *
memalign(size_t alignment, size_t n)
{
	return fails() ? NULL : taken(__libc_memalign(alignment, n));
}

void *
aligned_alloc(size_t alignment, size_t n)
{
	return memalign(alignment, n);
}

int
posix_memalign(void **p, size_t alignment, size_t n)
{
	return (*p = memalign(alignment, n)) == NULL ? ENOMEM : 0;
}

void
free(void *p)
{
	if (p == NULL)
		return;
	heap.blocks--;
	memset(p, 0xdd, malloc_usable_size(p));
	__libc_free(p);
}

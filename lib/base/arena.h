/*
 * arena.h: an allocator whose memory is freed as a whole.
 *
 * The worker's loop clears the arena after each reply.  Single allocations are
 * never freed.
 */
#ifndef DS_ARENA_H
#define DS_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *first; /* kept from request to request */
	struct arena_block *last;  /* the next allocation comes from here */
};

#define ARENA_INIT         \
	{                  \
		NULL, NULL \
	}

/* Allocates n bytes, aligned for any type, not zeroed.  NULL: out of memory. */
void *arena_alloc(struct arena *a, size_t n);

/* Copies n bytes and appends a NUL. NULL: out of memory. */
char *arena_copy(struct arena *a, const void *p, size_t n);

/* Frees all allocations; keeps one block for the next request. */
void arena_clear(struct arena *a);

/* Frees all blocks. */
void arena_release(struct arena *a);

#endif

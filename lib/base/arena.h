/*
 * arena.h: memory that lives as long as a request.
 *
 * The loop clears it after each reply; nobody frees a single piece.
 */
#ifndef DS_ARENA_H
#define DS_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *first; /* kept from request to request */
	struct arena_block *last;  /* where the next piece comes from */
};

#define ARENA_INIT         \
	{                  \
		NULL, NULL \
	}

/* n bytes, aligned for any type, not zeroed; NULL when memory is out. */
void *arena_alloc(struct arena *a, size_t n);

/* A copy of n bytes with a NUL behind them; NULL when memory is out. */
char *arena_copy(struct arena *a, const void *p, size_t n);

/* Forgets all pieces; keeps one block for the next request. */
void arena_clear(struct arena *a);

/* Gives everything back to the system. */
void arena_release(struct arena *a);

#endif

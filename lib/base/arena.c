/* arena.c: see arena.h.  A chain of blocks; each allocation is cut from the last one. */
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define BLOCK_SIZE 16384

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	alignas(max_align_t) char data[];
};

static struct arena_block *
block_new(size_t need)
{
	size_t size = need > BLOCK_SIZE ? need : BLOCK_SIZE;
	struct arena_block *b;

	if (size > SIZE_MAX - sizeof(*b) || (b = malloc(sizeof(*b) + size)) == NULL)
		return NULL;
	b->next = NULL;
	b->size = size;
	b->used = 0;
	return b;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	size_t need = (n + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	struct arena_block *b = a->last;
	void *p;

	if (need < n)
		return NULL;
	if (b == NULL || b->size - b->used < need) {
		if ((b = block_new(need)) == NULL)
			return NULL;
		if (a->last == NULL)
			a->first = b;
		else
			a->last->next = b;
		a->last = b;
	}
	p = b->data + b->used;
	b->used += need;
	return p;
}

char *
arena_copy(struct arena *a, const void *p, size_t n)
{
	char *copy = n < SIZE_MAX ? arena_alloc(a, n + 1) : NULL;

	if (copy != NULL) {
		if (n > 0)
			memcpy(copy, p, n);
		copy[n] = '\0';
	}
	return copy;
}

static void
free_chain(struct arena_block *b)
{
	while (b != NULL) {
		struct arena_block *next = b->next;

		free(b);
		b = next;
	}
}

void
arena_clear(struct arena *a)
{
	if (a->first == NULL)
		return;
	if (a->first->size > BLOCK_SIZE) {
		arena_release(a);
		return;
	}
	free_chain(a->first->next);
	a->first->next = NULL;
	a->first->used = 0;
	a->last = a->first;
}

void
arena_release(struct arena *a)
{
	free_chain(a->first);
	a->first = a->last = NULL;
}

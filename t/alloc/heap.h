/*
 * heap.h: the process's malloc() and friends, which fail when told to.  All
 * libraries use them too.  What is freed is overwritten.
 */
#ifndef DS_HEAP_H
#define DS_HEAP_H

#include <stdbool.h>
#include <stddef.h>

/* From now on the n-th allocation fails (0: none does), or the n-th and all after it. */
void heap_fail(size_t n, bool all);

/* None fails any more; how many allocations there were, and whether one failed. */
size_t heap_end(bool *failed);

/* While it is true nothing fails, nor is it counted.  What it was before. */
bool heap_spare(bool spare);

/* Blocks that are in use. */
long heap_blocks(void);

#endif

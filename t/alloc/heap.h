/*
 * heap.h: the process's malloc() family, which can be told to fail.  All
 * libraries use it too.  Freed memory is overwritten.
 */
#ifndef DS_HEAP_H
#define DS_HEAP_H

#include <stdbool.h>
#include <stddef.h>

/* Lets the n-th allocation from now on fail (0: none), or the n-th and all after it. */
void heap_fail(size_t n, bool all);

/* Ends that; returns the number of allocations, and whether one failed. */
size_t heap_end(bool *failed);

/* While true, allocations neither fail nor count.  Returns the previous value. */
bool heap_spare(bool spare);

/* The number of allocated blocks. */
long heap_blocks(void);

#endif

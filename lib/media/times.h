/* times.h: when the packets of a file are shown. */
#ifndef DS_TIMES_H
#define DS_TIMES_H

#include <stdbool.h>
#include <stddef.h>

#include "media/media_job.h"
#include "media/source.h"

/*
 * Reads all packets; times[i] is of the stream tracks[i], n of them.
 * With ignore_edits as if there were no edit list.
 */
enum reason times_read(struct media_job *job, bool ignore_edits, const int *tracks,
		       struct track_times *times, size_t n);
/* Do the packets follow each other in the same way? */
bool times_same_shape(const struct track_times *a, const struct track_times *b);

#endif

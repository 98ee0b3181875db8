/* times.h: reads the packet times of a file with ffprobe. */
#ifndef DS_TIMES_H
#define DS_TIMES_H

#include <stdbool.h>
#include <stddef.h>

#include "media/media_job.h"
#include "media/source.h"

/*
 * Reads all packets.  times[i] is of stream tracks[i], for n tracks.  With
 * ignore_edits the edit list is not applied.
 */
enum reason times_read(struct media_job *job, bool ignore_edits, const int *tracks,
		       struct track_times *times, size_t n);
/* Are the times of the packets the same, apart from an offset? */
bool times_same_shape(const struct track_times *a, const struct track_times *b);

#endif

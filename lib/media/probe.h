/* probe.h: examines an uploaded file with ffprobe. */
#ifndef DS_PROBE_H
#define DS_PROBE_H

#include "media/media_job.h"
#include "media/source.h"

/*
 * Fills src: tracks, times, colours, loudness of in/input.  Rejects what
 * exceeds the limits and what cannot be shown.
 */
enum reason probe_upload(struct media_job *job, struct source *src) MUST_CHECK;

#endif

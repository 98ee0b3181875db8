/* probe.h: what an uploaded file is, by ffprobe. */
#ifndef DS_PROBE_H
#define DS_PROBE_H

#include "media/media_job.h"
#include "media/source.h"

/*
 * Finds out what in/input is: its tracks, their times, colours and loudness.
 * Refuses what is over the limits and what cannot be shown.
 */
enum reason media_probe(struct media_job *job, struct source *src) MUST_CHECK;

#endif

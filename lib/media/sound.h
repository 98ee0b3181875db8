/* sound.h: the loudness of a sound track, and how it is changed. */
#ifndef DS_SOUND_H
#define DS_SOUND_H

#include <stdbool.h>

#include "base/buf.h"
#include "media/media_job.h"
#include "media/source.h"

#define LOUDNESS_TOLERANCE 4 /* LU; a sound that is nearer is copied */

/*
 * Decodes src->audio and measures its loudness.  *sound is false if it
 * cannot be decoded, *clean if the decoder complained.
 */
enum reason sound_measure(struct media_job *job, struct source *src, bool *sound, bool *clean);
/* By how many dB its loudness is changed; 0: not at all. */
double sound_gain(const struct media_job *job, const struct source *src);
/* The filters that make of it what we serve, for -af. */
void sound_filters(const struct media_job *job, const struct source *src, struct buf *out);

#endif

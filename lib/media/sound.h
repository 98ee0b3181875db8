/* sound.h: measures and adjusts the loudness of a sound track. */
#ifndef DS_SOUND_H
#define DS_SOUND_H

#include <stdbool.h>

#include "base/buf.h"
#include "media/media_job.h"
#include "media/source.h"

#define LOUDNESS_TOLERANCE 4 /* LU; within this distance of the target the sound is copied */

/*
 * Decodes src->audio and measures its loudness. *sound: it could be decoded.
 * *clean: the decoder reported no error.
 */
enum reason sound_measure(struct media_job *job, struct source *src, bool *sound, bool *clean);
/* By how many dB the loudness is changed; 0: not at all. */
double sound_gain(const struct media_job *job, const struct source *src);
/* Writes the filters for -af. */
void sound_filters(const struct media_job *job, const struct source *src, struct buf *out);

#endif

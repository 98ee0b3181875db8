/* cover.h: picks the cover. */
#ifndef DS_COVER_H
#define DS_COVER_H

#include "media/media_job.h"

/* Makes the best of out/cover-NN.jpg the cover, got/cover.jpg. */
enum reason cover_pick(const struct media_job *job);
/* Makes the picture out/name the cover instead, if it exists. */
enum reason cover_take(const struct media_job *job, const char *name);

#endif

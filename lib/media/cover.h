/* cover.h: which picture is the cover. */
#ifndef DS_COVER_H
#define DS_COVER_H

#include "media/media_job.h"

/* Makes the best of out/cover-NN.jpg got/cover.jpg. */
enum reason cover_pick(const struct media_job *job);
/* The picture out/name in its place, if there is one. */
enum reason cover_take(const struct media_job *job, const char *name);

#endif

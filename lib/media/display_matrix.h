/* display_matrix.h: takes the display matrix out of a file of ours. */
#ifndef DS_UPRIGHT_H
#define DS_UPRIGHT_H

#include <stdbool.h>

#include "media/media_job.h"

/*
 * Takes the display matrix out of an MP4 whose index comes first.  True if
 * there is no such file.
 */
bool display_matrix_remove(const struct media_job *job, const char *file);

#endif

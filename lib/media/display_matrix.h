/* display_matrix.h: removes the display matrix from our output. */
#ifndef DS_DISPLAY_MATRIX_H
#define DS_DISPLAY_MATRIX_H

#include <stdbool.h>

#include "media/media_job.h"

/*
 * Sets the display matrix of all tracks to unity, in an MP4 whose index comes
 * first.  True if the file does not exist.
 */
bool display_matrix_remove(const struct media_job *job, const char *file);

#endif

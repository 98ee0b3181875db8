/*
 * renditions.h: converts videos with ffmpeg, always in the sandbox.
 *
 * The result equals what a good player shows of the author's file: the tracks
 * that players choose, all frames at their times, upright, in BT.709 and
 * limited range; nothing that an edit list hides, no metadata.
 */
#ifndef DS_RENDITIONS_H
#define DS_RENDITIONS_H

#include <stdint.h>

#include "media/media_job.h"
#include "media/source.h"

/* The author's cover; at most one of the two is set. */
struct media_cover {
	enum container picture; /* type of in/cover; CONTAINER_NONE: no such file */
	int64_t ms;		/* time of a frame; -1: none */
};

/*
 * Makes what is needed to show the video, in got/: cover.jpg; small.mp4, 540
 * pixels wide, if the video is wider; and video.mp4 (at most 1920 pixels and 60
 * frames a second) if that needs no encoding or there is no small.mp4.  All are
 * H.264, yuv420p, AAC, faststart, without metadata.
 *
 * If the author's cover cannot be used, the automatic one stays.
 */
enum reason render_first_stage(struct media_job *job, struct source *src,
			       const struct media_cover *cover) MUST_CHECK;

/* Makes video.mp4 if render_first_stage() did not. */
enum reason render_full_stage(struct media_job *job, const struct source *src) MUST_CHECK;

/* The progress of render_first_stage() or render_full_stage() in percent, to be called while it
 * runs. */
int render_progress(const struct media_job *job);

#endif

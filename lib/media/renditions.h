/*
 * renditions.h: converting videos with ffmpeg, always in the sandbox.
 *
 * What is served equals what a good player shows of the author's file: the
 * tracks that players choose, all frames at their own times, upright, in
 * BT.709 and limited range; nothing that an edit list hides, no metadata.
 */
#ifndef DS_RENDITIONS_H
#define DS_RENDITIONS_H

#include <stdint.h>

#include "media/media_job.h"
#include "media/source.h"

/* The author's cover; at most one of the two. */
struct media_cover {
	enum container picture; /* the kind of in/cover; CONTAINER_NONE: no such file */
	int64_t ms;		/* a moment of the video; -1: none */
};

/*
 * Makes what is needed to show the video, in got/: cover.jpg; small.mp4, 540
 * pixels wide, where the video is wider; and video.mp4 (at most 1920 pixels and
 * 60 frames a second) where that costs no encoding or there is no small.mp4.
 * All are H.264, yuv420p, AAC, faststart, without metadata.
 *
 * An author's cover that cannot be had is no failure: ours stays.
 */
enum reason media_first(struct media_job *job, struct source *src,
			const struct media_cover *cover) MUST_CHECK;

/* Makes video.mp4 where media_first() did not. */
enum reason media_full(struct media_job *job, const struct source *src) MUST_CHECK;

/* How far media_first() or media_full() has come, 0 to 100, to be asked while it runs. */
int media_progress(const struct media_job *job);

#endif

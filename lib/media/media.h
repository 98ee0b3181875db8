/*
 * media.h: looking at videos and converting them.  The only module that starts
 * ffmpeg and ffprobe, always through sandbox.h.
 *
 * What is served equals what a good player shows of the author's file: the
 * tracks that players choose, all frames at their own times, upright, in
 * BT.709 and limited range; nothing that an edit list hides, no metadata.
 *
 * The demuxer is named by what the file's first bytes say: left to guess,
 * ffmpeg takes a playlist named .mp4 for what it is and opens what it lists.
 */
#ifndef DS_MEDIA_H
#define DS_MEDIA_H

#include "files/store.h"
#include "media/reason.h"
#include "media/sandbox.h"
#include "media/source.h"

/*
 * What a job works on: folder/in holds the upload's parts, folder/out is for the
 * programs to write to, folder/got has the results that were taken over from there.
 */
struct media_job {
	struct sandbox box;
	const struct conf *conf;
	enum container container; /* of in/input */
	int64_t duration_ms;	  /* for progress; 0: unknown */
	int64_t granted_s;	  /* for the conversion */
	int64_t seen, limit;	  /* for the reason of a failure */
};

/* The author's cover; at most one of the two. */
struct media_cover {
	enum container picture; /* the kind of in/cover; CONTAINER_NONE: no such file */
	int64_t ms;		/* a moment of the video; -1: none */
};

/*
 * Finds out what in/input is: its tracks, their times, colours and loudness.
 * Refuses what is over the limits and what cannot be shown.
 */
enum reason media_probe(struct media_job *job, struct source *src) MUST_CHECK;

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

/*
 * media.h: looking at videos and converting them.  The only module that starts
 * ffmpeg and ffprobe, always through sandbox.h.
 *
 * The demuxer is named by what the file's first bytes say: left to guess,
 * ffmpeg takes a playlist named .mp4 for what it is and opens what it lists.
 */
#ifndef DS_MEDIA_H
#define DS_MEDIA_H

#include "reason.h"
#include "sandbox.h"
#include "store.h"

/* What plays everywhere: pixels of the longer side, frames a second. */
#define MAX_SIDE 1920
#define MAX_FPS 60

struct media_info {
	int width, height;   /* as shown: rotated, with square pixels */
	double fps, seconds; /* 0: unknown */
	bool audio;	     /* has sound */
	bool compliant;	     /* plays everywhere as it is */
	bool pq, hlg;	     /* high dynamic range, by its transfer function */
};

/* What a job works on: folder/in holds the upload's parts, folder/out the results. */
struct media_job {
	struct sandbox box;
	const struct conf *conf;
	enum container container; /* of in/input */
	int64_t duration_ms;	  /* by the probe, for progress; 0: unknown */
	int64_t granted_s;	  /* for the conversion */
	int64_t seen, limit;	  /* for the reason of a failure */
};

/* Looks at in/input and refuses what is over the limits. */
enum reason media_probe(struct media_job *job, struct media_info *info) MUST_CHECK;

/*
 * Makes of in/input, in out/: video.mp4 (H.264 high, yuv420p, AAC, faststart,
 * at most 1920 pixels and 60 frames a second, no metadata; only packed anew if
 * it complies already), small.mp4 where the video is wider than 540 pixels,
 * and cover.jpg: of some moments the sharpest that is not black.
 */
enum reason media_convert(struct media_job *job, const struct media_info *info) MUST_CHECK;

/*
 * The author's cover in the place of ours: the picture in/cover, or a moment
 * of the video.  If it cannot be had, ours stays: the only failure is
 * REASON_STOPPED.
 */
enum reason media_cover_picture(struct media_job *job, enum container kind) MUST_CHECK;
enum reason media_cover_moment(struct media_job *job, int64_t ms) MUST_CHECK;

/* How far media_convert() has come, 0 to 100, to be asked while it runs. */
int media_progress(const struct media_job *job);

#endif

/*
 * media.h: looking at videos and converting them.  The only module that starts
 * ffmpeg and ffprobe.
 *
 * They run with low priority and with limits on time, memory and output, read
 * only files, and are told the demuxer: left to guess, ffmpeg takes a playlist
 * named .mp4 for what it is and opens what it lists.
 */
#ifndef DS_MEDIA_H
#define DS_MEDIA_H

#include <stdbool.h>
#include <stdint.h>

#include "store.h"

enum media_result {
	MEDIA_OK,
	MEDIA_UNREADABLE, /* not a video that ffmpeg can read: final */
	MEDIA_NO_PICTURE, /* it has no video track: final */
	MEDIA_TOO_LONG,	  /* it took more time than the settings grant: final */
	MEDIA_STOPPED,	  /* the tick said so */
	MEDIA_TROUBLE,	  /* ours: no memory, no disk, no ffmpeg; may pass */
};

struct media_info {
	int width, height, rotation;
	bool h264_420; /* video that plays everywhere as it is */
	bool has_audio, aac;
	double seconds; /* 0: unknown */
};

/* Asked every second while a program runs; false ends it. */
struct media_tick {
	bool (*go_on)(void *ctx);
	void *ctx;
};

/* A run's surroundings: all paths are files in folder. */
struct media_job {
	const struct conf *conf;
	const char *folder; /* absolute */
	struct media_tick tick;
};

/* What is in folder/input? */
enum media_result media_probe(const struct media_job *job, enum container container,
			      struct media_info *info) MUST_CHECK;

/*
 * Makes folder/video.mp4 of folder/input: H.264, AAC, faststart, without
 * metadata.  What plays everywhere already is only packed anew.
 */
enum media_result media_convert(const struct media_job *job, enum container container,
				const struct media_info *info) MUST_CHECK;

/* Makes folder/cover.jpg of folder/video.mp4. */
enum media_result media_cover(const struct media_job *job) MUST_CHECK;

#endif

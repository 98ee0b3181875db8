/* container.h: the type of an uploaded file, by its first bytes. */
#ifndef DS_CONTAINER_H
#define DS_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>

/* The type of a file. */
enum container {
	CONTAINER_NONE, /* unknown */

	/* Supported videos. */
	CONTAINER_MP4,	    /* ISO base media and QuickTime: mp4, mov, m4v, 3gp */
	CONTAINER_MATROSKA, /* WebM and Matroska */
	CONTAINER_MPEGTS,   /* MPEG transport streams: ts, mts, m2ts */
	CONTAINER_MPEGPS,   /* MPEG program streams: mpg, vob */
	CONTAINER_AVI,
	CONTAINER_FLV,
	CONTAINER_ASF, /* Windows Media: asf, wmv */
	CONTAINER_OGG,
	CONTAINER_GIF,

	/* Pictures that can be covers. */
	CONTAINER_JPEG,
	CONTAINER_PNG,
	CONTAINER_WEBP,

	/* Not supported; recognized for a precise error. */
	CONTAINER_PHOTO, /* other pictures: HEIC, AVIF, TIFF, BMP, camera raw, ... */
	CONTAINER_SOUND, /* MP3, WAV, FLAC, AAC, AMR, ... */
	CONTAINER_OTHER, /* other videos: MXF, RealMedia, raw streams, ... */
	CONTAINER_COUNT
};

#define CONTAINER_HEAD 1024 /* bytes needed: four packets of MPEG-TS, the brands of MP4 */

/*
 * Recognizes a file by its first n bytes; n is less than CONTAINER_HEAD only if
 * the file is shorter.  Does not decide whether ISO base media, Ogg or ASF
 * holds a video or only sound, but recognizes still pictures (HEIC, AVIF).
 */
enum container container_sniff(const unsigned char *head, size_t n);

static inline bool
container_is_video(enum container c)
{
	return c >= CONTAINER_MP4 && c <= CONTAINER_GIF;
}

static inline bool
container_is_cover(enum container c)
{
	return c >= CONTAINER_JPEG && c <= CONTAINER_WEBP;
}

/* Formats whose timestamps may restart, which ffmpeg compensates. */
static inline bool
container_clock_jumps(enum container c)
{
	return c == CONTAINER_MPEGTS || c == CONTAINER_MPEGPS || c == CONTAINER_OGG;
}

/* The name of ffmpeg's demuxer for a video or cover. */
const char *container_demuxer(enum container c);

#endif

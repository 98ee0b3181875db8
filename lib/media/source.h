/*
 * source.h: what is known about an uploaded video.  probe_upload() fills it in;
 * the filter graph is made from it.
 *
 * Times are in seconds of the demuxer's timeline.
 */
#ifndef DS_SOURCE_H
#define DS_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

/* Limits that every player supports: pixels of the longer side, frames a second. */
#define MAX_SIDE 1920
#define MAX_FPS 60

/* Code points of ITU-T H.273, as zimg takes them. */
enum { COLOUR_GBR = 0, COLOUR_709 = 1, COLOUR_UNKNOWN = 2, COLOUR_601 = 6, COLOUR_2020 = 9 };
enum { TRANSFER_LINEAR = 8, TRANSFER_PQ = 16, TRANSFER_HLG = 18 };

/* Colours of the source; unspecified ones are replaced by what players assume. */
struct colours {
	int matrix, primaries, transfer; /* H.273; never COLOUR_UNKNOWN */
	bool full;			 /* full range */
	bool rgb, alpha;
	double peak; /* peak brightness of HDR, in cd/m2 */
};

/* From the coded to the shown orientation: transpose first, then flip. */
struct turn {
	bool transpose, hflip, vflip;
};

/* Statistics of a track's packets.  Packets hidden by an edit list are counted separately. */
struct track_times {
	int64_t packets, hidden;
	double first, last, end; /* times of the first and last shown packet, and the end */
	double key_gap;		 /* longest time between two key frames */
	double bytes;		 /* of the shown packets */
	double peak_bytes;	 /* in the five seconds with the most bytes */
	double peak_fps;	 /* packets in the second with the most */
	double shape;		 /* checksum of all times relative to the first */
};

struct source {
	int video;		   /* index of the stream */
	const char *video_decoder; /* decoder to name to ffmpeg; NULL: its default */
	int coded_width, coded_height;
	double pixel_aspect; /* width divided by height of a pixel */
	struct turn turn;
	int width, height; /* as shown: rotated, with square pixels */
	struct colours colours;
	bool may_interlace; /* the codec supports fields, and the file does not exclude them */
	bool interlaced;    /* the file declares that it is interlaced */
	struct track_times picture;

	int audio; /* index of the stream; -1: none */
	int channels;
	bool layout_known; /* the channel layout is known */
	double loudness;   /* integrated, in LUFS, of the stereo mix */
	struct track_times sound;

	double offset;	   /* start time that ffmpeg subtracts from all times */
	double start;	   /* the earlier start of picture and sound */
	double declared_s; /* duration of the picture by the index; 0: unknown */
	double fps;	   /* on average */

	bool copy_video, copy_audio; /* may be copied without encoding */
	uint32_t unreadable_sound;   /* fourcc of a sound track without a decoder; 0: none */
	bool sound_lost;	     /* there is sound, but no track can be decoded */
};

/* The duration of what is shown. */
double source_seconds(const struct source *src);

/*
 * The maximum bit rate of a rendition of this size, in bits a second.  kbps is
 * the limit for 1280x720 pixels at 30 frames a second.
 */
double source_bit_rate(const struct source *src, int width, int height, int64_t kbps);

/* The size of the full rendition: proportional, even, the longer side at most MAX_SIDE. */
void source_target(const struct source *src, int *width, int *height);

#endif

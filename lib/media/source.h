/*
 * source.h: what is known of an uploaded video: the tracks that are shown, and
 * how.  media_probe() fills it in; the filters are made from it.
 *
 * Times are in seconds on the demuxer's time line.
 */
#ifndef DS_SOURCE_H
#define DS_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

/* What plays everywhere: pixels of the longer side, frames a second. */
#define MAX_SIDE 1920
#define MAX_FPS 60

/* Code points of ITU-T H.273, as zimg takes them. */
enum { COLOUR_GBR = 0, COLOUR_709 = 1, COLOUR_UNKNOWN = 2, COLOUR_601 = 6, COLOUR_2020 = 9 };
enum { TRANSFER_LINEAR = 8, TRANSFER_PQ = 16, TRANSFER_HLG = 18 };

/* Colours of the source; what the file does not say is what players assume. */
struct colours {
	int matrix, primaries, transfer; /* H.273; never COLOUR_UNKNOWN */
	bool full;			 /* range */
	bool rgb, alpha;
	double peak; /* brightest value of high dynamic range, in cd/m2 */
};

/* From the coded picture to the shown one: transpose first, then the flips. */
struct turn {
	bool transpose, hflip, vflip;
};

/* What the packets of a track say; hidden ones (edit list) are counted apart. */
struct track_times {
	int64_t packets, hidden;
	double first, last, end; /* the first and last shown, and until when */
	double key_gap;		 /* longest time between two key frames */
	double bytes;		 /* of the packets shown */
	double peak_bytes;	 /* in the heaviest five seconds */
	double peak_fps;	 /* packets in the fullest second */
	double shape;		 /* all times relative to the first, weighted by their place */
};

struct source {
	int video;		   /* index of the stream */
	const char *video_decoder; /* to be named to ffmpeg; NULL: its default */
	int coded_width, coded_height;
	double pixel_aspect; /* width of a pixel by its height */
	struct turn turn;
	int width, height; /* as shown: turned, with square pixels */
	struct colours colours;
	bool may_interlace; /* fields may occur: the codec can, and the file does not deny it */
	bool interlaced;    /* the file says that it consists of fields */
	struct track_times picture;

	int audio; /* index of the stream; -1: none */
	int channels;
	bool layout_known; /* what each channel is */
	double loudness;   /* integrated, in LUFS, of two channels */
	struct track_times sound;

	double offset;	   /* what ffmpeg subtracts from all times */
	double start;	   /* the earlier beginning of picture and sound */
	double declared_s; /* the length of the picture by the index; 0: not said */
	double fps;	   /* on average */

	bool copy_video, copy_audio; /* may be served as they are */
	uint32_t unreadable_sound;   /* fourcc of a sound track that no decoder reads; 0: none */
	bool sound_lost;	     /* there is sound, but none that can be decoded */
};

/* The length of what is shown. */
double source_seconds(const struct source *src);

/*
 * The bound on the bit rate of a rendition of this size, in bits a second; kbps is
 * that of 1280x720 pixels at 30 frames a second.
 */
double source_bit_rate(const struct source *src, int width, int height, int64_t kbps);

/* Even sides of the shown picture, the longer one at most MAX_SIDE, in proportion. */
void source_target(const struct source *src, int *width, int *height);

#endif

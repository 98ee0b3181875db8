/* tracks.c: see tracks.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/colour.h"
#include "media/ffprobe.h"
#include "media/tracks.h"

static bool
has_disposition(struct json_object *s, const char *name)
{
	return json_number(json_object_object_get(s, "disposition"), name) != 0;
}

static bool
is_video(struct json_object *s)
{
	return json_is(s, "codec_type", "video") && !has_disposition(s, "attached_pic") &&
	       !has_disposition(s, "timed_thumbnails");
}

/* ffprobe prints the format only if it has a decoder. */
bool
track_decodable(struct json_object *s, const char *format)
{
	const char *text = json_text(s, format);

	return text[0] != '\0' && strcmp(text, "unknown") != 0 &&
	       !json_is(s, "codec_name", "unknown") && json_text(s, "codec_name")[0] != '\0';
}

bool
track_encrypted(struct json_object *s)
{
	static const char *const tags[] = { "encv", "enca", "drmi", "drms", "p608" };
	size_t i;

	for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (json_is(s, "codec_tag_string", tags[i]))
			return true;
	return false;
}

/* The codec_tag as in the file: "vvc1" is 0x76766331. 0: none. */
uint32_t
track_fourcc(struct json_object *s)
{
	uint32_t tag = (uint32_t)strtoul(json_text(s, "codec_tag"), NULL, 16);

	return __builtin_bswap32(tag);
}

/* Enabled tracks first, then the largest. */
struct json_object *
track_choose_video(struct json_object *streams)
{
	struct json_object *best = NULL;
	double score, best_score = -1;
	size_t i;

	for (i = 0; i < json_length(streams); i++) {
		struct json_object *s = json_object_array_get_idx(streams, i);

		if (!is_video(s))
			continue;
		score = (double)json_number(s, "width") * json_number(s, "height");
		score += has_disposition(s, "default") ? 1e12 : 0;
		score += track_decodable(s, "pix_fmt") && !track_encrypted(s) ? 1e13 : 0;
		if (score > best_score) {
			best = s;
			best_score = score;
		}
	}
	return best;
}

/* Are both streams in the same program of a transport stream? */
static bool
same_program(struct json_object *programs, int a, int b)
{
	size_t i, k;

	for (i = 0; i < json_length(programs); i++) {
		struct json_object *list =
		    json_object_object_get(json_object_array_get_idx(programs, i), "streams");
		bool has_a = false, has_b = false;

		for (k = 0; k < json_length(list); k++) {
			int index = json_number(json_object_array_get_idx(list, k), "index");

			has_a = has_a || index == a;
			has_b = has_b || index == b;
		}
		if (has_a && has_b)
			return true;
	}
	return json_length(programs) == 0;
}

/* The rank by which players choose; tracks for special audiences come last. */
static int
sound_rank(struct json_object *s, bool same)
{
	return (same ? 4 : 0) + (has_disposition(s, "default") ? 2 : 0) +
	       (has_disposition(s, "visual_impaired") || has_disposition(s, "comment") ||
			has_disposition(s, "descriptions")
		    ? 0
		    : 1);
}

/* Sorted by rank. */
size_t
track_list_sounds(struct json_object *root, int video, struct json_object *sounds[SOUNDS_MAX])
{
	struct json_object *streams = json_object_object_get(root, "streams");
	struct json_object *programs = json_object_object_get(root, "programs");
	int ranks[SOUNDS_MAX];
	size_t i, k, n = 0;

	for (i = 0; i < json_length(streams) && n < SOUNDS_MAX; i++) {
		struct json_object *s = json_object_array_get_idx(streams, i);
		int rank;

		if (!json_is(s, "codec_type", "audio"))
			continue;
		rank = sound_rank(s, same_program(programs, video, json_number(s, "index")));
		for (k = n++; k > 0 && ranks[k - 1] < rank; k--) {
			sounds[k] = sounds[k - 1];
			ranks[k] = ranks[k - 1];
		}
		sounds[k] = s;
		ranks[k] = rank;
	}
	return n;
}

/*
 * The display matrix, ISO/IEC 14496-12 8.3.2: x' = ax + cy, y' = bx + dy.
 * Other angles are rounded to a multiple of 90 degrees.
 */
static void
read_turn(struct json_object *stream, struct turn *turn)
{
	const char *text = json_text(json_side_data(stream, "Display Matrix"), "displaymatrix");
	double a, b, c, d;

	if (sscanf(text, "%*[^:]: %lf %lf %*f%*[^:]: %lf %lf", &a, &b, &c, &d) != 4)
		return;
	turn->transpose = fabs(b) + fabs(c) > fabs(a) + fabs(d);
	turn->hflip = (turn->transpose ? c : a) < 0;
	turn->vflip = (turn->transpose ? b : d) < 0;
}

static void
read_size(struct json_object *s, struct source *src)
{
	double aspect = json_ratio(s, "sample_aspect_ratio", ':');
	int width;

	src->coded_width = json_number(s, "width");
	src->coded_height = json_number(s, "height");
	src->pixel_aspect = aspect > 0.1 && aspect < 10 ? aspect : 1;
	read_turn(s, &src->turn);
	width = (int)lround(src->coded_width * src->pixel_aspect);
	src->width = src->turn.transpose ? src->coded_height : width;
	src->height = src->turn.transpose ? width : src->coded_height;
}

/* Codecs in which a picture may consist of two fields. */
static bool
may_interlace(struct json_object *s)
{
	static const char *const never[] = { "vp8", "vp9", "av1", "hevc", "gif", "vvc" };
	size_t i;

	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (json_is(s, "codec_name", never[i]))
			return false;
	return true;
}

/* Does every player support the stream as it is: profile, level, format, upright, progressive? */
static bool
plays_everywhere(struct json_object *s, const struct source *src)
{
	const struct colours *c = &src->colours;

	return json_is(s, "codec_name", "h264") && json_is(s, "pix_fmt", "yuv420p") &&
	       (json_is(s, "profile", "High") || json_is(s, "profile", "Main") ||
		json_is(s, "profile", "Baseline") ||
		json_is(s, "profile", "Constrained Baseline")) &&
	       !src->turn.transpose && !src->turn.hflip && !src->turn.vflip &&
	       src->pixel_aspect == 1 && src->coded_width <= MAX_SIDE &&
	       src->coded_height <= MAX_SIDE && src->coded_width % 2 == 0 &&
	       src->coded_height % 2 == 0 && json_is(s, "field_order", "progressive") &&
	       c->matrix == COLOUR_709 && c->primaries == COLOUR_709 && c->transfer == COLOUR_709 &&
	       !c->full;
}

void
track_read_video(struct json_object *s, struct source *src)
{
	const char *order = json_text(s, "field_order");

	src->video = json_number(s, "index");
	if (json_seconds(s, "duration") > 0)
		src->declared_s = json_seconds(s, "duration");
	read_size(s, src);
	colours_read(s, &src->colours);
	if (json_is(json_object_object_get(s, "tags"), "alpha_mode", "1")) {
		/* ffmpeg's own decoders of VP8 and VP9 ignore the alpha channel. */
		src->colours.alpha = true;
		src->video_decoder = json_is(s, "codec_name", "vp8") ? "libvpx" : "libvpx-vp9";
	}
	src->may_interlace = may_interlace(s) && !src->colours.rgb && !src->colours.alpha;
	src->interlaced = src->may_interlace && order[0] != '\0' &&
			  strcmp(order, "progressive") != 0 && strcmp(order, "unknown") != 0;
	src->copy_video = plays_everywhere(s, src);
}

void
track_read_sound(struct json_object *s, struct source *src)
{
	const char *layout = json_text(s, "channel_layout");

	src->audio = json_number(s, "index");
	src->channels = json_number(s, "channels");
	src->layout_known = layout[0] != '\0' && strcmp(layout, "unknown") != 0;
	src->copy_audio =
	    json_is(s, "codec_name", "aac") && json_is(s, "profile", "LC") && src->channels <= 2;
}

/* tracks.h: chooses the tracks to show, and reads their properties from ffprobe's JSON. */
#ifndef DS_TRACKS_H
#define DS_TRACKS_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "media/source.h"

#define SOUNDS_MAX 8 /* sound tracks that are considered */

/*
 * The track that players choose: enabled ones first, no cover art, no
 * previews.  NULL: no video track.
 */
struct json_object *track_choose_video(struct json_object *streams);
/* The sound tracks that fit that video, in the order in which players choose them. */
size_t track_list_sounds(struct json_object *root, int video,
			 struct json_object *sounds[SOUNDS_MAX]);
/* Is there a decoder? format: "pix_fmt" or "sample_fmt", which ffprobe prints only then. */
bool track_decodable(struct json_object *stream, const char *format);
bool track_encrypted(struct json_object *stream);
/* See fourcc.h. */
uint32_t track_fourcc(struct json_object *stream);
void track_read_video(struct json_object *stream, struct source *src);
void track_read_sound(struct json_object *stream, struct source *src);

#endif

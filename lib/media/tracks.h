/* tracks.h: which tracks of a file are shown, and what ffprobe says of them. */
#ifndef DS_TRACKS_H
#define DS_TRACKS_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "media/source.h"

#define SOUNDS_MAX 8 /* sound tracks that are considered */

/*
 * The track that players choose: enabled ones first, no cover art, no
 * previews.  NULL: no video track at all.
 */
struct json_object *track_choose_video(struct json_object *streams);
/* The sound tracks in the order in which players choose them, beside that picture. */
size_t track_list_sounds(struct json_object *root, int video,
			 struct json_object *sounds[SOUNDS_MAX]);
/* format: "pix_fmt" or "sample_fmt", which ffprobe knows only where it has a decoder. */
bool track_decodable(struct json_object *stream, const char *format);
bool track_encrypted(struct json_object *stream);
/* See fourcc.h. */
uint32_t track_fourcc(struct json_object *stream);
void track_read_video(struct json_object *stream, struct source *src);
void track_read_sound(struct json_object *stream, struct source *src);

#endif

/*
 * ffprobe.h: the command line of ffprobe, and values of its JSON.
 *
 * The demuxer is always named, by the file's first bytes: ffmpeg's own
 * detection would accept a playlist named .mp4 and open the files it lists.
 */
#ifndef DS_FFPROBE_H
#define DS_FFPROBE_H

#include <json-c/json.h>
#include <stdbool.h>

#include "media/media_job.h"

/* Adds the start of each ffprobe command: log level, file protocol only, demuxer. */
void command_add_ffprobe(struct command *c, const char *demuxer);

/* Parses stdout.  The caller gives the result to json_object_put().  NULL: not JSON. */
struct json_object *ffprobe_read(const struct media_job *job);

/* Values of ffprobe's JSON; "" or 0 if absent. */
const char *json_text(struct json_object *o, const char *key);
int json_number(struct json_object *o, const char *key);
double json_seconds(struct json_object *o, const char *key);
bool json_is(struct json_object *o, const char *key, const char *value);
size_t json_length(struct json_object *list);
/* "30000/1001" or "4:3" as a number; 0 if invalid. */
double json_ratio(struct json_object *o, const char *key, char separator);
/* The stream's side data of this type; NULL if absent. */
struct json_object *json_side_data(struct json_object *stream, const char *type);

#endif

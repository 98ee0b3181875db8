/*
 * ffprobe.h: the command line of ffprobe, and values of its JSON.
 *
 * The demuxer is named by what the file's first bytes say: left to guess,
 * ffmpeg takes a playlist named .mp4 for what it is and opens what it lists.
 */
#ifndef DS_FFPROBE_H
#define DS_FFPROBE_H

#include <json-c/json.h>
#include <stdbool.h>

#include "media/media_job.h"

/* How every look by ffprobe begins: what is an error, files only, the demuxer by its name. */
void command_add_ffprobe(struct command *c, const char *demuxer);

/* What it has written to stdout, to be given to json_object_put(); NULL: no JSON. */
struct json_object *ffprobe_read(const struct media_job *job);

/* Values of ffprobe's JSON; "" and 0 where there is none. */
const char *json_text(struct json_object *o, const char *key);
int json_number(struct json_object *o, const char *key);
double json_seconds(struct json_object *o, const char *key);
bool json_is(struct json_object *o, const char *key, const char *value);
size_t json_length(struct json_object *list);
/* "30000/1001" or "4:3" as a number; 0 if it is none. */
double json_ratio(struct json_object *o, const char *key, char separator);
/* The stream's side data of this type, or NULL. */
struct json_object *json_side_data(struct json_object *stream, const char *type);

#endif

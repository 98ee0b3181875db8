/* colour.h: reads the colours of a video stream from ffprobe's JSON. */
#ifndef DS_COLOUR_H
#define DS_COLOUR_H

#include <json-c/json.h>

#include "media/source.h"

void colours_read(struct json_object *stream, struct colours *colours);

#endif

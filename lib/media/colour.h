/* colour.h: the colours of a video stream, as ffprobe names them. */
#ifndef DS_COLOUR_H
#define DS_COLOUR_H

#include <json-c/json.h>

#include "media/source.h"

void colours_read(struct json_object *stream, struct colours *colours);

#endif

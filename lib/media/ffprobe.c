/* ffprobe.c: see ffprobe.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/ffprobe.h"

#define PROBE_MAX (1024 * 1024)

void
command_add_ffprobe(struct command *c, const char *demuxer)
{
	ADD(c, "ffprobe", "-v", "error", "-protocol_whitelist", "file", "-f", demuxer);
}

struct json_object *
ffprobe_read(const struct media_job *job)
{
	char *text = malloc(PROBE_MAX);
	struct json_tokener *tokener = json_tokener_new();
	FILE *f = media_job_open(job, "stdout");
	struct json_object *json = NULL;
	size_t n;

	if (text != NULL && tokener != NULL && f != NULL) {
		n = fread(text, 1, PROBE_MAX, f);
		/* Not JSON_TOKENER_STRICT: json-c 0.18 then refuses every text beyond ASCII. */
		json_tokener_set_flags(tokener, JSON_TOKENER_VALIDATE_UTF8);
		json = json_tokener_parse_ex(tokener, text, (int)n);
	}
	if (f != NULL)
		fclose(f);
	if (tokener != NULL)
		json_tokener_free(tokener);
	free(text);
	return json;
}

const char *
json_text(struct json_object *o, const char *key)
{
	const char *text = json_object_get_string(json_object_object_get(o, key));

	return text == NULL ? "" : text;
}

int
json_number(struct json_object *o, const char *key)
{
	return json_object_get_int(json_object_object_get(o, key));
}

double
json_ratio(struct json_object *o, const char *key, char separator)
{
	const char *text = json_text(o, key), *second = strchr(text, separator);
	double a = strtod(text, NULL), b = second == NULL ? 0 : strtod(second + 1, NULL);

	return b > 0 && a > 0 ? a / b : 0;
}

double
json_seconds(struct json_object *o, const char *key)
{
	return json_object_get_double(json_object_object_get(o, key));
}

bool
json_is(struct json_object *o, const char *key, const char *value)
{
	return strcmp(json_text(o, key), value) == 0;
}

size_t
json_length(struct json_object *list)
{
	return json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
}

struct json_object *
json_side_data(struct json_object *stream, const char *type)
{
	struct json_object *list = json_object_object_get(stream, "side_data_list"), *data;
	size_t i, n = json_length(list);

	for (i = 0; i < n; i++) {
		data = json_object_array_get_idx(list, i);
		if (json_is(data, "side_data_type", type))
			return data;
	}
	return NULL;
}

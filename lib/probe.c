/* probe.c: what a file is, by ffprobe.  See media.h. */
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media.h"

#define PROBE_MAX (1024 * 1024)
#define PROBE_SECONDS 30

/* A file parsed as JSON, to be given to json_object_put(); or NULL. */
static struct json_object *
read_json(const char *path)
{
	char *text = malloc(PROBE_MAX);
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *json = NULL;
	FILE *f = fopen(path, "re");
	size_t n;

	if (text != NULL && tokener != NULL && f != NULL) {
		n = fread(text, 1, PROBE_MAX, f);
		json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
		json = json_tokener_parse_ex(tokener, text, (int)n);
	}
	if (f != NULL)
		fclose(f);
	if (tokener != NULL)
		json_tokener_free(tokener);
	free(text);
	return json;
}

static const char *
text_of(struct json_object *o, const char *key)
{
	const char *text = json_object_get_string(json_object_object_get(o, key));

	return text == NULL ? "" : text;
}

static int
int_of(struct json_object *o, const char *key)
{
	return json_object_get_int(json_object_object_get(o, key));
}

/* "30000/1001" or "4:3" as a number; 0 if it is none. */
static double
ratio_of(struct json_object *o, const char *key, char separator)
{
	const char *text = text_of(o, key), *second = strchr(text, separator);
	double a = strtod(text, NULL), b = second == NULL ? 0 : strtod(second + 1, NULL);

	return b > 0 && a > 0 ? a / b : 0;
}

static bool
is(struct json_object *o, const char *key, const char *value)
{
	return strcmp(text_of(o, key), value) == 0;
}

/* The display matrix's rotation, in degrees; phones turn the picture by it. */
static int
rotation_of(struct json_object *stream)
{
	struct json_object *list = json_object_object_get(stream, "side_data_list"), *rotation;
	size_t i,
	    n = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;

	for (i = 0; i < n; i++) {
		rotation = json_object_object_get(json_object_array_get_idx(list, i), "rotation");
		if (rotation != NULL)
			return json_object_get_int(rotation);
	}
	return 0;
}

static bool
plain_h264(struct json_object *s)
{
	return is(s, "codec_name", "h264") && is(s, "pix_fmt", "yuv420p") &&
	       (is(s, "profile", "High") || is(s, "profile", "Main") ||
		is(s, "profile", "Baseline") || is(s, "profile", "Constrained Baseline"));
}

static void
read_video(struct json_object *s, struct media_info *info)
{
	double aspect = ratio_of(s, "sample_aspect_ratio", ':');
	int rotation = rotation_of(s), swap;

	info->width = int_of(s, "width");
	info->height = int_of(s, "height");
	info->fps = ratio_of(s, "avg_frame_rate", '/');
	info->pq = is(s, "color_transfer", "smpte2084");
	info->hlg = is(s, "color_transfer", "arib-std-b67");
	info->compliant = plain_h264(s) && rotation == 0 && (aspect == 0 || aspect == 1) &&
			  !info->pq && !info->hlg && info->fps <= MAX_FPS &&
			  info->width <= MAX_SIDE && info->height <= MAX_SIDE &&
			  info->width % 2 == 0 && info->height % 2 == 0;
	if (aspect > 0.1 && aspect < 10)
		info->width = (int)lround(info->width * aspect);
	if (rotation % 180 != 0) {
		swap = info->width;
		info->width = info->height;
		info->height = swap;
	}
}

static void
read_streams(struct json_object *streams, struct media_info *info)
{
	size_t i, n = json_object_is_type(streams, json_type_array)
			  ? json_object_array_length(streams)
			  : 0;
	bool plain_audio = true;

	for (i = 0; i < n; i++) {
		struct json_object *s = json_object_array_get_idx(streams, i);

		if (is(s, "codec_type", "video") && info->width == 0)
			read_video(s, info);
		if (is(s, "codec_type", "audio") && !info->audio) {
			info->audio = true;
			plain_audio = is(s, "codec_name", "aac") && is(s, "profile", "LC") &&
				      int_of(s, "channels") <= 2;
		}
	}
	info->compliant = info->compliant && plain_audio;
}

/*
 * ffmpeg itself opens no picture as large as some claim to be, and then knows
 * no size; but it says which it refused.
 */
static void
read_refused_size(const struct media_job *job, struct media_info *info)
{
	char path[STORE_PATH_MAX], line[512];
	const char *text;
	int width, height;
	FILE *f;

	snprintf(path, sizeof(path), "%s/stderr", job->box.folder);
	if ((f = fopen(path, "re")) == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL)
		if ((text = strstr(line, "Picture size ")) != NULL &&
		    sscanf(text, "Picture size %9dx%9d is invalid", &width, &height) == 2) {
			info->width = width;
			info->height = height;
		}
	fclose(f);
}

/* Over a limit?  What was seen and what is allowed go into the job. */
static enum reason
check_limits(struct media_job *job, const struct media_info *info)
{
	int longer = info->width > info->height ? info->width : info->height;

	if (longer > job->conf->video_max_side) {
		job->seen = longer;
		job->limit = job->conf->video_max_side;
		return REASON_TOO_LARGE;
	}
	/* Half a second is what containers round away. */
	if (info->seconds > (double)job->conf->video_max_seconds + 0.5) {
		job->seen = (int64_t)ceil(info->seconds);
		job->limit = job->conf->video_max_seconds;
		return REASON_TOO_LONG;
	}
	return REASON_NONE;
}

enum reason
media_probe(struct media_job *job, struct media_info *info)
{
	const char *const argv[] = { "ffprobe",
				     "-v",
				     "error",
				     "-protocol_whitelist",
				     "file",
				     "-f",
				     store_demuxer(job->container),
				     "-show_streams",
				     "-show_format",
				     "-of",
				     "json",
				     "../in/input",
				     NULL };
	char path[STORE_PATH_MAX];
	struct json_object *json;
	enum reason r = reason_of_container(job->container);

	memset(info, 0, sizeof(*info));
	if (r != REASON_NONE)
		return r;
	switch (sandbox_run(&job->box, argv, PROBE_SECONDS)) {
	case SANDBOX_OK:
		break;
	case SANDBOX_STOPPED:
		return REASON_STOPPED;
	case SANDBOX_TROUBLE:
		return REASON_INTERNAL;
	default:
		return REASON_DAMAGED;
	}
	snprintf(path, sizeof(path), "%s/stdout", job->box.folder);
	if ((json = read_json(path)) == NULL)
		return REASON_DAMAGED;
	read_streams(json_object_object_get(json, "streams"), info);
	info->seconds = json_object_get_double(
	    json_object_object_get(json_object_object_get(json, "format"), "duration"));
	json_object_put(json);
	read_refused_size(job, info);
	if (info->width <= 0 || info->height <= 0)
		return REASON_NO_PICTURE;
	if (!(info->seconds > 0))
		info->seconds = 0;
	job->duration_ms = info->seconds < 1e6 ? (int64_t)(info->seconds * 1000) : 0;
	return check_limits(job, info);
}

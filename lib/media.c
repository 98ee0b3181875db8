/* media.c: see media.h. */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "media.h"
#include "run.h"

#define MAX_SIDE 1920
#define PROBE_MAX (1024 * 1024)
#define MEMORY_MB 4096

static const char *
demuxer(enum container container)
{
	return container == CONTAINER_MATROSKA ? "matroska" : "mov";
}

static struct run_limits
limits_of(const struct media_job *job, int64_t wall_s)
{
	return (struct run_limits){
		.wall_s = wall_s,
		.cpu_s = wall_s * 4,
		.memory_mb = MEMORY_MB,
		.file_mb = job->conf->upload_max_mb * 2 + 64,
	};
}

/* folder/name parsed as JSON, to be given to json_object_put(); or NULL. */
static struct json_object *
read_json(const char *folder, const char *name)
{
	char path[STORE_PATH_MAX], *text = malloc(PROBE_MAX);
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *json = NULL;
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "re");
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

/* The display matrix's rotation, in degrees; phones turn the picture by it. */
static int
rotation_of(struct json_object *stream)
{
	struct json_object *list = json_object_object_get(stream, "side_data_list");
	size_t i,
	    n = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;

	for (i = 0; i < n; i++) {
		struct json_object *rotation =
		    json_object_object_get(json_object_array_get_idx(list, i), "rotation");

		if (rotation != NULL)
			return json_object_get_int(rotation);
	}
	return 0;
}

static void
read_stream(struct json_object *stream, struct media_info *info)
{
	const char *type = text_of(stream, "codec_type"), *codec = text_of(stream, "codec_name");

	if (strcmp(type, "video") == 0 && info->width == 0) {
		info->width = json_object_get_int(json_object_object_get(stream, "width"));
		info->height = json_object_get_int(json_object_object_get(stream, "height"));
		info->rotation = rotation_of(stream);
		info->h264_420 = strcmp(codec, "h264") == 0 &&
				 strcmp(text_of(stream, "pix_fmt"), "yuv420p") == 0;
	} else if (strcmp(type, "audio") == 0 && !info->has_audio) {
		info->has_audio = true;
		info->aac = strcmp(codec, "aac") == 0;
	}
}

enum media_result
media_probe(const struct media_job *job, enum container container, struct media_info *info)
{
	const char *const argv[] = { "ffprobe",
				     "-v",
				     "error",
				     "-protocol_whitelist",
				     "file",
				     "-f",
				     demuxer(container),
				     "-show_streams",
				     "-show_format",
				     "-of",
				     "json",
				     "input",
				     NULL };
	struct run_limits limits = limits_of(job, 30);
	enum media_result result = run_program(job, argv, &limits);
	struct json_object *json, *streams;
	size_t i;

	memset(info, 0, sizeof(*info));
	if (result != MEDIA_OK)
		return result;
	if ((json = read_json(job->folder, "stdout")) == NULL)
		return MEDIA_UNREADABLE;
	streams = json_object_object_get(json, "streams");
	if (json_object_is_type(streams, json_type_array))
		for (i = 0; i < json_object_array_length(streams); i++)
			read_stream(json_object_array_get_idx(streams, i), info);
	info->seconds = json_object_get_double(
	    json_object_object_get(json_object_object_get(json, "format"), "duration"));
	json_object_put(json);
	return info->width > 0 && info->height > 0 ? MEDIA_OK : MEDIA_NO_PICTURE;
}

/* Does it play everywhere as it is? */
static bool
compliant(const struct media_info *info)
{
	return info->h264_420 && info->rotation == 0 && info->width <= MAX_SIDE &&
	       info->height <= MAX_SIDE && (info->aac || !info->has_audio);
}

enum media_result
media_convert(const struct media_job *job, enum container container, const struct media_info *info)
{
	/* Even sides, the longer one at most MAX_SIDE. */
	static const char scale[] = "scale=w='max(2,trunc(iw*min(1,1920/max(iw,ih))/2)*2)'"
				    ":h='max(2,trunc(ih*min(1,1920/max(iw,ih))/2)*2)',setsar=1";
	const char *const copy[] = { "ffmpeg",
				     "-nostdin",
				     "-v",
				     "error",
				     "-protocol_whitelist",
				     "file",
				     "-f",
				     demuxer(container),
				     "-i",
				     "input",
				     "-map",
				     "0:v:0",
				     "-map",
				     "0:a:0?",
				     "-map_metadata",
				     "-1",
				     "-map_chapters",
				     "-1",
				     "-c",
				     "copy",
				     "-movflags",
				     "+faststart",
				     "-f",
				     "mp4",
				     "-y",
				     "video.mp4",
				     NULL };
	const char *const encode[] = { "ffmpeg",
				       "-nostdin",
				       "-v",
				       "error",
				       "-protocol_whitelist",
				       "file",
				       "-f",
				       demuxer(container),
				       "-i",
				       "input",
				       "-map",
				       "0:v:0",
				       "-map",
				       "0:a:0?",
				       "-map_metadata",
				       "-1",
				       "-map_chapters",
				       "-1",
				       "-vf",
				       scale,
				       "-c:v",
				       "libx264",
				       "-profile:v",
				       "high",
				       "-preset",
				       "veryfast",
				       "-crf",
				       "23",
				       "-pix_fmt",
				       "yuv420p",
				       "-c:a",
				       "aac",
				       "-b:a",
				       "128k",
				       "-ac",
				       "2",
				       "-movflags",
				       "+faststart",
				       "-f",
				       "mp4",
				       "-y",
				       "video.mp4",
				       NULL };
	struct run_limits limits = limits_of(job, job->conf->transcode_timeout_s);

	return run_program(job, compliant(info) ? copy : encode, &limits);
}

enum media_result
media_cover(const struct media_job *job)
{
	/* The most typical of the first frames: a flash or a black one is not. */
	const char *const argv[] = { "ffmpeg",
				     "-nostdin",
				     "-v",
				     "error",
				     "-protocol_whitelist",
				     "file",
				     "-f",
				     "mov",
				     "-i",
				     "video.mp4",
				     "-vf",
				     "thumbnail=n=60,scale=w='min(1080,iw)':h=-2",
				     "-frames:v",
				     "1",
				     "-q:v",
				     "4",
				     "-map_metadata",
				     "-1",
				     "-f",
				     "image2",
				     "-update",
				     "1",
				     "-y",
				     "cover.jpg",
				     NULL };
	struct run_limits limits = limits_of(job, 60);

	return run_program(job, argv, &limits);
}

/* probe.c: see probe.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/ffprobe.h"
#include "media/probe.h"
#include "media/sound.h"
#include "media/times.h"
#include "media/tracks.h"

/* Chooses the first sound track that can be decoded. */
static enum reason
choose_sound(struct media_job *job, struct json_object *root, struct source *src)
{
	struct json_object *sounds[SOUNDS_MAX];
	size_t i, n = track_list_sounds(root, src->video, sounds);
	bool sound = false, clean = true;
	enum reason r = REASON_NONE;

	for (i = 0; i < n && !sound && r == REASON_NONE; i++) {
		track_read_sound(sounds[i], src);
		if (track_decodable(sounds[i], "sample_fmt") && !track_encrypted(sounds[i]))
			r = sound_measure(job, src, &sound, &clean);
		if (!sound && src->unreadable_sound == 0)
			src->unreadable_sound = track_fourcc(sounds[i]);
	}
	src->copy_audio = src->copy_audio && clean;
	src->sound_lost = n > 0 && !sound;
	if (!sound)
		src->audio = -1;
	return r;
}

/*
 * ffmpeg does not open a picture above its own limit and then reports no size,
 * but its error message has it.
 */
static void
read_refused_size(const struct media_job *job, struct source *src)
{
	char line[512];
	const char *text;
	int width, height;
	FILE *f = media_job_open(job, "stderr");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if ((text = strstr(line, "Picture size ")) != NULL &&
		    sscanf(text, "Picture size %9dx%9d is invalid", &width, &height) == 2) {
			src->width = width;
			src->height = height;
		}
	if (f != NULL)
		fclose(f);
}

/* Checks the size limit; stores what was seen and what is allowed in the job. */
static enum reason
check_size(struct media_job *job, const struct source *src)
{
	int longer = src->width > src->height ? src->width : src->height;

	if (longer <= job->conf->video_max_side)
		return REASON_NONE;
	job->seen = longer;
	job->limit = job->conf->video_max_side;
	return REASON_TOO_LARGE;
}

static enum reason
check_length(struct media_job *job, double seconds)
{
	/* Containers round the duration: allow half a second. */
	if (seconds <= (double)job->conf->video_max_seconds + 0.5)
		return REASON_NONE;
	job->seen = seconds < 1e9 ? (int64_t)ceil(seconds) : 1000000000;
	job->limit = job->conf->video_max_seconds;
	return REASON_TOO_LONG;
}

/* Does the file stdout or stderr contain the text? */
static bool
output_contains(const struct media_job *job, const char *name, const char *text)
{
	FILE *f = media_job_open(job, name);
	bool found = false;
	char line[512];

	while (f != NULL && !found && fgets(line, sizeof(line), f) != NULL)
		found = strstr(line, text) != NULL;
	if (f != NULL)
		fclose(f);
	return found;
}

/* Does ffmpeg have the decoder that ffprobe names for the stream? */
static enum reason
check_decoder(struct media_job *job, struct json_object *s)
{
	char which[64];
	const char *const argv[] = { "ffmpeg", "-hide_banner", "-h", which, NULL };
	enum sandbox_result result;

	if (json_text(s, "codec_name")[0] == '\0' || json_is(s, "codec_name", "unknown") ||
	    json_is(s, "codec_name", "none"))
		return REASON_UNREADABLE_CODEC;
	snprintf(which, sizeof(which), "decoder=%s", json_text(s, "codec_name"));
	result = sandbox_run(&job->box, argv, PROBE_SECONDS);
	if (result != SANDBOX_OK && result != SANDBOX_FAILED)
		return media_job_reason(job, result);
	return output_contains(job, "stdout", "no decoders") ||
		       output_contains(job, "stderr", "no decoders")
		   ? REASON_UNREADABLE_CODEC
		   : REASON_DAMAGED;
}

/* Why the video track cannot be shown; REASON_NONE: it can. */
static enum reason
check_video(struct media_job *job, struct json_object *s, const struct source *src)
{
	struct json_object *dolby = json_side_data(s, "DOVI configuration record");
	enum reason r;

	if ((r = check_size(job, src)) != REASON_NONE)
		return r;
	if (track_encrypted(s))
		return REASON_ENCRYPTED;
	if (!track_decodable(s, "pix_fmt")) {
		job->seen = track_fourcc(s);
		return check_decoder(job, s);
	}
	/* A format of Dolby Vision without a compatible base layer. */
	if (dolby != NULL && json_number(dolby, "dv_bl_signal_compatibility_id") == 0 &&
	    json_number(dolby, "dv_profile") != 7)
		return REASON_DOLBY_VISION;
	return src->width > 0 && src->height > 0 ? REASON_NONE : REASON_NO_PICTURE;
}

static bool
has_kind(struct json_object *streams, const char *kind)
{
	size_t i;

	for (i = 0; i < json_length(streams); i++)
		if (json_is(json_object_array_get_idx(streams, i), "codec_type", kind))
			return true;
	return false;
}

/* Chooses the video and sound tracks. */
static enum reason
read_streams(struct media_job *job, struct json_object *root, struct source *src)
{
	struct json_object *streams = json_object_object_get(root, "streams");
	struct json_object *format = json_object_object_get(root, "format");
	struct json_object *video = track_choose_video(streams);
	enum reason r;

	src->offset = json_seconds(format, "start_time");
	src->declared_s = json_seconds(format, "duration");
	if (video != NULL)
		track_read_video(video, src);
	read_refused_size(job, src);
	if (video == NULL && (r = check_size(job, src)) != REASON_NONE)
		return r;
	if (video == NULL)
		return has_kind(streams, "audio") ? REASON_SOUND_ONLY : REASON_NO_PICTURE;
	if ((r = check_video(job, video, src)) != REASON_NONE)
		return r;
	return choose_sound(job, root, src);
}

/* Is the average bit rate below the limit, and below twice the limit in any five seconds? */
static bool
light_enough(const struct media_job *job, const struct source *src)
{
	double bound = source_bit_rate(src, src->width, src->height, job->conf->video_kbps) / 8;
	double seconds = src->picture.end - src->picture.first;

	return seconds > 0 && src->picture.bytes <= bound * seconds &&
	       src->picture.peak_bytes <= 2 * bound * 5;
}

/* Are the shown times the same with and without the edit list? */
static bool
same_times(const struct source *src, const struct track_times plain[2])
{
	const struct track_times *p = &src->picture, *s = &src->sound;

	return p->hidden == 0 && times_same_shape(p, &plain[0]) &&
	       (src->audio < 0 || fabs(plain[1].end - plain[1].first - (s->end - s->first)) < 0.12);
}

/*
 * A copy contains all packets, so no packet may be hidden by the edit list, and
 * picture and sound must start at ffmpeg's time zero.
 */
static enum reason
check_copy(struct media_job *job, struct source *src)
{
	const int tracks[2] = { src->video, src->audio };
	struct track_times plain[2];
	enum reason r = REASON_NONE;

	src->copy_video =
	    src->copy_video && src->fps <= MAX_FPS + 0.5 && src->picture.peak_fps <= MAX_FPS + 2 &&
	    src->picture.key_gap <= (double)job->conf->key_frame_s + 0.001 &&
	    light_enough(job, src) && fabs(src->picture.first - src->start) < 0.001 &&
	    fabs(src->start - src->offset) < 0.001 && src->picture.end - src->picture.last < 1 &&
	    (job->container == CONTAINER_MP4 || job->container == CONTAINER_MATROSKA);
	if (src->copy_video && job->container == CONTAINER_MP4) {
		r = times_read(job, true, tracks, plain, src->audio < 0 ? 1 : 2);
		src->copy_video = r == REASON_NONE && same_times(src, plain);
	}
	src->copy_audio =
	    src->copy_audio && src->copy_video && fabs(sound_gain(job, src)) <= LOUDNESS_TOLERANCE;
	return r;
}

/*
 * Is the file truncated? Only if the demuxer met an unexpected end: the length
 * in the index may be wrong.
 */
static bool
is_truncated(const struct media_job *job, const struct source *src)
{
	return src->picture.end - src->picture.first < src->declared_s * 0.9 - 0.5 &&
	       (output_contains(job, "stderr", "partial file") ||
		output_contains(job, "stderr", "ended prematurely"));
}

/*
 * Estimates the cost of decoding by the number of packets, before anything is
 * decoded.  Fields in packets of their own count as frames.
 */
static enum reason
check_weight(struct media_job *job, const struct source *src)
{
	double pixels = (double)src->coded_width * src->coded_height;
	double gigapixels = ceil(pixels * (double)src->picture.packets / 1e9);

	if (gigapixels <= (double)job->conf->video_max_gigapixels)
		return REASON_NONE;
	job->seen = (int64_t)gigapixels;
	job->limit = job->conf->video_max_gigapixels;
	return REASON_TOO_HEAVY;
}

/* Reads the packet times of the chosen tracks and checks what follows from them. */
static enum reason
read_times(struct media_job *job, struct source *src)
{
	const int tracks[2] = { src->video, src->audio };
	struct track_times times[2];
	enum reason r = times_read(job, false, tracks, times, src->audio < 0 ? 1 : 2);
	double seconds;

	if (r != REASON_NONE)
		return r;
	src->picture = times[0];
	if (src->picture.packets == src->picture.hidden || is_truncated(job, src))
		return REASON_DAMAGED;
	src->start = src->picture.first;
	if (src->audio >= 0) {
		src->sound = times[1];
		if (src->sound.packets == src->sound.hidden)
			src->audio = -1;
		else if (src->sound.first < src->start)
			src->start = src->sound.first;
	}
	seconds = src->picture.end - src->picture.first;
	src->fps = seconds > 0 ? (double)(src->picture.packets - src->picture.hidden) / seconds : 0;
	job->duration_ms = (int64_t)(source_seconds(src) * 1000);
	if ((r = check_length(job, source_seconds(src))) != REASON_NONE)
		return r;
	return check_weight(job, src);
}

enum reason
probe_upload(struct media_job *job, struct source *src)
{
	struct command c = { .n = 0 };
	struct json_object *json;
	enum reason r;

	memset(src, 0, sizeof(*src));
	src->audio = -1;
	if ((r = reason_of_container(job->container)) != REASON_NONE)
		return r;
	command_add_ffprobe(&c, container_demuxer(job->container));
	ADD(&c, "-show_streams", "-show_format", "-show_programs", "-of", "json", "../in/input");
	if ((r = media_job_reason(job, sandbox_run(&job->box, c.argv, PROBE_SECONDS))) !=
	    REASON_NONE)
		return output_contains(job, "stderr", "DRM") ? REASON_ENCRYPTED : r;
	if ((json = ffprobe_read(job)) == NULL)
		return REASON_DAMAGED;
	r = read_streams(job, json, src);
	json_object_put(json);
	if (r == REASON_NONE)
		r = read_times(job, src);
	return r == REASON_NONE ? check_copy(job, src) : r;
}

/* renditions.c: see renditions.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/cover.h"
#include "media/display_matrix.h"
#include "media/ffprobe.h"
#include "media/graph.h"
#include "media/renditions.h"
#include "media/sound.h"

#define COVER_SECONDS 60
#define KEY_FRAMES "expr:gte(t,n_forced*2)"

/* Remove SEI of H.264, which may contain data about author and camera. */
#define NO_SEI "filter_units=remove_types=6"

/* Marks a copied stream as BT.709, in case it has no colour description. */
#define TAGGED                                                                               \
	"h264_metadata=colour_primaries=1:transfer_characteristics=1:matrix_coefficients=1:" \
	"video_full_range_flag=0"

/* The texts of a command line, which borrows them. */
struct texts {
	struct buf graph, sound;
	char longest[24], video[16], audio[16];
	char rate[24], buffer[24], small_rate[24], small_buffer[24];
	char packets[96]; /* bitstream filter of the video packets */
};

static void
texts_release(struct texts *t)
{
	buf_release(&t->graph);
	buf_release(&t->sound);
}

static void
write_rate(double rate, char out[24], char buffer[24])
{
	snprintf(out, 24, "%.0f", rate);
	snprintf(buffer, 24, "%.0f", 2 * rate);
}

/* False: out of memory. */
static bool
texts_init(struct texts *t, const struct media_job *job, const struct source *src,
	   const struct graph *graph)
{
	int64_t kbps = job->conf->video_kbps;
	int width, height;

	memset(t, 0, sizeof(*t));
	source_target(src, &width, &height);
	write_rate(source_bit_rate(src, width, height, kbps), t->rate, t->buffer);
	write_rate(source_bit_rate(src, SMALL_WIDTH, height * SMALL_WIDTH / width, kbps),
		   t->small_rate, t->small_buffer);
	snprintf(t->longest, sizeof(t->longest), "%lld",
		 (long long)job->conf->video_max_seconds + 2);
	snprintf(t->video, sizeof(t->video), "0:%d", src->video);
	/*
	 * Sets the duration of packets.  Only the last one matters; encoders do
	 * not know it, and ffmpeg 7 would make it 0.  pts and dts are repeated,
	 * because with the duration alone ffmpeg 5 takes the dts as pts.
	 */
	snprintf(t->packets, sizeof(t->packets), NO_SEI ",setts=pts=PTS:dts=DTS:duration=%.6f/TB",
		 graph_last_shown(src));
	snprintf(t->audio, sizeof(t->audio), "0:%d", src->audio);
	graph_write(src, graph, &t->graph);
	if (src->audio >= 0)
		sound_filters(job, src, &t->sound);
	return !buf_failed(&t->graph) && !buf_failed(&t->sound);
}

static void
add_input(struct command *c, const struct media_job *job, const struct source *src,
	  const struct texts *t)
{
	ADD(c, "ffmpeg", "-nostdin", "-v", "error", "-progress", "pipe:1", "-stats_period", "0.5",
	    "-protocol_whitelist", "file", "-noautorotate", "-t", t->longest);
	if (src->video_decoder != NULL)
		ADD(c, "-c:v", src->video_decoder);
	ADD(c, "-f", container_demuxer(job->container), "-i", "../in/input", "-filter_complex",
	    t->graph.data);
}

static void
add_sound(struct command *c, const struct source *src, const struct texts *t, bool copy)
{
	if (src->audio < 0)
		return;
	ADD(c, "-map", t->audio);
	if (copy)
		ADD(c, "-c:a", "copy");
	else
		ADD(c, "-c:a", "aac", "-b:a", "128k", "-af", t->sound.data);
}

/* The output options: no metadata, chapters or other data. */
static void
add_file(struct command *c, const char *file)
{
	ADD(c, "-map_metadata", "-1", "-map_metadata:s", "-1", "-map_chapters", "-1", "-fflags",
	    "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-movflags",
	    "+faststart", "-f", "mp4", "-y", file);
}

static void
add_encoded(struct command *c, const struct source *src, const struct texts *t, bool small)
{
	ADD(c, "-map", small ? "[small]" : "[video]", "-c:v", "libx264", "-profile:v", "high",
	    "-preset", "veryfast", "-crf", small ? "26" : "23", "-maxrate",
	    small ? t->small_rate : t->rate, "-bufsize", small ? t->small_buffer : t->buffer);
	/*
	 * Sufficient for 1920 (or 540) pixels at 60 frames a second.  x264 would
	 * derive the level from the time base: 6.2 for 1/90000, which hardware
	 * decoders reject.
	 */
	ADD(c, "-level:v", small ? "3.2" : "4.2", "-pix_fmt", "yuv420p", "-color_range", "tv",
	    "-colorspace", "bt709", "-color_trc", "bt709", "-color_primaries", "bt709",
	    "-force_key_frames", KEY_FRAMES, "-fps_mode", "vfr", "-enc_time_base", "1:90000",
	    "-video_track_timescale", "90000", "-bsf:v", t->packets);
	/* With B-frames the track would appear to end where the last frame is decoded. */
	if (graph_holds(src))
		ADD(c, "-bf", "0");
	add_sound(c, src, t, false);
	add_file(c, small ? "small.mp4" : "video.mp4");
}

static void
add_copied(struct command *c, const struct source *src, const struct texts *t)
{
	ADD(c, "-map", t->video, "-c:v", "copy", "-bsf:v", NO_SEI "," TAGGED);
	add_sound(c, src, t, src->copy_audio);
	add_file(c, "video.mp4");
}

static void
add_picture(struct command *c, const char *label, const char *quality, const char *file)
{
	ADD(c, "-map", label, "-fps_mode", "vfr", "-q:v", quality, "-map_metadata", "-1", "-f",
	    "image2", "-y", file);
}

/* Runs ffmpeg once: makes what graph has, and video.mp4 as a copy if `copy` is set. */
static enum sandbox_result
convert(struct media_job *job, const struct source *src, const struct graph *graph, bool copy)
{
	enum sandbox_result result = SANDBOX_ERROR;
	struct command c = { .n = 0 };
	struct texts t;

	if (texts_init(&t, job, src, graph)) {
		add_input(&c, job, src, &t);
		if (copy)
			add_copied(&c, src, &t);
		if (graph->full)
			add_encoded(&c, src, &t, false);
		if (graph->small)
			add_encoded(&c, src, &t, true);
		if (graph->covers)
			add_picture(&c, "[cover]", "4", "cover-%02d.jpg");
		if (graph->moment_ms >= 0)
			add_picture(&c, "[moment]", "4", "moment-%d.jpg");
		result = sandbox_run(&job->box, c.argv, job->time_limit_s);
	}
	texts_release(&t);
	return result;
}

/* The last out_time of ffmpeg's progress output in ms; -1 if there is none. */
static int64_t
time_done(const struct media_job *job)
{
	char tail[2048];
	const char *p, *last = NULL;
	FILE *f = media_job_open(job, "stdout");
	ssize_t n = 0;

	if (f == NULL)
		return -1;
	if (fseek(f, -(long)sizeof(tail) + 1, SEEK_END) != 0)
		rewind(f);
	n = (ssize_t)fread(tail, 1, sizeof(tail) - 1, f);
	fclose(f);
	tail[n] = '\0';
	for (p = tail; (p = strstr(p, "out_time_us=")) != NULL; p++)
		last = p;
	return last == NULL ? -1 : strtoll(last + 12, NULL, 10) / 1000;
}

int
render_progress(const struct media_job *job)
{
	int64_t done = time_done(job);

	if (done <= 0 || job->duration_ms <= 0)
		return 0;
	return done >= job->duration_ms ? 99 : (int)(done * 99 / job->duration_ms);
}

/* Is the output as long as the input? */
static enum reason
check_whole(struct media_job *job, const char *file)
{
	struct command c = { .n = 0 };
	enum reason r;
	double seconds = 0;
	FILE *f;

	command_add_ffprobe(&c, "mov");
	ADD(&c, "-show_entries", "format=duration", "-of", "csv=p=0", file);
	r = media_job_reason(job, sandbox_run(&job->box, c.argv, PROBE_SECONDS));
	if (r != REASON_NONE)
		return r;
	if ((f = media_job_open(job, "stdout")) == NULL || fscanf(f, "%lf", &seconds) != 1)
		r = REASON_DAMAGED;
	if (f != NULL)
		fclose(f);
	return r == REASON_NONE && seconds * 1000 < (double)job->duration_ms * 0.9 - 500
		   ? REASON_DAMAGED
		   : r;
}

/* ffmpeg has rotated the picture, so the output must not contain a rotation. */
static enum reason
check_upright(struct media_job *job, const struct source *src)
{
	const struct turn *t = &src->turn;

	if (!t->transpose && !t->hflip && !t->vflip)
		return REASON_NONE;
	return display_matrix_remove(job, "got/video.mp4") &&
		       display_matrix_remove(job, "got/small.mp4")
		   ? REASON_NONE
		   : REASON_INTERNAL;
}

/* Copies the renditions to got/ if the required one is complete. */
static enum reason
take_renditions(struct media_job *job, const struct source *src, const char *wanted)
{
	static const char *const names[] = { "video.mp4", "small.mp4" };
	enum reason r = check_whole(job, wanted);
	size_t i;

	for (i = 0; i < 2 && r == REASON_NONE; i++)
		r = media_job_take_output(job, names[i], names[i], CONTAINER_MP4,
					  sandbox_file_max(job->conf));
	return r == REASON_NONE ? check_upright(job, src) : r;
}

/*
 * The time limit depends on the duration: a short video of frames that decode
 * to thousands of times their size must not occupy the transcoder as long as a
 * film.
 */
static int64_t
time_granted(const struct media_job *job, const struct source *src)
{
	const struct conf *conf = job->conf;
	double granted = (source_seconds(src) + 2) * (double)conf->transcode_pace;

	return granted < (double)conf->transcode_timeout_s ? (int64_t)granted
							   : conf->transcode_timeout_s;
}

/* Makes in/cover the cover. */
static enum reason
convert_cover(struct media_job *job, enum container kind)
{
	struct buf filters = BUF_INIT;
	enum sandbox_result result = SANDBOX_ERROR;
	struct command c = { .n = 0 };

	graph_write_cover_picture(&filters);
	if (!buf_failed(&filters)) {
		ADD(&c, "ffmpeg", "-nostdin", "-v", "error", "-protocol_whitelist", "file", "-f",
		    container_demuxer(kind), "-i", "../in/cover", "-vf", filters.data, "-frames:v",
		    "1", "-q:v", "3", "-map_metadata", "-1", "-f", "image2", "-update", "1", "-y",
		    "chosen.jpg");
		result = sandbox_run(&job->box, c.argv, COVER_SECONDS);
	}
	buf_release(&filters);
	if (result == SANDBOX_OK)
		return cover_take(job, "chosen.jpg");
	return result == SANDBOX_STOPPED ? REASON_STOPPED : REASON_NONE;
}

static bool
has_small(const struct source *src)
{
	int width, height;

	source_target(src, &width, &height);
	return width > SMALL_WIDTH;
}

/* If remuxing prints warnings, re-encode. */
static enum sandbox_result
convert_first(struct media_job *job, struct source *src, int64_t moment_ms)
{
	struct graph graph = { false, has_small(src), true, moment_ms };
	enum sandbox_result result;

	if (src->copy_video) {
		result = convert(job, src, &graph, true);
		if (result != SANDBOX_FAILED &&
		    (result != SANDBOX_OK || !media_job_has(job, "stderr")))
			return result;
		src->copy_video = src->copy_audio = false;
		media_job_remove(job, "out/video.mp4");
	}
	graph.full = !graph.small;
	return convert(job, src, &graph, false);
}

enum reason
render_first_stage(struct media_job *job, struct source *src, const struct media_cover *cover)
{
	enum reason r;

	job->time_limit_s = time_granted(job, src);
	if ((r = media_job_reason(job, convert_first(job, src, cover->ms))) != REASON_NONE ||
	    (r = take_renditions(
		 job, src, media_job_has(job, "out/video.mp4") ? "video.mp4" : "small.mp4")) !=
		REASON_NONE ||
	    (r = cover_pick(job)) != REASON_NONE)
		return r;
	if (cover->picture != CONTAINER_NONE)
		return convert_cover(job, cover->picture);
	return cover_take(job, "moment-1.jpg");
}

enum reason
render_full_stage(struct media_job *job, const struct source *src)
{
	const struct graph graph = { true, false, false, -1 };
	enum reason r;

	job->time_limit_s = time_granted(job, src);
	r = media_job_reason(job, convert(job, src, &graph, false));
	return r == REASON_NONE ? take_renditions(job, src, "video.mp4") : r;
}

/* sound.c: see sound.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/sound.h"

#define SILENCE_LUFS (-60) /* quieter tracks are noise and not amplified */
#define GAIN_MAX 24	   /* dB */
#define CEILING "0.84"	   /* -1.5 dBFS: headroom for the overshoot of AAC */

/* Mixes down to stereo.  Of channels without a layout the first two are taken, as players do. */
static void
write_downmix(const struct source *src, struct buf *out)
{
	if (src->channels > 2 && !src->layout_known)
		buf_str(out, "pan=stereo|c0=c0|c1=c1");
	else
		buf_str(out, "aformat=channel_layouts=stereo");
}

/* Parses the report of the ebur128 filter.  False: no report. */
static bool
read_report(const struct media_job *job, double *loudness, bool *clean)
{
	FILE *f = media_job_open(job, "stderr");
	bool found = false;
	const char *value;
	char line[512];

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (strstr(line, "rror ") != NULL || strstr(line, "nvalid data") != NULL)
			*clean = false;
		if ((value = strstr(line, "I:")) == NULL || strstr(line, "LUFS") == NULL)
			continue;
		*loudness = strtod(value + 2, NULL);
		found = true;
	}
	if (f != NULL)
		fclose(f);
	return found && isfinite(*loudness);
}

enum reason
sound_measure(struct media_job *job, struct source *src, bool *sound, bool *clean)
{
	char track[16], longest[24], filters[128];
	struct buf text = BUF_FIXED(filters);
	const char *const argv[] = { "ffmpeg",
				     "-nostdin",
				     "-hide_banner",
				     "-nostats",
				     "-protocol_whitelist",
				     "file",
				     "-t",
				     longest,
				     "-f",
				     container_demuxer(job->container),
				     "-i",
				     "../in/input",
				     "-map",
				     track,
				     "-af",
				     filters,
				     "-f",
				     "null",
				     "-",
				     NULL };
	enum sandbox_result result;

	*clean = true;
	snprintf(track, sizeof(track), "0:%d", src->audio);
	snprintf(longest, sizeof(longest), "%lld", (long long)job->conf->video_max_seconds + 2);
	write_downmix(src, &text);
	buf_add(&text, ",ebur128=framelog=verbose", sizeof(",ebur128=framelog=verbose"));
	result = sandbox_run(&job->box, argv, LISTING_SECONDS * 2);
	*sound = result == SANDBOX_OK && read_report(job, &src->loudness, clean);
	return result == SANDBOX_FAILED || result == SANDBOX_TIMEOUT
		   ? REASON_NONE
		   : media_job_reason(job, result);
}

double
sound_gain(const struct media_job *job, const struct source *src)
{
	double gain = (double)job->conf->loudness_lufs - src->loudness;

	if (job->conf->loudness_lufs == 0 || src->audio < 0 || src->loudness < SILENCE_LUFS)
		return 0;
	return fmin(gain, GAIN_MAX);
}

void
sound_filters(const struct media_job *job, const struct source *src, struct buf *out)
{
	double gain = sound_gain(job, src);
	char text[256];

	write_downmix(src, out);
	snprintf(text, sizeof(text),
		 ",asetpts=PTS-(%.6f)/TB,atrim=end=%.6f,"
		 "aresample=48000:async=1:min_hard_comp=0.03:first_pts=0,volume=%.2fdB",
		 src->start - src->offset, src->sound.end - src->start, gain);
	buf_str(out, text);
	if (gain > 0)
		buf_str(out, ",alimiter=level=disabled:limit=" CEILING);
	buf_add(out, "", 1);
}

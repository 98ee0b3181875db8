/* media.c: see media.h. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "media.h"

#define SMALL_WIDTH 540
#define COVER_WIDTH "1080"
#define COVERS 12
#define COVER_SECONDS 60
#define FREE_MIN (4 << 20) /* bytes; with less, a failure is the disk's */

struct command {
	const char *argv[96];
	int n;
};

static void
add(struct command *c, const char *const words[])
{
	while (*words != NULL && c->n < 95)
		c->argv[c->n++] = *words++;
	c->argv[c->n] = NULL;
}

#define ADD(c, ...) add(c, (const char *const[]){ __VA_ARGS__, NULL })

static void
path_of(const struct media_job *job, const char *name, char out[STORE_PATH_MAX])
{
	snprintf(out, STORE_PATH_MAX, "%s/%s", job->box.folder, name);
}

static bool
has_bytes(const struct media_job *job, const char *name)
{
	char path[STORE_PATH_MAX];
	struct stat st;

	path_of(job, name, path);
	return stat(path, &st) == 0 && st.st_size > 0;
}

static bool
disk_full(const struct media_job *job)
{
	struct statvfs fs;

	return statvfs(job->box.folder, &fs) == 0 && fs.f_bavail * fs.f_frsize < FREE_MIN;
}

/* Even sides, the longer one at most MAX_SIDE, in the same proportion. */
static void
target_size(const struct media_info *info, int *width, int *height)
{
	int longer = info->width > info->height ? info->width : info->height;
	double factor = longer > MAX_SIDE ? (double)MAX_SIDE / longer : 1;

	*width = (int)lround(info->width * factor / 2) * 2;
	*height = (int)lround(info->height * factor / 2) * 2;
	if (*width < 2)
		*width = 2;
	if (*height < 2)
		*height = 2;
}

/*
 * The first filters: all that makes of the source what we serve.  High dynamic
 * range is made linear, brought into BT.709's colours and pressed into its
 * range by Hable's curve.
 */
static int
normalize(const struct media_info *info, char *out, size_t size)
{
	int width, height;

	target_size(info, &width, &height);
	if (info->pq || info->hlg)
		return snprintf(
		    out, size,
		    "%szscale=w=%d:h=%d:tin=%s:min=bt2020nc:pin=bt2020:t=linear:npl=100,"
		    "format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,"
		    "zscale=t=bt709:m=bt709:r=tv,format=yuv420p,setsar=1",
		    info->fps > MAX_FPS + 0.5 ? "fps=60," : "", width, height,
		    info->pq ? "smpte2084" : "arib-std-b67");
	return snprintf(out, size, "%sscale=%d:%d,format=yuv420p,setsar=1",
			info->fps > MAX_FPS + 0.5 ? "fps=60," : "", width, height);
}

/* The graph: the source once decoded, for the video, the small one and the covers. */
static void
write_graph(const struct media_info *info, bool copy, bool small, char *out, size_t size)
{
	double seconds = info->seconds > 0 ? info->seconds : 10;
	double rate = COVERS / seconds;
	size_t n = (size_t)snprintf(out, size, "[0:v:0]");

	if (!copy)
		n += (size_t)normalize(info, out + n, size - n);
	else
		n += (size_t)snprintf(out + n, size - n, "null");
	n += (size_t)snprintf(out + n, size - n, ",split=%d[c]%s%s;", 1 + small + !copy,
			      small ? "[s]" : "", copy ? "" : "[video]");
	if (small)
		n += (size_t)snprintf(out + n, size - n, "[s]scale=%d:-2[small];", SMALL_WIDTH);
	snprintf(out + n, size - n,
		 "[c]fps=%.4f,scale=w='min(" COVER_WIDTH
		 ",iw)':h=-2,signalstats,blurdetect,metadata=print:file=frames.txt,"
		 "format=yuvj420p[cover]",
		 rate > 4 ? 4 : rate);
}

static void
add_encoded(struct command *c, const char *label, const char *quality, const char *file)
{
	ADD(c, "-map", label, "-map", "0:a:0?", "-c:v", "libx264", "-profile:v", "high", "-preset",
	    "veryfast", "-crf", quality, "-pix_fmt", "yuv420p", "-fps_mode", "vfr", "-c:a", "aac",
	    "-b:a", "128k", "-ac", "2");
	ADD(c, "-map_metadata", "-1", "-map_chapters", "-1", "-movflags", "+faststart", "-f", "mp4",
	    "-y", file);
}

/* The sound is decoded besides, to nothing: else nobody would hear that it is damaged. */
static void
add_copied(struct command *c, const struct media_info *info, const char *file)
{
	if (info->audio)
		ADD(c, "-map", "0:a:0", "-f", "null", "-");
	ADD(c, "-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", "-map_metadata", "-1",
	    "-map_chapters", "-1", "-movflags", "+faststart", "-f", "mp4", "-y", file);
}

/* One run of ffmpeg makes everything. */
static enum sandbox_result
convert_once(struct media_job *job, const struct media_info *info, bool copy)
{
	struct command c = { .n = 0 };
	char graph[1024], longest[24];
	int width, height;

	target_size(info, &width, &height);
	write_graph(info, copy, width > SMALL_WIDTH, graph, sizeof(graph));
	snprintf(longest, sizeof(longest), "%lld", (long long)job->conf->video_max_seconds + 2);
	ADD(&c, "ffmpeg", "-nostdin", "-v", "error", "-progress", "pipe:1", "-stats_period", "0.5",
	    "-protocol_whitelist", "file", "-t", longest, "-f", store_demuxer(job->container), "-i",
	    "../in/input", "-filter_complex", graph);
	if (copy)
		add_copied(&c, info, "video.mp4");
	else
		add_encoded(&c, "[video]", "23", "video.mp4");
	if (width > SMALL_WIDTH)
		add_encoded(&c, "[small]", "26", "small.mp4");
	ADD(&c, "-map", "[cover]", "-fps_mode", "vfr", "-q:v", "4", "-f", "image2", "-y",
	    "cover-%02d.jpg");
	return sandbox_run(&job->box, c.argv, job->granted_s);
}

/* The last out_time of ffmpeg's progress, in ms; -1 if there is none. */
static int64_t
time_done(const struct media_job *job)
{
	char path[STORE_PATH_MAX], tail[2048];
	const char *p, *last = NULL;
	ssize_t n = 0;
	FILE *f;

	path_of(job, "stdout", path);
	if ((f = fopen(path, "re")) == NULL)
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
media_progress(const struct media_job *job)
{
	int64_t done = time_done(job);

	if (done <= 0 || job->duration_ms <= 0)
		return 0;
	return done >= job->duration_ms ? 99 : (int)(done * 99 / job->duration_ms);
}

/* A moment of the video, as the filters saw it. */
struct frame {
	double brightness, low, high, blur;
};

/* Reads frames.txt: for each frame a line "frame:N ...", then "key=value" lines. */
static int
read_frames(const struct media_job *job, struct frame frames[COVERS * 2])
{
	char path[STORE_PATH_MAX], line[256];
	int n = 0;
	FILE *f;

	path_of(job, "out/frames.txt", path);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL) {
		const char *value = strchr(line, '=');
		double v = value == NULL ? 0 : strtod(value + 1, NULL);

		if (strncmp(line, "frame:", 6) == 0 && ++n > COVERS * 2)
			break;
		if (n == 0)
			continue;
		if (strstr(line, "signalstats.YAVG=") != NULL)
			frames[n - 1].brightness = v;
		else if (strstr(line, "signalstats.YLOW=") != NULL)
			frames[n - 1].low = v;
		else if (strstr(line, "signalstats.YHIGH=") != NULL)
			frames[n - 1].high = v;
		else if (strncmp(line, "lavfi.blur=", 11) == 0)
			frames[n - 1].blur = v;
	}
	fclose(f);
	return n > COVERS * 2 ? COVERS * 2 : n;
}

/*
 * How good a cover?  A black or even picture is none, whatever its blur; a
 * picture without any edge has no blur that could be measured.
 */
static double
merit(const struct frame *f)
{
	double contrast = f->high - f->low;

	if (f->brightness < 32 || contrast < 16)
		return contrast - 1000;
	return f->blur > 0 ? 100 - f->blur : 0;
}

/* A picture that ffmpeg did not make is the file's fault, one that cannot be named is not. */
static enum reason
pick_cover(const struct media_job *job)
{
	struct frame frames[COVERS * 2] = { { 0, 0, 0, 0 } };
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX], name[32];
	int n = read_frames(job, frames), best = 0, i;

	for (i = 1; i < n; i++)
		if (merit(&frames[i]) > merit(&frames[best]))
			best = i;
	snprintf(name, sizeof(name), "out/cover-%02d.jpg", best + 1);
	path_of(job, name, from);
	path_of(job, "out/cover.jpg", to);
	if (n == 0)
		return REASON_DAMAGED;
	if (rename(from, to) == 0)
		return REASON_NONE;
	return errno == ENOENT	 ? REASON_DAMAGED
	       : errno == ENOSPC ? REASON_DISK_FULL
				 : REASON_INTERNAL;
}

static enum reason
reason_of(struct media_job *job, enum sandbox_result result)
{
	switch (result) {
	case SANDBOX_OK:
		return REASON_NONE;
	case SANDBOX_STOPPED:
		return REASON_STOPPED;
	case SANDBOX_TIMEOUT:
		job->limit = job->granted_s;
		return REASON_TOO_SLOW;
	case SANDBOX_TROUBLE:
		return disk_full(job) ? REASON_DISK_FULL : REASON_INTERNAL;
	case SANDBOX_FAILED:
		break;
	}
	return disk_full(job) ? REASON_DISK_FULL : REASON_DAMAGED;
}

/* Did all of it come out?  A container may lie about its length, both ways. */
static enum reason
check_length(struct media_job *job)
{
	int64_t done = time_done(job);

	if (done > job->conf->video_max_seconds * 1000 + 1000) {
		job->seen = done / 1000;
		job->limit = job->conf->video_max_seconds;
		return REASON_TOO_LONG;
	}
	if (done < job->duration_ms * 9 / 10 - 500)
		return REASON_DAMAGED;
	return REASON_NONE;
}

/*
 * By its length: a second of pictures that unpack to thousands of times their
 * size must not hold the transcoder as long as a whole film.
 */
static int64_t
time_granted(const struct media_job *job, const struct media_info *info)
{
	const struct conf *conf = job->conf;
	double seconds = info->seconds > 0 ? info->seconds : (double)conf->video_max_seconds;
	double granted = (seconds + 2) * (double)conf->transcode_pace;

	return granted < (double)conf->transcode_timeout_s ? (int64_t)granted
							   : conf->transcode_timeout_s;
}

enum reason
media_convert(struct media_job *job, const struct media_info *info)
{
	enum sandbox_result result = SANDBOX_FAILED;
	enum reason r;

	job->granted_s = time_granted(job, info);
	/* What complains while it is only packed anew is encoded, which mends it. */
	if (info->compliant)
		result = convert_once(job, info, true);
	if (result == SANDBOX_FAILED || (result == SANDBOX_OK && has_bytes(job, "stderr")))
		result = convert_once(job, info, false);
	if ((r = reason_of(job, result)) != REASON_NONE)
		return r;
	if ((r = check_length(job)) != REASON_NONE)
		return r;
	return has_bytes(job, "out/video.mp4") ? pick_cover(job) : REASON_DAMAGED;
}

/* Makes out/chosen.jpg, and puts it in the place of our cover if it was made. */
static enum reason
choose(struct media_job *job, const char *const argv[])
{
	enum sandbox_result result = sandbox_run(&job->box, argv, COVER_SECONDS);
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX];

	path_of(job, "out/chosen.jpg", from);
	path_of(job, "out/cover.jpg", to);
	if (result == SANDBOX_OK && has_bytes(job, "out/chosen.jpg"))
		rename(from, to);
	return result == SANDBOX_STOPPED ? REASON_STOPPED : REASON_NONE;
}

enum reason
media_cover_picture(struct media_job *job, enum container kind)
{
	const char *const argv[] = { "ffmpeg",
				     "-nostdin",
				     "-v",
				     "error",
				     "-protocol_whitelist",
				     "file",
				     "-f",
				     store_demuxer(kind),
				     "-i",
				     "../in/cover",
				     "-vf",
				     "scale=w='min(" COVER_WIDTH ",iw)':h=-2",
				     "-frames:v",
				     "1",
				     "-pix_fmt",
				     "yuvj420p",
				     "-q:v",
				     "3",
				     "-map_metadata",
				     "-1",
				     "-f",
				     "image2",
				     "-update",
				     "1",
				     "-y",
				     "chosen.jpg",
				     NULL };

	return kind == CONTAINER_NONE ? REASON_NONE : choose(job, argv);
}

enum reason
media_cover_moment(struct media_job *job, int64_t ms)
{
	char moment[32];
	const char *const argv[] = { "ffmpeg",
				     "-nostdin",
				     "-v",
				     "error",
				     "-protocol_whitelist",
				     "file",
				     "-ss",
				     moment,
				     "-f",
				     "mov",
				     "-i",
				     "video.mp4",
				     "-vf",
				     "scale=w='min(" COVER_WIDTH ",iw)':h=-2",
				     "-frames:v",
				     "1",
				     "-pix_fmt",
				     "yuvj420p",
				     "-q:v",
				     "4",
				     "-map_metadata",
				     "-1",
				     "-f",
				     "image2",
				     "-update",
				     "1",
				     "-y",
				     "chosen.jpg",
				     NULL };

	snprintf(moment, sizeof(moment), "%lld.%03lld", (long long)(ms / 1000),
		 (long long)(ms % 1000));
	return choose(job, argv);
}

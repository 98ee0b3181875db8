/* cover.c: which of some moments is the cover.  See media_parts.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media_parts.h"

/* A moment of the video, as the filters saw it. */
struct frame {
	double brightness, low, high, blur;
};

/* Reads frames.txt: for each frame a line "frame:N ...", then "key=value" lines. */
static int
read_frames(const struct media_job *job, struct frame frames[COVERS * 2])
{
	FILE *f = job_open(job, "out/frames.txt");
	char line[256];
	int n = 0;

	if (f == NULL)
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
 * How good a cover is it?  A black or even picture is none, whatever its blur; a
 * picture without any edge has no blur that could be measured.
 */
static double
cover_score(const struct frame *f)
{
	double contrast = f->high - f->low;

	if (f->brightness < 32 || contrast < 16)
		return contrast - 1000;
	return f->blur > 0 ? 100 - f->blur : 0;
}

/* A picture that ffmpeg did not make is the file's fault, one that cannot be named is not. */
enum reason
cover_pick(const struct media_job *job)
{
	struct frame frames[COVERS * 2] = { { 0, 0, 0, 0 } };
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX], name[32];
	int n = read_frames(job, frames), best = 0, i;

	for (i = 1; i < n; i++)
		if (cover_score(&frames[i]) > cover_score(&frames[best]))
			best = i;
	snprintf(name, sizeof(name), "out/cover-%02d.jpg", best + 1);
	job_path(job, name, from);
	job_path(job, "out/cover.jpg", to);
	if (n == 0)
		return REASON_DAMAGED;
	if (rename(from, to) == 0)
		return REASON_NONE;
	return errno == ENOENT	 ? REASON_DAMAGED
	       : errno == ENOSPC ? REASON_DISK_FULL
				 : REASON_INTERNAL;
}

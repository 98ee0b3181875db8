/* cover.c: see cover.h.  Scores frames by brightness, contrast and blur. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/cover.h"
#include "media/graph.h"

#define TAKEN_MAX (32 << 20) /* bytes of a picture, or of the filters' report */

/* The filters' measurements of one frame. */
struct frame {
	double brightness, low, high, blur;
};

/* Parses the filters' report: for each frame a line "frame:N ...", then "key=value" lines. */
static int
read_frames(const struct media_job *job, struct frame frames[COVERS * 2])
{
	FILE *f = media_job_open(job, "got/frames.txt");
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
 * Rates a frame as a cover.  Black or uniform frames get nothing, however
 * sharp: without edges the blur cannot be measured.
 */
static double
cover_score(const struct frame *f)
{
	double contrast = f->high - f->low;

	if (f->brightness < 32 || contrast < 16)
		return contrast - 1000;
	return f->blur > 0 ? 100 - f->blur : 0;
}

enum reason
cover_take(const struct media_job *job, const char *name)
{
	return media_job_take_output(job, name, "cover.jpg", CONTAINER_JPEG, TAKEN_MAX);
}

/* If ffmpeg made no picture, the file is damaged. */
enum reason
cover_pick(const struct media_job *job)
{
	struct frame frames[COVERS * 2] = { { 0, 0, 0, 0 } };
	int n, best = 0, i;
	char name[32];
	enum reason r;

	if ((r = media_job_take_output(job, "frames.txt", "frames.txt", CONTAINER_NONE,
				       TAKEN_MAX)) != REASON_NONE)
		return r;
	if ((n = read_frames(job, frames)) == 0)
		return REASON_DAMAGED;
	for (i = 1; i < n; i++)
		if (cover_score(&frames[i]) > cover_score(&frames[best]))
			best = i;
	snprintf(name, sizeof(name), "cover-%02d.jpg", best + 1);
	if ((r = cover_take(job, name)) != REASON_NONE)
		return r;
	return media_job_has(job, "got/cover.jpg") ? REASON_NONE : REASON_DAMAGED;
}

/* source.c: see source.h. */
#include <math.h>

#include "media/source.h"

#define FEW_PICTURES 5 /* fewer frames are shown for a second */

double
source_seconds(const struct source *src)
{
	double end = src->picture.end;

	if (src->audio >= 0 && src->sound.end > end)
		end = src->sound.end;
	end -= src->start;
	return src->picture.packets - src->picture.hidden < FEW_PICTURES && end < 1 ? 1 : end;
}

void
source_target(const struct source *src, int *width, int *height)
{
	int longer = src->width > src->height ? src->width : src->height;
	double factor = longer > MAX_SIDE ? (double)MAX_SIDE / longer : 1;

	*width = (int)lround(src->width * factor / 2) * 2;
	*height = (int)lround(src->height * factor / 2) * 2;
	if (*width < 2)
		*width = 2;
	if (*height < 2)
		*height = 2;
}

double
source_bit_rate(const struct source *src, int width, int height, int64_t kbps)
{
	double fps = src->fps > MAX_FPS ? MAX_FPS : src->fps < 1 ? 1 : src->fps;

	return (double)kbps * 1000 * pow((double)width * height * fps / (1280.0 * 720 * 30), 0.75);
}

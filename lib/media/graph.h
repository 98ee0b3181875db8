/* graph.h: writes the filter graph of one run of ffmpeg. */
#ifndef DS_GRAPH_H
#define DS_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "media/source.h"

#define SMALL_WIDTH 540
#define COVER_WIDTH 1080
#define COVERS 12

/* What one run of ffmpeg produces. */
struct graph {
	bool full;	   /* [video]: full size */
	bool small;	   /* [small] */
	bool covers;	   /* [cover]: candidates, and their measurements in frames.txt */
	int64_t moment_ms; /* [moment]: the frame at that time; -1: none */
};
void graph_write(const struct source *src, const struct graph *graph, struct buf *out);
/* Is the last frame repeated because it is shown for long? */
bool graph_holds(const struct source *src);
/* For how many seconds the last encoded frame is shown. */
double graph_last_shown(const struct source *src);
/* Writes the filters that make a cover from a picture. */
void graph_write_cover_picture(struct buf *out);

#endif

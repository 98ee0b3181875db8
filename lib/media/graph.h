/* graph.h: the filter graph of one run of ffmpeg, as text. */
#ifndef DS_GRAPH_H
#define DS_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "media/source.h"

#define SMALL_WIDTH 540
#define COVER_WIDTH 1080
#define COVERS 12

/* What one run of ffmpeg makes. */
struct graph {
	bool full;	   /* [video]: the whole size */
	bool small;	   /* [small] */
	bool covers;	   /* [cover]: some moments, and what frames.txt says of them */
	int64_t moment_ms; /* [moment]: the picture at that time; -1: none */
};
void graph_write(const struct source *src, const struct graph *graph, struct buf *out);
/* Is the last picture repeated, because it is shown for long? */
bool graph_holds(const struct source *src);
/* For how many seconds the last frame that is encoded is shown. */
double graph_last_shown(const struct source *src);
/* The filters that make a cover of a picture. */
void graph_write_cover_picture(struct buf *out);

#endif

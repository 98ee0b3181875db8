/* media_parts.h: what the files of media.h share; nobody else includes it. */
#ifndef DS_MEDIA_PARTS_H
#define DS_MEDIA_PARTS_H

#include <json-c/json.h>
#include <stdio.h>

#include "base/buf.h"
#include "media/media.h"

#define SMALL_WIDTH 540
#define COVER_WIDTH 1080
#define COVERS 12
#define PROBE_SECONDS 30
#define LISTING_SECONDS 60
#define SOUNDS_MAX 8	     /* sound tracks that are considered */
#define LOUDNESS_TOLERANCE 4 /* LU; a sound that is nearer is copied */

/* A command line for the sandbox; words are borrowed. */
struct command {
	const char *argv[128];
	int n;
};

void command_add(struct command *c, const char *const words[]);
#define ADD(c, ...) command_add(c, (const char *const[]){ __VA_ARGS__, NULL })

/* How every look by ffprobe begins: what is an error, files only, the demuxer by its name. */
void command_ffprobe(struct command *c, const char *demuxer);

/* A file in the job's folder, such as "stdout" or "out/cover.jpg". */
void job_path(const struct media_job *job, const char *name, char out[STORE_PATH_MAX]);
bool job_has(const struct media_job *job, const char *name);
void job_remove(const struct media_job *job, const char *name);
FILE *job_open(const struct media_job *job, const char *name);

/* What the end of a program means to the author. */
enum reason job_reason(struct media_job *job, enum sandbox_result result);

/*
 * Takes out/name over as got/as, see harvest.h.  One that is not there is no
 * failure; one that is no such file is the upload's fault.
 */
enum reason job_harvest(const struct media_job *job, const char *name, const char *as,
			enum container kind, int64_t most);

/* Values of ffprobe's JSON; "" and 0 where there is none. */
const char *json_text(struct json_object *o, const char *key);
int json_number(struct json_object *o, const char *key);
double json_seconds(struct json_object *o, const char *key);
bool json_is(struct json_object *o, const char *key, const char *value);
size_t json_length(struct json_object *list);
/* "30000/1001" or "4:3" as a number; 0 if it is none. */
double json_ratio(struct json_object *o, const char *key, char separator);
/* The stream's side data of this type, or NULL. */
struct json_object *json_side_data(struct json_object *stream, const char *type);

/*
 * tracks.c: the tracks that players choose: enabled ones first, no cover art, no
 * previews.  NULL: no video track at all.
 */
struct json_object *track_choose_video(struct json_object *streams);
/* The sound tracks in the order in which players choose them, beside that picture. */
size_t track_list_sounds(struct json_object *root, int video,
			 struct json_object *sounds[SOUNDS_MAX]);
/* format: "pix_fmt" or "sample_fmt", which ffprobe knows only where it has a decoder. */
bool track_decodable(struct json_object *stream, const char *format);
bool track_encrypted(struct json_object *stream);
/* See fourcc.h. */
uint32_t track_fourcc(struct json_object *stream);
void track_read_video(struct json_object *stream, struct source *src);
void track_read_sound(struct json_object *stream, struct source *src);

/* colour.c: the colours of a video stream. */
void colours_read(struct json_object *stream, struct colours *colours);

/*
 * times.c: reads all packets; times[i] is of the stream tracks[i], n of them.
 * With ignore_edits as if there were no edit list.
 */
enum reason times_read(struct media_job *job, bool ignore_edits, const int *tracks,
		       struct track_times *times, size_t n);
/* Do the packets follow each other in the same way? */
bool times_same_shape(const struct track_times *a, const struct track_times *b);

/*
 * sound.c: decodes src->audio and measures its loudness.  *sound is false if it
 * cannot be decoded, *clean if the decoder complained.
 */
enum reason sound_measure(struct media_job *job, struct source *src, bool *sound, bool *clean);
/* By how many dB its loudness is changed; 0: not at all. */
double sound_gain(const struct media_job *job, const struct source *src);
/* The filters that make of it what we serve, for -af. */
void sound_filters(const struct media_job *job, const struct source *src, struct buf *out);

/* graph.c: the filter graph of one run of ffmpeg, as text. */
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

/*
 * upright.c: takes the display matrix out of an MP4 whose index comes first.  True if
 * there is no such file.
 */
bool upright_set(const struct media_job *job, const char *file);

/* cover.c: makes the best of out/cover-NN.jpg got/cover.jpg. */
enum reason cover_pick(const struct media_job *job);
/* The picture out/name in its place, if there is one. */
enum reason cover_take(const struct media_job *job, const char *name);

#endif

/* times.c: see times.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/ffprobe.h"
#include "media/times.h"

#define WEIGHTS 1009
#define WINDOW 5 /* seconds over which the peak bit rate is measured */
#define JUMP 10	 /* seconds: ffmpeg treats a larger step in a transport stream as a new clock */

/* A packet as ffprobe lists it. */
struct packet {
	int stream;
	double pts, dts, duration; /* NAN: absent */
	double size;
	bool key, hidden;
};

/* State while the packets of a track are read. */
struct reader {
	struct track_times *t;
	bool jumps;	      /* timestamps may restart */
	double shift, next;   /* correction of such timestamps */
	double origin;	      /* the first time */
	double key;	      /* the last key frame; NAN: none yet */
	double second;	      /* the current second */
	double bytes[WINDOW]; /* of the last WINDOW seconds */
	double in_second;     /* packets in the current second */
};

/* Cuts off and returns the next field of the line. */
static const char *
next_field(char **line)
{
	char *field = *line, *end = field + strcspn(field, ",\n");

	*line = *end == ',' ? end + 1 : end;
	*end = '\0';
	return field;
}

static double
number(const char *field)
{
	char *end;
	double v = strtod(field, &end);

	return end == field || !isfinite(v) ? NAN : v;
}

/* Parses stream_index,pts_time,dts_time,duration_time,size,flags.  False: another kind of line. */
static bool
parse(char *line, struct packet *p)
{
	const char *flags;

	if (line[0] < '0' || line[0] > '9')
		return false;
	p->stream = (int)strtol(next_field(&line), NULL, 10);
	p->pts = number(next_field(&line));
	p->dts = number(next_field(&line));
	p->duration = number(next_field(&line));
	p->size = number(next_field(&line));
	flags = next_field(&line);
	p->key = strchr(flags, 'K') != NULL;
	p->hidden = strchr(flags, 'D') != NULL;
	if (isnan(p->size))
		p->size = 0;
	return true;
}

/* Removes a step of a transport stream's clock, as ffmpeg does. */
static void
undo_clock_step(struct reader *r, struct packet *p)
{
	double dts = isnan(p->dts) ? p->pts : p->dts;

	if (isnan(dts))
		return;
	if (!isnan(r->next) && fabs(dts + r->shift - r->next) > JUMP)
		r->shift = r->next - dts;
	r->next = dts + r->shift + (isnan(p->duration) ? 0 : p->duration);
	p->pts += r->shift;
	p->dts += r->shift;
}

bool
times_same_shape(const struct track_times *a, const struct track_times *b)
{
	/* ffprobe prints six decimals. */
	return a->packets == b->packets &&
	       fabs(a->shape - b->shape) < (double)a->packets * WEIGHTS * 2e-6;
}

/* Completes all seconds before now. */
static void
close_seconds(struct reader *r, double now)
{
	double sum = 0;
	int i;

	if (isnan(r->second) || now - r->second > WINDOW || now < r->second) {
		memset(r->bytes, 0, sizeof(r->bytes));
		r->in_second = 0;
		r->second = now;
		return;
	}
	while (now - r->second >= 1) {
		for (sum = 0, i = 0; i < WINDOW; i++)
			sum += r->bytes[i];
		r->t->peak_bytes = fmax(r->t->peak_bytes, sum);
		r->t->peak_fps = fmax(r->t->peak_fps, r->in_second);
		memmove(r->bytes + 1, r->bytes, sizeof(r->bytes) - sizeof(r->bytes[0]));
		r->bytes[0] = 0;
		r->in_second = 0;
		r->second += 1;
	}
}

static void
count_key(struct reader *r, const struct packet *p, double time)
{
	if (!isnan(r->key))
		r->t->key_gap = fmax(r->t->key_gap, time - r->key);
	if (p->key)
		r->key = time;
}

static void
count(struct reader *r, struct packet *p)
{
	struct track_times *t = r->t;
	double time;

	if (r->jumps)
		undo_clock_step(r, p);
	time = isnan(p->pts) ? p->dts : p->pts;
	t->packets++;
	t->hidden += p->hidden;
	if (isnan(time))
		return;
	if (isnan(r->origin))
		r->origin = time;
	t->shape += (double)(t->packets % WEIGHTS) * (time - r->origin);
	if (p->hidden)
		return;
	close_seconds(r, isnan(p->dts) ? time : p->dts);
	r->bytes[0] += p->size;
	r->in_second++;
	t->bytes += p->size;
	count_key(r, p, time);
	t->first = isnan(t->first) ? time : fmin(t->first, time);
	t->last = isnan(t->last) ? time : fmax(t->last, time);
	t->end = fmax(isnan(t->end) ? time : t->end, time + (isnan(p->duration) ? 0 : p->duration));
}

/* Computes the results after the last packet. */
static void
finish(struct reader *r)
{
	struct track_times *t = r->t;
	int64_t shown = t->packets - t->hidden;

	if (isnan(t->first)) {
		t->first = t->last = t->end = 0;
		t->hidden = t->packets;
		return;
	}
	close_seconds(r, r->second + 1);
	/* A last packet without a duration gets the average of the others. */
	if (t->end <= t->last)
		t->end = t->last + (shown > 1 ? (t->last - t->first) / (double)(shown - 1) : 0.04);
	if (!isnan(r->key))
		t->key_gap = fmax(t->key_gap, t->end - r->key);
}

static void
read_listing(FILE *f, const int *tracks, struct reader *readers, size_t n)
{
	struct packet p;
	char line[256];
	size_t i;

	while (fgets(line, sizeof(line), f) != NULL) {
		if (!parse(line, &p))
			continue;
		for (i = 0; i < n; i++)
			if (p.stream == tracks[i])
				count(&readers[i], &p);
	}
	for (i = 0; i < n; i++)
		finish(&readers[i]);
}

static enum sandbox_result
list_packets(struct media_job *job, bool ignore_edits)
{
	struct command c = { .n = 0 };

	command_add_ffprobe(&c, container_demuxer(job->container));
	if (ignore_edits)
		ADD(&c, "-ignore_editlist", "1");
	ADD(&c, "-show_entries", "packet=stream_index,pts_time,dts_time,duration_time,size,flags",
	    "-of", "csv=p=0", "../in/input");
	return sandbox_run(&job->box, c.argv, LISTING_SECONDS);
}

enum reason
times_read(struct media_job *job, bool ignore_edits, const int *tracks, struct track_times *times,
	   size_t n)
{
	struct reader readers[2];
	enum reason r;
	size_t i;
	FILE *f;

	for (i = 0; i < n; i++) {
		times[i] = (struct track_times){ .first = NAN, .last = NAN, .end = NAN };
		readers[i] = (struct reader){ .t = &times[i],
					      .jumps = container_clock_jumps(job->container),
					      .next = NAN,
					      .origin = NAN,
					      .key = NAN,
					      .second = NAN };
	}
	if ((r = media_job_reason(job, list_packets(job, ignore_edits))) != REASON_NONE)
		return r;
	if ((f = media_job_open(job, "stdout")) == NULL)
		return REASON_INTERNAL;
	read_listing(f, tracks, readers, n);
	fclose(f);
	return REASON_NONE;
}

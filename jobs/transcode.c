/*
 * transcode.c: converts uploads to playable videos. A job has two stages: first
 * what is needed to show the video, then its full rendition. A first stage does
 * not wait for a second stage, which is paused meanwhile.
 *
 *   transcode	      works on jobs until it is stopped
 *   transcode check  checks whether the sandbox works here
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jobs/transcode_pop.h"
#include "media/probe.h"
#include "media/renditions.h"
#include "obs/log.h"
#include "obs/spans.h"

#define KEEP_TICKS 2 /* of half a second: progress is stored once a second */
#define IDLE_MS 200
#define MAX_FAILURES 3
#define PAUSE_MS 1000 /* after a transient failure; doubled each time */

struct work {
	struct spans *spans;
	bool no_nested_userns; /* see sandbox.h */
	struct job job;
	struct media_job media;
	char folder[STORE_PATH_MAX];
	unsigned ticks;
	struct work *paused;	  /* the second stage that is paused for this job; or NULL */
	struct job urgent;	  /* a first stage that must run before this job */
	struct job_notice notice; /* shown to the author */
	struct job_files files;
	bool complete; /* files contains the full rendition */
};

static void do_job(struct work *w);

/*
 * Called while ffmpeg runs: renews the leases once a second.  Ends ffmpeg if
 * the job was lost, the video deleted, or the program is stopped.
 */
static enum sandbox_next
on_tick(void *ctx)
{
	struct work *w = ctx;

	if (job_runtime_stopping())
		return SANDBOX_END;
	if (++w->ticks % KEEP_TICKS != 0)
		return SANDBOX_GO_ON;
	if (w->paused != NULL)
		job_renew_lease(&w->paused->job, render_progress(&w->paused->media));
	if (!job_renew_lease(&w->job, render_progress(&w->media)))
		return SANDBOX_END;
	return w->job.stage == STAGE_FULL && transcode_pop(w->job.rt, STAGE_FIRST, &w->urgent)
		   ? SANDBOX_PAUSE
		   : SANDBOX_GO_ON;
}

/*
 * Runs the waiting first stages while the second stage w is paused.  Restarting
 * the second stage instead would lose its work: under a steady load it would
 * never end.
 */
static void
run_urgent_jobs(void *ctx)
{
	struct work *w = ctx, other;
	struct job_runtime *rt = w->job.rt;
	struct timing timing = rt->timing;

	do {
		other = (struct work){ .spans = w->spans,
				       .no_nested_userns = w->no_nested_userns,
				       .job = w->urgent,
				       .paused = w };
		timing_start(&rt->timing);
		if (job_renew_lease(&other.job, 0))
			do_job(&other);
	} while (!job_runtime_stopping() && transcode_pop(rt, STAGE_FIRST, &w->urgent));
	rt->timing = timing;
	timing_set_busy(&rt->timing, true);
}

/* ENODATA: the upload is shorter than its row says. */
static enum reason
reason_of_copy(int error)
{
	return error == 0	  ? REASON_NONE
	       : error == ENODATA ? REASON_LOST
	       : error == ENOSPC  ? REASON_DISK_FULL
				  : REASON_INTERNAL;
}

/* Copies a range of the upload to in/name and recognizes its type. */
static enum reason
extract(const struct work *w, const char *name, off64_t offset, int64_t length,
	enum container *kind)
{
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX];
	unsigned char head[CONTAINER_HEAD];
	int in, out, error;
	ssize_t n;

	*kind = CONTAINER_NONE;
	store_upload_path(&w->job.rt->conf, w->job.source, from);
	snprintf(to, sizeof(to), "%.500s/in/%s", w->folder, name);
	if ((in = open(from, O_RDONLY | O_CLOEXEC)) < 0)
		return errno == ENOENT ? REASON_LOST : REASON_INTERNAL;
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	error = out < 0 ? errno : store_copy(in, offset, length, out);
	n = pread(in, head, length < CONTAINER_HEAD ? (size_t)length : CONTAINER_HEAD, offset);
	if (n > 0)
		*kind = container_sniff(head, (size_t)n);
	close(in);
	if (out >= 0)
		close(out);
	return reason_of_copy(error);
}

/* Extracts the author's cover.  If it cannot be used, the automatic one stays. */
static struct media_cover
find_cover(const struct work *w)
{
	struct media_cover cover = { CONTAINER_NONE, -1 };
	enum container kind;

	if (w->job.cover_length > 0 &&
	    extract(w, "cover", w->job.cover_offset, w->job.cover_length, &kind) == REASON_NONE &&
	    container_is_cover(kind))
		cover.picture = kind;
	else
		cover.ms = w->job.cover_ms;
	return cover;
}

static bool
has_file(const struct work *w, const char *file)
{
	char path[STORE_PATH_MAX];

	snprintf(path, sizeof(path), "%.500s/got/%s", w->folder, file);
	return access(path, F_OK) == 0;
}

/* Converts the upload; the finished files are then in got/. */
static enum reason
convert(struct work *w)
{
	struct media_cover cover;
	struct source src;
	enum reason r;

	r = extract(w, "input", w->job.offset, w->job.length, &w->media.container);
	if (r == REASON_NONE)
		r = probe_upload(&w->media, &src);
	if (r != REASON_NONE)
		return r;
	if (src.sound_lost)
		w->notice = (struct job_notice){ NOTICE_SOUND_UNREADABLE, src.unreadable_sound };
	if (w->job.stage == STAGE_FULL)
		return render_full_stage(&w->media, &src);
	cover = find_cover(w);
	r = render_first_stage(&w->media, &src, &cover);
	w->complete = has_file(w, "video.mp4");
	return r;
}

/* Computes the content name of a finished file; "" if it was not made. */
static bool
name_file(const struct work *w, const char *file, const char *suffix, char name[STORE_NAME_MAX])
{
	char path[STORE_PATH_MAX];

	name[0] = '\0';
	snprintf(path, sizeof(path), "%.500s/got/%s", w->folder, file);
	return !has_file(w, file) || store_content_name(path, suffix, name) == ERR_OK;
}

static bool
place_file(const struct work *w, const char *file, const char *name)
{
	char path[STORE_PATH_MAX];

	snprintf(path, sizeof(path), "%.500s/got/%s", w->folder, file);
	return name[0] == '\0' || store_publish(&w->job.rt->conf, path, name) == ERR_OK;
}

/* Names all finished files.  The small rendition plays until the full one exists. */
static bool
name_files(struct work *w)
{
	struct job_files *f = &w->files;

	if (!name_file(w, "video.mp4", "mp4", f->play) ||
	    !name_file(w, "cover.jpg", "jpg", f->cover) ||
	    !name_file(w, "small.mp4", "mp4", f->small))
		return false;
	if (f->play[0] == '\0')
		memcpy(f->play, f->small, sizeof(f->play));
	return f->play[0] != '\0';
}

static bool
set_state(struct work *w)
{
	return w->job.stage == STAGE_FULL
		   ? job_set_full(&w->job, w->files.play)
		   : job_set_ready(&w->job, &w->files, &w->notice, !w->complete);
}

/* First claim the names, then move the files, then change the video's state. */
static enum reason
publish(struct work *w)
{
	if (!name_files(w) || !job_claim_files(&w->job, &w->files))
		return REASON_INTERNAL;
	if ((!w->complete || place_file(w, "video.mp4", w->files.play)) &&
	    place_file(w, "cover.jpg", w->files.cover) &&
	    place_file(w, "small.mp4", w->files.small) && set_state(w))
		return REASON_NONE;
	job_discard_files(&w->job, &w->files);
	return REASON_INTERNAL;
}

/* Deletes the upload, or keeps it as the original. */
static void
delete_upload(const struct work *w)
{
	const struct conf *conf = &w->job.rt->conf;

	if (conf->keep_original)
		store_keep_original(conf, w->job.source, w->job.offset, w->job.length,
				    w->job.video);
	else
		store_delete_upload(conf, w->job.source);
}

/* Logs the outcome and the time it took. */
static void
log_job(const struct work *w, enum log_level level, const char *outcome)
{
	struct log_line line;

	if (!log_enabled(level))
		return;
	log_begin(&line, level, "video");
	log_int(&line, "video", w->job.video);
	log_str(&line, "outcome", outcome);
	log_timing(&line, &w->job.rt->timing);
	log_timing_steps(&line, &w->job.rt->timing);
	log_end(&line);
}

static void
send_spans(struct work *w, enum reason r)
{
	const struct span_attribute attributes[] = {
		{ "messaging.operation.name", "transcode", 0 },
		{ "dousheng.stage", NULL, w->job.stage },
		{ "dousheng.video", NULL, w->job.video },
		{ "dousheng.reason", r == REASON_NONE ? "ready" : reason_word(r), 0 },
	};
	const struct span about = { "transcode", SPAN_CONSUMER, r != REASON_NONE, attributes, 4 };

	spans_send(w->spans, &w->job.rt->timing, &about);
}

/* After a failed second stage the video still plays. */
static void
fail_job(struct work *w, enum reason r)
{
	if (w->job.stage == STAGE_FULL) {
		if (job_set_full(&w->job, ""))
			delete_upload(w);
		return;
	}
	timing_count(&w->job.rt->timing, METRIC_VIDEOS_FAILED, 1);
	job_set_failed(&w->job, r, w->media.seen, w->media.limit);
}

static void
finish_job(struct work *w, enum reason r)
{
	struct timing *m = &w->job.rt->timing;

	if (r == REASON_NONE) {
		log_job(w, LOG_LEVEL_INFO, w->job.stage == STAGE_FULL ? "full" : "ready");
		timing_count(m, METRIC_VIDEOS_READY, w->job.stage == STAGE_FIRST);
		if (w->complete)
			delete_upload(w);
	} else if (r == REASON_STOPPED) {
		log_job(w, LOG_LEVEL_INFO, "interrupted");
		job_release(&w->job, 0, false);
	} else if (reason_is_transient(r) && w->job.failures + 1 < MAX_FAILURES) {
		log_warn("video %lld: %s, will be retried", (long long)w->job.video,
			 reason_word(r));
		timing_count(m, METRIC_VIDEOS_LATER, 1);
		job_release(&w->job, PAUSE_MS << w->job.failures, true);
	} else {
		log_job(w, LOG_LEVEL_INFO, reason_word(r));
		fail_job(w, r);
	}
}

static bool
make_folders(const struct work *w)
{
	static const char *const names[] = { "in", "out", "got" };
	bool ok = mkdir(w->folder, 0775) == 0;
	char path[STORE_PATH_MAX];
	size_t i;

	for (i = 0; i < 3 && ok; i++) {
		snprintf(path, sizeof(path), "%.500s/%s", w->folder, names[i]);
		ok = mkdir(path, 0775) == 0;
	}
	return ok;
}

static void
do_job(struct work *w)
{
	const struct conf *conf = &w->job.rt->conf;
	struct timing *timing = &w->job.rt->timing;
	enum reason r;

	w->complete = w->job.stage == STAGE_FULL;
	timing_continue_trace(timing, w->job.trace);
	timing_set_busy(timing, true);
	store_work_path(conf, w->job.video, w->job.attempt, w->folder);
	w->media = (struct media_job){ .box = { conf,
						w->no_nested_userns,
						w->folder,
						{ on_tick, run_urgent_jobs, w },
						timing },
				       .conf = conf };
	store_remove_tree(w->folder); /* left from before a backup was restored */
	if (w->job.failures >= MAX_FAILURES)
		r = REASON_INTERNAL; /* it has crashed this program too often */
	else if (!make_folders(w))
		r = errno == ENOSPC ? REASON_DISK_FULL : REASON_INTERNAL;
	else if ((r = convert(w)) == REASON_NONE)
		r = publish(w);
	finish_job(w, r);
	send_spans(w, r);
	store_remove_tree(w->folder);
	timing_set_busy(timing, false);
}

static int
check(void)
{
	char why[CONF_TEXT_MAX * 2];
	struct conf conf;
	bool no_nested_userns;

	if (conf_load(&conf, why, sizeof(why)) &&
	    sandbox_check(&conf, &no_nested_userns, why, sizeof(why)))
		return 0;
	fprintf(stderr, "%s\n", why);
	return 1;
}

int
main(int argc, char **argv)
{
	struct job_runtime rt = { .db = NULL };
	struct spans spans = { .fd = -1 };
	char why[CONF_TEXT_MAX * 2];
	bool ok, busy = false, no_nested_userns = false;
	struct work w;

	if (argc == 2 && strcmp(argv[1], "check") == 0)
		return check();
	umask(002); /* group-writable, for sweep and fsck */
	ok = job_runtime_start(&rt, "transcode", DB_ROLE_MEDIA, 0);
	if (ok)
		spans_init(&spans, &rt.conf, &rt.timing);
	if (ok && !sandbox_check(&rt.conf, &no_nested_userns, why, sizeof(why))) {
		log_error("%s", why);
		ok = false;
	}
	while (ok && job_runtime_sleep(busy ? 0 : IDLE_MS)) {
		memset(&w, 0, sizeof(w));
		w.spans = &spans;
		w.no_nested_userns = no_nested_userns;
		timing_start(&rt.timing);
		if ((busy = transcode_pop(&rt, STAGE_FULL, &w.job) && job_renew_lease(&w.job, 0)))
			do_job(&w);
	}
	spans_release(&spans);
	return job_runtime_end(&rt, ok);
}

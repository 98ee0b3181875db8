/*
 * transcode.c: makes what was uploaded into what is played.  SQL:
 * sql/publish.sql.
 *
 * A job is taken with a lease that is renewed while ffmpeg runs.  If this
 * process dies, another takes the job when the lease ends; if it only loses
 * the lease, its attempt has an old number and it can no longer decide the
 * job.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "background.h"
#include "log.h"
#include "media.h"

#define LEASE_MS 30000
#define RENEW_TICKS 5 /* of a second each */
#define IDLE_MS 200
#define MAX_ATTEMPTS 3
#define PAUSE_MS 2000 /* doubled with each attempt */

struct job {
	struct background *bg;
	int64_t video, attempt, offset, length;
	char source[STORE_NAME_MAX];
	char folder[STORE_PATH_MAX]; /* where it is worked on */
	unsigned ticks;
};

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

/* Nobody else takes the job for so long; false when it is lost to another. */
static bool
lease(const struct job *job, int64_t ms)
{
	db_result *res = NULL;
	bool mine = true;

	if (db_query(job->bg->db, STMT_JOB_LEASE, &res, db_int(job->video), db_int(job->attempt),
		     db_int(ms)) == ERR_OK)
		mine = db_rows(res) == 1;
	db_clear(res);
	return mine;
}

static bool
keep_lease(void *ctx)
{
	struct job *job = ctx;

	if (background_stopping())
		return false;
	return ++job->ticks % RENEW_TICKS != 0 || lease(job, LEASE_MS);
}

/* Copies the video out of the upload into folder/input, and tells its kind. */
static enum media_result
extract(const struct job *job, enum container *container)
{
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX + 16];
	unsigned char head[12];
	off64_t offset = job->offset;
	int64_t left = job->length;
	ssize_t n = 1;
	int in, out;

	store_upload_path(&job->bg->conf, job->source, from);
	snprintf(to, sizeof(to), "%s/input", job->folder);
	in = open(from, O_RDONLY | O_CLOEXEC);
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (in >= 0 && pread(in, head, sizeof(head), offset) == sizeof(head))
		*container = store_sniff(head, sizeof(head));
	while (in >= 0 && out >= 0 && left > 0 && n > 0)
		if ((n = copy_file_range(in, &offset, out, NULL, (size_t)left, 0)) > 0)
			left -= n;
	if (left > 0)
		log_error("video %lld: cannot read the upload: %s", (long long)job->video,
			  strerror(errno));
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return left > 0 ? MEDIA_TROUBLE : MEDIA_OK;
}

/* All of the work, in job->folder: afterwards video.mp4 and cover.jpg lie there. */
static enum media_result
work(struct job *job)
{
	struct media_job media = { &job->bg->conf, job->folder, { keep_lease, job } };
	enum container container = CONTAINER_NONE;
	enum media_result result;
	struct media_info info;

	if ((result = extract(job, &container)) != MEDIA_OK)
		return result;
	if ((result = media_probe(&media, container, &info)) != MEDIA_OK)
		return result;
	if ((result = media_convert(&media, container, &info)) != MEDIA_OK)
		return result;
	return media_cover(&media);
}

/* Puts the files in their places, and then says so. */
static enum media_result
publish(struct job *job)
{
	char path[STORE_PATH_MAX + 16], play[STORE_NAME_MAX + 16], cover[STORE_NAME_MAX + 16];
	db_result *res = NULL;
	enum err e;
	int tries;

	snprintf(path, sizeof(path), "%s/video.mp4", job->folder);
	if (store_publish(&job->bg->conf, path, "mp4", play) != ERR_OK)
		return MEDIA_TROUBLE;
	snprintf(path, sizeof(path), "%s/cover.jpg", job->folder);
	if (store_publish(&job->bg->conf, path, "jpg", cover) != ERR_OK)
		return MEDIA_TROUBLE;
	/* Two jobs may want the same place in the feed: the second tries again. */
	for (tries = 0, e = ERR_INTERNAL; e == ERR_INTERNAL && tries < 5; tries++)
		e = db_query(job->bg->db, STMT_JOB_READY, &res, db_int(job->video),
			     db_int(job->attempt), db_text(play, strlen(play)),
			     db_text(cover, strlen(cover)));
	db_clear(res);
	return e == ERR_OK ? MEDIA_OK : MEDIA_TROUBLE;
}

static const char *
reason(enum media_result result)
{
	switch (result) {
	case MEDIA_NO_PICTURE:
		return "no_picture";
	case MEDIA_TOO_LONG:
		return "too_long";
	case MEDIA_UNREADABLE:
		return "unreadable";
	default:
		return "internal";
	}
}

static bool
fail(struct job *job, enum media_result result)
{
	const char *why = reason(result);
	db_result *res = NULL;
	bool told;

	told = db_query(job->bg->db, STMT_JOB_FAILED, &res, db_int(job->video),
			db_int(job->attempt), db_text(why, strlen(why))) == ERR_OK;
	db_clear(res);
	return told;
}

/* Trouble that may pass: the job stays and is taken again, after a pause that grows. */
static bool
put_off(const struct job *job, enum media_result result)
{
	if (result == MEDIA_STOPPED)
		lease(job, 0);
	else if (result == MEDIA_TROUBLE && job->attempt < MAX_ATTEMPTS)
		lease(job, PAUSE_MS << job->attempt);
	else
		return false;
	return true;
}

static void
do_job(struct job *job)
{
	enum media_result result = MEDIA_TROUBLE;
	bool decided = true;

	snprintf(job->folder, sizeof(job->folder), "%s/work/%lld", job->bg->conf.home,
		 (long long)job->video);
	nftw(job->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS); /* of an attempt that died */
	if (mkdir(job->folder, 0700) == 0 && (result = work(job)) == MEDIA_OK)
		result = publish(job);
	if (put_off(job, result))
		decided = false;
	else if (result != MEDIA_OK)
		decided = fail(job, result);
	log_info("video %lld: %s", (long long)job->video,
		 result == MEDIA_OK ? "ready"
		 : decided	    ? reason(result)
				    : "later");
	if (decided)
		store_forget(&job->bg->conf, job->source);
	nftw(job->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Takes the next job; false when there is none. */
static bool
take(struct background *bg, struct job *job)
{
	db_result *res = NULL;
	bool found = false;

	memset(job, 0, sizeof(*job));
	job->bg = bg;
	if (db_query(bg->db, STMT_JOB_TAKE, &res, db_int(LEASE_MS)) == ERR_OK &&
	    db_rows(res) == 1) {
		job->video = db_get_int(res, 0, db_column(res, "video_id"));
		job->attempt = db_get_int(res, 0, db_column(res, "attempts"));
		job->offset = db_get_int(res, 0, db_column(res, "source_offset"));
		job->length = db_get_int(res, 0, db_column(res, "source_length"));
		snprintf(job->source, sizeof(job->source), "%s",
			 db_get_text(res, 0, db_column(res, "source"), NULL));
		found = true;
	}
	db_clear(res);
	return found;
}

int
main(void)
{
	struct background bg = { .db = NULL };
	bool ok = background_start(&bg, "transcode"), busy = false;
	struct job job;

	umask(022);
	while (ok && background_pause(busy ? 0 : IDLE_MS)) {
		busy = take(&bg, &job);
		if (busy)
			do_job(&job);
	}
	return background_end(&bg, ok);
}

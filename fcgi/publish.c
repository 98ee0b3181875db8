/* publish.c: upload, list, retry, delete.  Routes: routes.def.  SQL: sql/publish.sql,
 * sql/video.sql.
 */
#include <fcntl.h>
#include <unistd.h>

#include "files/container.h"
#include "files/store.h"
#include "handlers.h"
#include "media/reason.h"
#include "model/transcode_push.h"
#include "page.h"
#include "videos.h"

#define CHUNK_MB 8	       /* recommended chunk of a resumable upload */
#define QUEUEING_SLACK_MS 7500 /* slack for queueing outside statement_timeout */

/* File type of a part, by its first bytes. */
static enum container
part_type(const struct value *part, int fd)
{
	unsigned char head[CONTAINER_HEAD];
	ssize_t n = pread(fd, head, sizeof(head), part->offset);

	if (n > part->size)
		n = (ssize_t)part->size;
	return n > 0 ? container_sniff(head, (size_t)n) : CONTAINER_NONE;
}

/* Refuses at once what the first bytes prove to be no video or no picture. */
static enum err
check_parts(const struct req *r, int fd)
{
	const struct value *file = &r->values[P_DATA], *cover = &r->values[P_COVER];
	enum err e;

	if (file->size == 0)
		return ERR_FILE_EMPTY;
	if ((e = upload_type_error(part_type(file, fd))) != ERR_OK)
		return e;
	if (!req_has(r, P_COVER) || cover->size == 0)
		return ERR_OK;
	return container_is_cover(part_type(cover, fd)) ? ERR_OK : ERR_COVER_TYPE;
}

static enum err
submit(struct req *r, const char *name)
{
	const struct value *file = &r->values[P_DATA], *cover = &r->values[P_COVER];
	const struct submission s = {
		.title = r->values[P_TITLE].text,
		.title_len = r->values[P_TITLE].len,
		.source = name,
		.offset = file->offset,
		.length = file->size,
		.cover_offset = req_has(r, P_COVER) ? cover->offset : 0,
		.cover_length = req_has(r, P_COVER) ? cover->size : 0,
		.cover_ms = req_int(r, P_COVER_MS, -1),
	};

	return transcode_push(r, &s, r->conf->processing_max);
}

/*
 * POST /douyin/publish/action/
 *
 * nginx has stored the body in a file.  The file is renamed, not copied; the job
 * extracts the video.  If the database's reply is lost, the file stays: the row
 * may have been committed.  If not, jobs/sweep deletes the file later.
 */
enum err
publish_act(struct req *r, struct reply *out)
{
	char name[STORE_NAME_MAX];
	int fd = open(r->body_file, O_RDONLY | O_CLOEXEC);
	enum err e;

	(void)out; /* the base object is the whole reply */
	if (fd < 0)
		return ERR_INTERNAL;
	if ((e = check_parts(r, fd)) == ERR_OK &&
	    (e = store_accept_upload(r->conf, r->body_file, fd, name)) == ERR_OK &&
	    (e = submit(r, name)) != ERR_OK && e != ERR_UNAVAILABLE)
		store_delete_upload(r->conf, name);
	close(fd);
	return e;
}

/* GET /douyin/publish/list/ */
enum err
publish_list(struct req *r, struct reply *out)
{
	db_result *res = NULL;
	int64_t owner = page_owner(r);
	enum err e;
	int n;

	e = db_query(r->db, STMT_PUBLISH_LIST, &res, db_int(owner), db_int(r->viewer),
		     page_before(r), page_fetch(r));
	if (e != ERR_OK)
		return e;
	n = page_shown(r, res);
	e = videos_write(r, videos_refs(r, res, n), (size_t)n, owner == r->viewer ? res : NULL,
			 out);
	page_end(r, res, out);
	db_clear(res);
	return e;
}

/* Why a failed video cannot be retried. */
static enum err
retry_error(struct req *r, const db_result *res)
{
	int64_t busy = db_get_int(res, 0, db_column(res, "busy")), most = r->conf->processing_max;

	if (db_get_bool(res, 0, db_column(res, "final")))
		return ERR_RETRY_VAIN;
	if (busy >= most && db_get_bool(res, 0, db_column(res, "kept")))
		return req_error_detail(r, ERR_TOO_MANY_PROCESSING, "%lld / %lld", (long long)busy,
					(long long)most);
	return ERR_NOT_FAILED;
}

/*
 * POST /douyin/publish/retry/
 *
 * Success also if the video is in processing or ready.  A video that failed
 * because of its content would fail again and is refused.
 */
enum err
publish_retry(struct req *r, struct reply *out)
{
	const struct key changed[] = { key_of(KEY_USER_FRAGMENT, r->viewer),
				       key_of(KEY_VIDEO_FRAGMENT, req_int(r, P_VIDEO_ID, 0)) };
	char finals[REASON_LIST_MAX];
	db_result *res = NULL;
	enum err e;

	(void)out; /* the base object is the whole reply */
	reason_list_final(finals);
	e = db_query(r->db, STMT_PUBLISH_RETRY, &res, db_int(r->viewer),
		     db_int(req_int(r, P_VIDEO_ID, 0)), (struct db_arg){ DB_ARRAY, 0, finals, 0 },
		     db_int(r->conf->processing_max));
	if (e != ERR_OK)
		return e;
	if (db_rows(res) == 0)
		e = ERR_VIDEO_UNKNOWN;
	else if (db_get_bool(res, 0, db_column(res, "changed")))
		cache_invalidate(r->cache, changed, 2);
	else if (strcmp(db_get_text(res, 0, db_column(res, "state"), NULL), "failed") == 0)
		e = retry_error(r, res);
	db_clear(res);
	return e;
}

/*
 * POST /douyin/publish/delete/
 *
 * Deletes the video and corrects its author's counters.  jobs/sweep deletes its
 * comments, files and the likes of others, which are no longer visible: a million
 * likes would exceed the time limit of a request.
 */
enum err
publish_delete(struct req *r, struct reply *out)
{
	int64_t video = req_int(r, P_VIDEO_ID, 0);
	const struct key changed[] = {
		key_of(KEY_USER_FRAGMENT, r->viewer), key_of(KEY_USER_LIKES, r->viewer),
		key_of(KEY_VIDEO_FRAGMENT, video),    key_of(KEY_VIDEO_COMMENTS, video),
		key_of(KEY_FEED_NEWEST, 0),
	};
	db_result *res = NULL;
	int source;
	enum err e;

	(void)out; /* the base object is the whole reply */
	e = db_query(r->db, STMT_PUBLISH_DELETE, &res, db_int(r->viewer),
		     db_int(req_int(r, P_VIDEO_ID, 0)),
		     db_int(r->conf->database_timeout_ms + QUEUEING_SLACK_MS));
	if (e != ERR_OK)
		return e;
	if (db_rows(res) == 0) {
		e = ERR_VIDEO_UNKNOWN;
	} else {
		source = db_column(res, "source");
		if (!db_is_null(res, 0, source))
			store_delete_upload(r->conf, db_get_text(res, 0, source, NULL));
		cache_invalidate(r->cache, changed, 5);
	}
	db_clear(res);
	return e;
}

/* GET /douyin/publish/limits/ */
enum err
publish_limits(struct req *r, struct reply *out)
{
	json_int(&out->body, "max_bytes", r->conf->upload_max_mb * 1024 * 1024);
	json_int(&out->body, "max_seconds", r->conf->video_max_seconds);
	json_int(&out->body, "max_side", r->conf->video_max_side);
	json_int(&out->body, "max_processing", r->conf->processing_max);
	json_int(&out->body, "chunk_bytes", CHUNK_MB * 1024 * 1024);
	return ERR_OK;
}

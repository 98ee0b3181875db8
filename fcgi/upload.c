/*
 * upload.c: resumable uploads, by the tus protocol 1.0.0 with the extensions
 * creation, expiration, checksum and termination (tus.io/protocols).  Routes:
 * routes.c.  SQL: sql/upload.sql.
 *
 * An upload is a row and a file below upload/.  How much has come is the size
 * of the file, so an acknowledged chunk is there after any crash.  nginx has
 * each chunk complete before we see it: a broken one is never appended.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "checksum.h"
#include "enqueue.h"
#include "handlers.h"
#include "metadata.h"
#include "store.h"
#include "text.h"
#include "writing.h"

struct upload {
	char name[STORE_NAME_MAX];
	const char *title; /* borrowed from the result */
	size_t title_len;
	int64_t length, cover_ms, expires_at;
	int64_t video; /* what it has become, or 0 */
	int64_t received;
	int fd; /* of the file, locked; -1 */
	db_result *res;
};

/* An integer header; false if it is missing or bad. */
static bool
number(const struct req *r, const char *header, int64_t *out)
{
	const char *text = req_header(r, header);

	return text_int(text, strlen(text), out) && *out >= 0;
}

static void
tell_number(struct reply *out, const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	reply_header(out, name, text);
}

static void
tell_expiry(struct reply *out, int64_t expires_at)
{
	time_t seconds = (time_t)(expires_at / 1000);
	struct tm utc;
	char text[64];

	if (gmtime_r(&seconds, &utc) == NULL)
		return;
	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &utc);
	reply_header(out, "Upload-Expires", text);
}

static enum err
check_version(const struct req *r, struct reply *out)
{
	if (strcmp(req_header(r, "HTTP_TUS_RESUMABLE"), TUS_VERSION) == 0)
		return ERR_OK;
	reply_header(out, "Tus-Version", TUS_VERSION);
	return ERR_UPLOAD_VERSION;
}

static void
release(struct upload *u)
{
	if (u->fd >= 0)
		close(u->fd);
	db_clear(u->res);
}

/* The file, locked against other requests for the same upload. */
static enum err
open_file(struct req *r, struct upload *u)
{
	char path[STORE_PATH_MAX];
	struct stat st;

	store_upload_path(r->conf, u->name, path);
	if ((u->fd = open(path, O_RDWR | O_CLOEXEC)) < 0)
		return errno == ENOENT ? ERR_UPLOAD_UNKNOWN : ERR_INTERNAL;
	if (flock(u->fd, LOCK_EX | LOCK_NB) != 0)
		return ERR_UPLOAD_BUSY;
	if (fstat(u->fd, &st) != 0)
		return ERR_INTERNAL;
	u->received = st.st_size;
	return ERR_OK;
}

/*
 * Finds the upload that the path names; one that has become a video needs no
 * file.  The file is locked before the row is read: else a request that waited
 * would not see what became of the upload meanwhile.  *opened says whether it
 * could be had.
 */
static enum err
find_row(struct req *r, struct upload *u, enum err *opened)
{
	size_t n = strspn(r->rest, "0123456789abcdef");
	enum err e;

	*u = (struct upload){ .fd = -1 };
	if (n == 0 || n >= sizeof(u->name) || (r->rest[n] != '\0' && strcmp(r->rest + n, "/") != 0))
		return ERR_UPLOAD_UNKNOWN;
	memcpy(u->name, r->rest, n);
	*opened = open_file(r, u);
	e = db_query(r->db, STMT_UPLOAD_GET, &u->res, db_text(u->name, n), db_int(r->viewer));
	if (e != ERR_OK)
		return e;
	if (db_rows(u->res) == 0)
		return ERR_UPLOAD_UNKNOWN;
	u->title = db_get_text(u->res, 0, db_column(u->res, "title"), &u->title_len);
	u->length = db_get_int(u->res, 0, db_column(u->res, "length"));
	u->cover_ms = db_get_int(u->res, 0, db_column(u->res, "cover_ms"));
	u->expires_at = db_get_int(u->res, 0, db_column(u->res, "expires_at"));
	u->video = db_get_int(u->res, 0, db_column(u->res, "video_id"));
	if (u->video == 0)
		return ERR_OK;
	u->received = u->length;
	*opened = ERR_OK;
	return ERR_OK;
}

static enum err
find(struct req *r, struct upload *u)
{
	enum err opened = ERR_OK, e = find_row(r, u, &opened);

	return e == ERR_OK ? opened : e;
}

/*
 * A complete upload becomes a video.  This is tried again by the HEAD of a
 * client that did not get our answer.  How many are in processing was asked
 * when the upload was made, and is not a reason to throw it away now.
 */
static enum err
finish(struct req *r, struct upload *u)
{
	const struct submission s = { .title = u->title,
				      .title_len = u->title_len,
				      .source = u->name,
				      .length = u->length,
				      .cover_ms = u->cover_ms };
	unsigned char head[STORE_HEAD];
	ssize_t n;
	enum err e, refusal;

	if (u->video != 0 || u->received < u->length)
		return ERR_OK;
	if ((n = pread(u->fd, head, sizeof(head), 0)) < 0)
		return ERR_INTERNAL;
	if ((refusal = enqueue_check(store_sniff(head, (size_t)n))) == ERR_OK)
		return enqueue(r, &s, INT64_MAX);
	db_clear(u->res);
	u->res = NULL;
	e = db_query(r->db, STMT_UPLOAD_REMOVE, &u->res, db_text(u->name, strlen(u->name)),
		     db_int(r->viewer));
	if (e == ERR_OK)
		store_forget(r->conf, u->name);
	return e == ERR_OK ? refusal : e;
}

/* OPTIONS /douyin/upload/ and of an upload: what we can do. */
enum err
upload_options(struct req *r, struct reply *out)
{
	reply_bare(out, 204);
	reply_header(out, "Tus-Version", TUS_VERSION);
	reply_header(out, "Tus-Extension", "creation,expiration,checksum,termination");
	reply_header(out, "Tus-Checksum-Algorithm", "sha1,sha256,md5");
	tell_number(out, "Tus-Max-Size", r->conf->upload_max_mb * 1024 * 1024);
	return ERR_OK;
}

/* The length, within the limit; the title, or the file's name for clients that send no title. */
static enum err
read_creation(struct req *r, struct upload *u)
{
	int64_t most = r->conf->upload_max_mb * 1024 * 1024;
	const char *list = req_header(r, "HTTP_UPLOAD_METADATA");
	char *text;
	enum err e;

	if (!number(r, "HTTP_UPLOAD_LENGTH", &u->length) || u->length == 0)
		return req_explain(r, ERR_PARAM_INVALID, "Upload-Length");
	if (u->length > most)
		return req_explain(r, ERR_UPLOAD_LENGTH, "%lld bytes, the limit is %lld",
				   (long long)u->length, (long long)most);
	u->title = text = metadata_get(r->arena, list, "title", &u->title_len);
	if (text == NULL)
		u->title = text = metadata_get(r->arena, list, "filename", &u->title_len);
	if (text == NULL)
		return req_blame(r, ERR_PARAM_MISSING, P_TITLE);
	if ((e = writing_check(WRITING_TITLE, text, u->title_len)) != ERR_OK)
		return req_blame(r, e, P_TITLE);
	u->cover_ms = -1;
	text = metadata_get(r->arena, list, "cover_ms", NULL);
	if (text != NULL && (!text_int(text, strlen(text), &u->cover_ms) || u->cover_ms < 0 ||
			     u->cover_ms > 86400000))
		return req_blame(r, ERR_PARAM_INVALID, P_COVER_MS);
	return ERR_OK;
}

/*
 * An empty file, then the row: the other way round a client could find a row
 * without a file.  If the database's answer is lost, the file stays: the row may
 * have been written, and jobs/sweep knows later.
 */
static enum err
create(struct req *r, struct upload *u)
{
	enum err e;

	if ((e = store_name(u->name)) != ERR_OK ||
	    (e = store_create(r->conf, u->name, &u->fd)) != ERR_OK)
		return e;
	e = db_query(r->db, STMT_UPLOAD_ADD, &u->res, db_text(u->name, strlen(u->name)),
		     db_int(r->viewer), db_text(u->title, u->title_len), db_int(u->length),
		     db_int(u->cover_ms), db_int(r->conf->upload_hours * 3600000),
		     db_int(r->conf->processing_max),
		     db_int(r->conf->account_max_mb * 1024 * 1024));
	if (e == ERR_OK && db_is_null(u->res, 0, db_column(u->res, "expires_at")))
		e = enqueue_refuse(r, db_get_int(u->res, 0, db_column(u->res, "busy")),
				   db_get_int(u->res, 0, db_column(u->res, "kept")));
	if (e != ERR_OK && e != ERR_UNAVAILABLE)
		store_forget(r->conf, u->name);
	return e;
}

/* POST /douyin/upload/: a new upload; Location is where its data goes. */
enum err
upload_create(struct req *r, struct reply *out)
{
	struct upload u = { .fd = -1 };
	const char *base = req_base_url(r);
	char location[512];
	enum err e;

	if (base == NULL)
		return ERR_INTERNAL;
	if ((e = check_version(r, out)) == ERR_OK && (e = read_creation(r, &u)) == ERR_OK &&
	    (e = create(r, &u)) == ERR_OK) {
		reply_bare(out, 201);
		snprintf(location, sizeof(location), "%.400s/douyin/upload/%s", base, u.name);
		reply_header(out, "Location", location);
		tell_expiry(out, db_get_int(u.res, 0, db_column(u.res, "expires_at")));
	}
	release(&u);
	return e;
}

/* HEAD /douyin/upload/NAME: how much has come. */
enum err
upload_show(struct req *r, struct reply *out)
{
	struct upload u = { .fd = -1 };
	enum err e;

	if ((e = check_version(r, out)) == ERR_OK && (e = find(r, &u)) == ERR_OK &&
	    (e = finish(r, &u)) == ERR_OK) {
		reply_bare(out, 200);
		tell_number(out, "Upload-Offset", u.received);
		tell_number(out, "Upload-Length", u.length);
		tell_expiry(out, u.expires_at);
	}
	release(&u);
	return e;
}

/*
 * Appends the chunk; what a full disk let through of it is taken back.  One of
 * nothing needs no file: there is none when the upload has become a video.
 */
static enum err
append(const struct req *r, struct upload *u, int chunk, int64_t n)
{
	off64_t from = 0, to = u->received;
	int64_t left = n;
	ssize_t copied = 1;
	enum err e;

	if (n == 0)
		return ERR_OK;
	while (left > 0 && copied > 0) {
		copied = copy_file_range(chunk, &from, u->fd, &to, (size_t)left, 0);
		if (copied > 0)
			left -= copied;
	}
	if (left == 0 && (!r->conf->upload_sync || fdatasync(u->fd) == 0)) {
		u->received += n;
		return ERR_OK;
	}
	e = store_error(errno);
	return ftruncate(u->fd, u->received) == 0 ? e : ERR_INTERNAL;
}

/* Does the chunk (its file, n bytes) go here? */
static enum err
check_chunk(struct req *r, const struct upload *u, int chunk, int64_t n)
{
	const char *checksum = req_header(r, "HTTP_UPLOAD_CHECKSUM");
	int64_t offset;

	if (strcmp(r->content_type, "application/offset+octet-stream") != 0)
		return ERR_UPLOAD_TYPE;
	if (!number(r, "HTTP_UPLOAD_OFFSET", &offset) || offset != u->received)
		return req_explain(r, ERR_UPLOAD_OFFSET, "%lld", (long long)u->received);
	if (n > u->length - u->received)
		return req_explain(r, ERR_UPLOAD_LENGTH, "%lld bytes, %lld are missing",
				   (long long)n, (long long)(u->length - u->received));
	if (checksum[0] == '\0')
		return ERR_OK;
	switch (checksum_verify(chunk, checksum)) {
	case CHECKSUM_GOOD:
		return ERR_OK;
	case CHECKSUM_BAD:
		return ERR_UPLOAD_CHECKSUM;
	default:
		return req_explain(r, ERR_PARAM_INVALID, "Upload-Checksum");
	}
}

/* What nginx has spooled; a request without a body has no file. */
static enum err
open_chunk(const struct req *r, int *fd, int64_t *n)
{
	struct stat st;

	*fd = open(r->body_file[0] == '\0' ? "/dev/null" : r->body_file, O_RDONLY | O_CLOEXEC);
	if (*fd < 0 || fstat(*fd, &st) != 0)
		return ERR_INTERNAL;
	*n = st.st_size;
	return ERR_OK;
}

/* PATCH /douyin/upload/NAME: more data; with the last of it the video is published. */
enum err
upload_append(struct req *r, struct reply *out)
{
	struct upload u = { .fd = -1 };
	int64_t n = 0;
	int chunk = -1;
	enum err e;

	if ((e = check_version(r, out)) == ERR_OK && (e = open_chunk(r, &chunk, &n)) == ERR_OK &&
	    (e = find(r, &u)) == ERR_OK && (e = check_chunk(r, &u, chunk, n)) == ERR_OK &&
	    (e = append(r, &u, chunk, n)) == ERR_OK && (e = finish(r, &u)) == ERR_OK) {
		reply_bare(out, 204);
		tell_number(out, "Upload-Offset", u.received);
		tell_expiry(out, u.expires_at);
	}
	if (chunk >= 0)
		close(chunk);
	release(&u);
	return e;
}

/* DELETE /douyin/upload/NAME: an upload that is not wanted any more, even one that lost its file.
 */
enum err
upload_remove(struct req *r, struct reply *out)
{
	struct upload u = { .fd = -1 };
	enum err e, opened = ERR_OK;

	if ((e = check_version(r, out)) == ERR_OK && (e = find_row(r, &u, &opened)) == ERR_OK &&
	    opened != ERR_UPLOAD_UNKNOWN)
		e = opened;
	if (e == ERR_OK) {
		db_clear(u.res);
		u.res = NULL;
		e = db_query(r->db, STMT_UPLOAD_REMOVE, &u.res, db_text(u.name, strlen(u.name)),
			     db_int(r->viewer));
	}
	if (e == ERR_OK && db_rows(u.res) == 0)
		e = ERR_UPLOAD_UNKNOWN;
	if (e == ERR_OK) {
		store_forget(r->conf, u.name);
		reply_bare(out, 204);
	}
	release(&u);
	return e;
}

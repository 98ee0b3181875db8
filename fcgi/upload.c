/*
 * upload.c: resumable uploads: the tus protocol 1.0.0 with the extensions
 * creation, creation-with-upload, expiration, checksum, termination and
 * concatenation (tus.io/protocols).  Creation: upload_create.c.  Routes:
 * routes.def.  SQL: sql/upload.sql.
 *
 * An upload is a row and a file in upload/.  Its offset is the size of the file,
 * so an acknowledged chunk survives a crash.  nginx passes only complete chunks:
 * an interrupted one is never appended.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "files/container.h"
#include "files/store.h"
#include "handlers.h"
#include "http/tus_checksum.h"
#include "model/transcode_push.h"
#include "upload.h"

bool
upload_number(const struct req *r, const char *header, int64_t *out)
{
	const char *text = req_header(r, header);

	return text_int(text, strlen(text), out) && *out >= 0;
}

void
upload_header_int(struct reply *out, const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	reply_header(out, name, text);
}

void
upload_header_expires(struct reply *out, int64_t expires_at)
{
	time_t seconds = (time_t)(expires_at / 1000);
	struct tm utc;
	char text[64];

	if (gmtime_r(&seconds, &utc) == NULL)
		return;
	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &utc);
	reply_header(out, "Upload-Expires", text);
}

enum err
upload_check_version(const struct req *r, struct reply *out)
{
	if (strcmp(req_header(r, "HTTP_TUS_RESUMABLE"), TUS_VERSION) == 0)
		return ERR_OK;
	reply_header(out, "Tus-Version", TUS_VERSION);
	return ERR_UPLOAD_VERSION;
}

void
upload_release(struct upload *u)
{
	if (u->fd >= 0)
		close(u->fd);
	db_clear(u->res);
}

/* Opens the file and locks it against other requests for the same upload. */
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
 * Lock the file before reading the row: otherwise the row could be out of date
 * when the lock is granted.
 */
enum err
upload_find(struct req *r, const char *name, struct upload *u, enum err *opened)
{
	size_t n = strspn(name, "0123456789abcdef");
	enum err e;

	*u = (struct upload){ .fd = -1 };
	if (n == 0 || n >= sizeof(u->name) || (name[n] != '\0' && strcmp(name + n, "/") != 0))
		return ERR_UPLOAD_UNKNOWN;
	memcpy(u->name, name, n);
	*opened = open_file(r, u);
	e = db_query(r->db, STMT_UPLOAD_GET, &u->res, db_text(u->name, n), db_int(r->viewer));
	if (e != ERR_OK)
		return e;
	if (db_rows(u->res) == 0)
		return ERR_UPLOAD_UNKNOWN;
	u->title = db_get_text(u->res, 0, db_column(u->res, "title"), &u->title_len);
	u->concat = db_get_text(u->res, 0, db_column(u->res, "concat"), NULL);
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

/* The upload that the path names; fails if its file cannot be opened. */
static enum err
find_by_path(struct req *r, struct upload *u)
{
	enum err opened = ERR_OK, e = upload_find(r, r->rest, u, &opened);

	return e == ERR_OK ? opened : e;
}

enum err
upload_finish(struct req *r, struct upload *u)
{
	const struct submission s = { .title = u->title,
				      .title_len = u->title_len,
				      .source = u->name,
				      .length = u->length,
				      .cover_ms = u->cover_ms };
	unsigned char head[CONTAINER_HEAD];
	ssize_t n;
	enum err e, refusal;

	if (u->video != 0 || u->received < u->length || strcmp(u->concat, UPLOAD_PARTIAL) == 0)
		return ERR_OK;
	if ((n = pread(u->fd, head, sizeof(head), 0)) < 0)
		return ERR_INTERNAL;
	if ((refusal = upload_type_error(container_sniff(head, (size_t)n))) == ERR_OK)
		return transcode_push(r, &s, INT64_MAX);
	db_clear(u->res);
	u->res = NULL;
	e = db_query(r->db, STMT_UPLOAD_REMOVE, &u->res, db_text(u->name, strlen(u->name)),
		     db_int(r->viewer));
	if (e == ERR_OK)
		store_delete_upload(r->conf, u->name);
	return e == ERR_OK ? refusal : e;
}

/* OPTIONS /douyin/upload/ and /douyin/upload/NAME: capabilities. */
enum err
upload_options(struct req *r, struct reply *out)
{
	reply_status_only(out, 204);
	reply_header(out, "Tus-Version", TUS_VERSION);
	reply_header(out, "Tus-Extension",
		     "creation,creation-with-upload,expiration,checksum,termination,concatenation");
	reply_header(out, "Tus-Checksum-Algorithm", "sha1,sha256,md5");
	upload_header_int(out, "Tus-Max-Size", r->conf->upload_max_mb * 1024 * 1024);
	return ERR_OK;
}

/* HEAD /douyin/upload/NAME: the offset. */
enum err
upload_show(struct req *r, struct reply *out)
{
	struct upload u = { .fd = -1 };
	enum err e;

	if ((e = upload_check_version(r, out)) == ERR_OK && (e = find_by_path(r, &u)) == ERR_OK &&
	    (e = upload_finish(r, &u)) == ERR_OK) {
		reply_status_only(out, 200);
		upload_header_int(out, "Upload-Offset", u.received);
		upload_header_int(out, "Upload-Length", u.length);
		if (u.concat[0] != '\0')
			reply_header(out, "Upload-Concat", u.concat);
		upload_header_expires(out, u.expires_at);
	}
	upload_release(&u);
	return e;
}

/* An empty chunk needs no file: there is none if the upload has become a video. */
enum err
upload_append_chunk(const struct req *r, struct upload *u, int chunk, int64_t n)
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
	e = store_errno_to_err(errno);
	return ftruncate(u->fd, u->received) == 0 ? e : ERR_INTERNAL;
}

enum err
upload_check_chunk(struct req *r, const struct upload *u, int chunk, int64_t n)
{
	const char *checksum = req_header(r, "HTTP_UPLOAD_CHECKSUM");

	if (strcmp(r->content_type, "application/offset+octet-stream") != 0)
		return ERR_UPLOAD_TYPE;
	if (n > u->length - u->received)
		return req_error_detail(r, ERR_UPLOAD_LENGTH, "%lld bytes, %lld are missing",
					(long long)n, (long long)(u->length - u->received));
	if (checksum[0] == '\0')
		return ERR_OK;
	switch (tus_checksum_verify(chunk, checksum)) {
	case CHECKSUM_GOOD:
		return ERR_OK;
	case CHECKSUM_BAD:
		return ERR_UPLOAD_CHECKSUM;
	default:
		return req_error_detail(r, ERR_PARAM_INVALID, "Upload-Checksum");
	}
}

/* Checks Upload-Offset.  A final upload is complete and immutable (tus, 3.8). */
static enum err
check_offset(struct req *r, const struct upload *u)
{
	int64_t offset;

	if (strncmp(u->concat, UPLOAD_FINAL, strlen(UPLOAD_FINAL)) == 0)
		return ERR_UPLOAD_FINAL;
	if (strcmp(r->content_type, "application/offset+octet-stream") != 0)
		return ERR_UPLOAD_TYPE;
	if (!upload_number(r, "HTTP_UPLOAD_OFFSET", &offset) || offset != u->received)
		return req_error_detail(r, ERR_UPLOAD_OFFSET, "%lld", (long long)u->received);
	return ERR_OK;
}

/* Without a body there is no file. */
enum err
upload_open_chunk(const struct req *r, int *fd, int64_t *n)
{
	struct stat st;

	*fd = open(r->body_file[0] == '\0' ? "/dev/null" : r->body_file, O_RDONLY | O_CLOEXEC);
	if (*fd < 0 || fstat(*fd, &st) != 0)
		return ERR_INTERNAL;
	*n = st.st_size;
	return ERR_OK;
}

/* PATCH /douyin/upload/NAME: appends data; the last chunk publishes the video. */
enum err
upload_append(struct req *r, struct reply *out)
{
	struct upload u = { .fd = -1 };
	int64_t n = 0;
	int chunk = -1;
	enum err e;

	if ((e = upload_check_version(r, out)) == ERR_OK &&
	    (e = upload_open_chunk(r, &chunk, &n)) == ERR_OK &&
	    (e = find_by_path(r, &u)) == ERR_OK && (e = check_offset(r, &u)) == ERR_OK &&
	    (e = upload_check_chunk(r, &u, chunk, n)) == ERR_OK &&
	    (e = upload_append_chunk(r, &u, chunk, n)) == ERR_OK &&
	    (e = upload_finish(r, &u)) == ERR_OK) {
		reply_status_only(out, 204);
		upload_header_int(out, "Upload-Offset", u.received);
		upload_header_expires(out, u.expires_at);
	}
	if (chunk >= 0)
		close(chunk);
	upload_release(&u);
	return e;
}

/* DELETE /douyin/upload/NAME: deletes an upload, also if its file is missing. */
enum err
upload_remove(struct req *r, struct reply *out)
{
	struct upload u = { .fd = -1 };
	enum err e, opened = ERR_OK;

	if ((e = upload_check_version(r, out)) == ERR_OK &&
	    (e = upload_find(r, r->rest, &u, &opened)) == ERR_OK && opened != ERR_UPLOAD_UNKNOWN)
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
		store_delete_upload(r->conf, u.name);
		reply_status_only(out, 204);
	}
	upload_release(&u);
	return e;
}

/*
 * upload_create.c: creates resumable uploads: empty, with their first data, or by
 * concatenation of partial ones (tus, 3.6 and 3.8).  Routes: routes.def.  SQL: sql/upload.sql.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/user_text.h"
#include "handlers.h"
#include "http/tus_metadata.h"
#include "model/transcode_push.h"
#include "upload.h"

#define PARTS_MAX 64
#define PARTS_FACTOR 10 /* limit of partial uploads of a user: times processing_max */
#define FOLDER "/douyin/upload/"

/* The partial uploads that a final one names. */
struct parts {
	char names[PARTS_MAX][STORE_NAME_MAX];
	size_t n;
};

static bool
is_partial(const struct upload *u)
{
	return strcmp(u->concat, UPLOAD_PARTIAL) == 0;
}

/* Title (or file name, for clients without title) and cover_ms.  Partial uploads need no title. */
static enum err
read_metadata(struct req *r, struct upload *u)
{
	const char *list = req_header(r, "HTTP_UPLOAD_METADATA");
	char *text;
	enum err e;

	u->title = text = tus_metadata_get(r->arena, list, "title", &u->title_len);
	if (text == NULL)
		u->title = text = tus_metadata_get(r->arena, list, "filename", &u->title_len);
	if (text == NULL && is_partial(u)) {
		u->title = "";
		u->title_len = 0;
	} else if (text == NULL)
		return req_error_param(r, ERR_PARAM_MISSING, P_TITLE);
	if (text != NULL &&
	    (e = user_text_check(USER_TEXT_TITLE, u->title, u->title_len)) != ERR_OK)
		return req_error_param(r, e, P_TITLE);
	u->cover_ms = -1;
	text = tus_metadata_get(r->arena, list, "cover_ms", NULL);
	if (text != NULL && (!text_int(text, strlen(text), &u->cover_ms) || u->cover_ms < 0 ||
			     u->cover_ms > 86400000))
		return req_error_param(r, ERR_PARAM_INVALID, P_COVER_MS);
	return ERR_OK;
}

static enum err
check_length(struct req *r, int64_t length)
{
	int64_t most = r->conf->upload_max_mb * 1024 * 1024;

	return length <= most
		   ? ERR_OK
		   : req_error_detail(r, ERR_UPLOAD_LENGTH, "%lld bytes, the limit is %lld",
				      (long long)length, (long long)most);
}

static enum err
read_length(struct req *r, struct upload *u)
{
	if (!upload_number(r, "HTTP_UPLOAD_LENGTH", &u->length) || u->length == 0)
		return req_error_detail(r, ERR_PARAM_INVALID, "Upload-Length");
	return check_length(r, u->length);
}

/*
 * Creates the file before the row: a client must not find a row without a file.
 * If the database's reply is lost, the file stays: the row may have been
 * committed.  If not, jobs/sweep deletes the file later.
 */
static enum err
create_file(const struct req *r, struct upload *u)
{
	enum err e = store_new_upload_name(u->name);

	return e == ERR_OK ? store_create_upload(r->conf, u->name, &u->fd) : e;
}

static enum err
add_row(struct req *r, struct upload *u)
{
	int64_t most = r->conf->processing_max * (is_partial(u) ? PARTS_FACTOR : 1);
	enum err e;

	e = db_query(r->db, STMT_UPLOAD_ADD, &u->res, db_text(u->name, strlen(u->name)),
		     db_int(r->viewer), db_text(u->title, u->title_len), db_int(u->length),
		     db_int(u->cover_ms), db_int(r->conf->upload_hours * 3600000), db_int(most),
		     db_int(r->conf->account_max_mb * 1024 * 1024),
		     db_text(u->concat, strlen(u->concat)));
	if (e == ERR_OK && db_is_null(u->res, 0, db_column(u->res, "expires_at")))
		e = upload_limit_error(r, db_get_int(u->res, 0, db_column(u->res, "busy")), most,
				       db_get_int(u->res, 0, db_column(u->res, "kept")));
	if (e == ERR_OK)
		u->expires_at = db_get_int(u->res, 0, db_column(u->res, "expires_at"));
	return e;
}

/* Removes a row whose name the client will not learn. */
static void
remove_row(struct req *r, const struct upload *u)
{
	db_result *res = NULL;
	enum err e = db_query(r->db, STMT_UPLOAD_REMOVE, &res, db_text(u->name, strlen(u->name)),
			      db_int(r->viewer));

	(void)e; /* on failure it expires */
	db_clear(res);
}

/* Creates an upload, with the data of the body if there is one. */
static enum err
create(struct req *r, struct upload *u)
{
	int64_t n = 0;
	int chunk = -1;
	enum err e;

	if ((e = read_length(r, u)) != ERR_OK || (e = read_metadata(r, u)) != ERR_OK)
		return e;
	if ((e = upload_open_chunk(r, &chunk, &n)) == ERR_OK &&
	    (n == 0 || (e = upload_check_chunk(r, u, chunk, n)) == ERR_OK) &&
	    (e = create_file(r, u)) == ERR_OK) {
		if ((e = add_row(r, u)) == ERR_OK &&
		    (e = upload_append_chunk(r, u, chunk, n)) != ERR_OK)
			remove_row(r, u);
		if (e != ERR_OK && e != ERR_UNAVAILABLE)
			store_delete_upload(r->conf, u->name);
	}
	if (chunk >= 0)
		close(chunk);
	return e;
}

/* Parses URLs separated by blanks, absolute or not; the last segment is the name. */
static enum err
read_parts(struct req *r, const char *list, struct parts *parts)
{
	const char *word = list, *name;
	size_t len, n;

	for (parts->n = 0; *word != '\0'; word += len + strspn(word + len, " ")) {
		len = strcspn(word, " ");
		name = memmem(word, len, FOLDER, strlen(FOLDER));
		n = name == NULL ? 0 : strspn(name + strlen(FOLDER), "0123456789abcdef");
		if (len == 0 || parts->n == PARTS_MAX || n == 0 || n >= STORE_NAME_MAX ||
		    name + strlen(FOLDER) + n != word + len)
			return req_error_detail(r, ERR_PARAM_INVALID, "Upload-Concat");
		memcpy(parts->names[parts->n], name + strlen(FOLDER), n);
		parts->names[parts->n++][n] = '\0';
	}
	return parts->n > 0 ? ERR_OK : req_error_detail(r, ERR_PARAM_INVALID, "Upload-Concat");
}

/* Appends a partial upload. */
static enum err
append_part(struct req *r, struct upload *u, const char *name)
{
	struct upload part;
	enum err opened = ERR_OK, e = upload_find(r, name, &part, &opened);

	if (e == ERR_OK && opened == ERR_UPLOAD_BUSY)
		e = opened;
	else if (e == ERR_UPLOAD_UNKNOWN ||
		 (e == ERR_OK &&
		  (opened != ERR_OK || !is_partial(&part) || part.received != part.length)))
		e = req_error_detail(r, ERR_UPLOAD_PART, "%s", name);
	if (e == ERR_OK)
		e = check_length(r, u->received + part.length);
	if (e == ERR_OK)
		e = upload_append_chunk(r, u, part.fd, part.length);
	upload_release(&part);
	return e;
}

/* Replaces the rows of the parts by that of the whole in one statement: crash-safe. */
static enum err
replace_parts(struct req *r, struct upload *u, const struct parts *parts)
{
	char names[PARTS_MAX * STORE_NAME_MAX + 2];
	size_t i, n = 0;
	enum err e;

	for (i = 0; i < parts->n; i++)
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%c%s", i == 0 ? '{' : ',',
				      parts->names[i]);
	snprintf(names + n, sizeof(names) - n, "}");
	e = db_query(r->db, STMT_UPLOAD_JOIN, &u->res, db_text(u->name, strlen(u->name)),
		     db_int(r->viewer), db_text(u->title, u->title_len), db_int(u->length),
		     db_int(u->cover_ms), db_int(r->conf->upload_hours * 3600000),
		     db_int(r->conf->processing_max), (struct db_arg){ DB_ARRAY, 0, names, 0 },
		     db_text(u->concat, strlen(u->concat)));
	if (e != ERR_OK)
		return e;
	u->expires_at = db_get_int(u->res, 0, db_column(u->res, "expires_at"));
	if (!db_is_null(u->res, 0, db_column(u->res, "expires_at")))
		return ERR_OK;
	if (db_get_int(u->res, 0, db_column(u->res, "parts")) != (int64_t)parts->n)
		return req_error_detail(
		    r, ERR_UPLOAD_PART, "%lld of %zu",
		    (long long)db_get_int(u->res, 0, db_column(u->res, "parts")), parts->n);
	return upload_limit_error(r, db_get_int(u->res, 0, db_column(u->res, "busy")),
				  r->conf->processing_max, 0);
}

/* Concatenates.  The length follows from the parts (tus, 3.8); a title is required. */
static enum err
join(struct req *r, struct upload *u)
{
	struct parts parts;
	enum err e;
	size_t i;

	if (req_header(r, "HTTP_UPLOAD_LENGTH")[0] != '\0')
		return req_error_detail(r, ERR_PARAM_INVALID, "Upload-Length");
	if ((e = read_metadata(r, u)) != ERR_OK ||
	    (e = read_parts(r, u->concat + strlen(UPLOAD_FINAL), &parts)) != ERR_OK ||
	    (e = create_file(r, u)) != ERR_OK)
		return e;
	for (i = 0; i < parts.n && e == ERR_OK; i++)
		e = append_part(r, u, parts.names[i]);
	u->length = u->received;
	if (e == ERR_OK)
		e = replace_parts(r, u, &parts);
	if (e != ERR_OK && e != ERR_UNAVAILABLE)
		store_delete_upload(r->conf, u->name);
	for (i = 0; i < parts.n && e == ERR_OK; i++)
		store_delete_upload(r->conf, parts.names[i]);
	return e;
}

/* Unsupported headers are refused rather than ignored, so that no client relies on them. */
static enum err
create_or_join(struct req *r, struct upload *u)
{
	u->concat = req_header(r, "HTTP_UPLOAD_CONCAT");
	if (req_header(r, "HTTP_UPLOAD_DEFER_LENGTH")[0] != '\0')
		return req_error_detail(r, ERR_PARAM_INVALID, "Upload-Defer-Length");
	if (strncmp(u->concat, UPLOAD_FINAL, strlen(UPLOAD_FINAL)) == 0)
		return join(r, u);
	if (u->concat[0] != '\0' && !is_partial(u))
		return req_error_detail(r, ERR_PARAM_INVALID, "Upload-Concat");
	return create(r, u);
}

/* POST /douyin/upload/: creates an upload; Location is its URL. */
enum err
upload_create(struct req *r, struct reply *out)
{
	struct upload u = { .fd = -1 };
	const char *base = req_base_url(r);
	char location[512];
	enum err e;

	if (base == NULL)
		return ERR_INTERNAL;
	if ((e = upload_check_version(r, out)) == ERR_OK && (e = create_or_join(r, &u)) == ERR_OK &&
	    (e = upload_finish(r, &u)) == ERR_OK) {
		reply_status_only(out, 201);
		snprintf(location, sizeof(location), "%.400s" FOLDER "%s", base, u.name);
		reply_header(out, "Location", location);
		upload_header_int(out, "Upload-Offset", u.received);
		upload_header_expires(out, u.expires_at);
	}
	upload_release(&u);
	return e;
}

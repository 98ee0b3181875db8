/* transcode_push.c: see transcode_push.h.  SQL: sql/publish.sql. */
#include <string.h>

#include "model/transcode_push.h"

enum err
upload_type_error(enum container kind)
{
	if (container_is_video(kind))
		return ERR_OK;
	if (container_is_cover(kind) || kind == CONTAINER_PHOTO)
		return ERR_FILE_PHOTO;
	return kind == CONTAINER_SOUND	 ? ERR_FILE_SOUND
	       : kind == CONTAINER_OTHER ? ERR_FILE_FORMAT
					 : ERR_FILE_TYPE;
}

/* If the number of videos is below the limit, the bytes were above it. */
enum err
upload_limit_error(struct req *r, int64_t busy, int64_t most, int64_t kept)
{
	if (busy >= most)
		return req_error_detail(r, ERR_TOO_MANY_PROCESSING, "%lld / %lld", (long long)busy,
					(long long)most);
	return req_error_detail(r, ERR_QUOTA, "%lld / %lld MB", (long long)(kept >> 20),
				(long long)r->conf->account_max_mb);
}

enum err
transcode_push(struct req *r, const struct submission *s, int64_t most)
{
	const struct key author = key_of(KEY_USER_FRAGMENT, r->viewer);
	char trace[TRACE_PARENT_LEN + 1] = "";
	db_result *res = NULL;
	enum err e;

	if (r->timing != NULL)
		trace_write(timing_trace(r->timing), trace);
	e = db_query(
	    r->db, STMT_PUBLISH_ADD, &res, db_int(r->viewer), db_text(s->title, s->title_len),
	    db_text(s->source, strlen(s->source)), db_int(s->offset), db_int(s->length),
	    db_int(s->cover_offset), db_int(s->cover_length), db_int(s->cover_ms), db_int(most),
	    db_text(trace, strlen(trace)), db_bool(most == PUSH_RESUMABLE),
	    db_int(most == PUSH_RESUMABLE ? INT64_MAX : r->conf->account_max_mb * 1024 * 1024));
	if (e != ERR_OK)
		return e;
	if (db_is_null(res, 0, db_column(res, "id")) && most == PUSH_RESUMABLE)
		e = ERR_UPLOAD_UNKNOWN;
	else if (db_is_null(res, 0, db_column(res, "id")))
		e = upload_limit_error(r, db_get_int(res, 0, db_column(res, "busy")), most,
				       db_get_int(res, 0, db_column(res, "kept")));
	else {
		timing_count(r->timing, METRIC_UPLOAD_BYTES, (uint64_t)s->length);
		cache_invalidate(r->cache, &author, 1);
	}
	db_clear(res);
	return e;
}

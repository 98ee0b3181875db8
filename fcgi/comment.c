/* comment.c: post, delete, list.  Routes: routes.c.  SQL: sql/comment.sql. */
#include <time.h>

#include "card.h"
#include "handlers.h"
#include "page.h"

static void
write_comment(struct buf *b, int64_t id, const struct cache_item *card, const char *base,
	      bool is_follow, const char *content, size_t n, int64_t created_at)
{
	time_t seconds = (time_t)(created_at / 1000);
	struct tm local;
	char date[8] = "";

	if (localtime_r(&seconds, &local) != NULL)
		strftime(date, sizeof(date), "%m-%d", &local);
	json_int(b, "id", id);
	json_open(b, "user", '{');
	card_write(b, card, base, is_follow);
	json_close(b, '}');
	json_str(b, "content", content, n);
	json_cstr(b, "create_date", date);
}

static enum err
post(struct req *r, struct reply *out)
{
	const struct value *text = &r->values[P_COMMENT_TEXT];
	const char *base = req_base_url(r);
	db_result *res = NULL;
	enum err e;

	if ((e = req_need(r, P_COMMENT_TEXT)) != ERR_OK)
		return e;
	e = db_query(r->db, STMT_COMMENT_ADD, &res, db_int(r->viewer),
		     db_int(req_int(r, P_VIDEO_ID, 0)), req_text(r, P_COMMENT_TEXT));
	if (e != ERR_OK)
		return e;
	if (base == NULL) {
		e = ERR_INTERNAL;
	} else if (db_rows(res) == 0) {
		e = ERR_VIDEO_UNKNOWN;
	} else {
		json_open(&out->body, "comment", '{');
		write_comment(&out->body, db_get_int(res, 0, db_column(res, "id")), &r->viewer_card,
			      base, false, text->text, text->len,
			      db_get_int(res, 0, db_column(res, "created_at")));
		json_close(&out->body, '}');
	}
	db_clear(res);
	return e;
}

static enum err
take_back(struct req *r)
{
	db_result *res = NULL;
	enum err e;

	if ((e = req_need(r, P_COMMENT_ID)) != ERR_OK)
		return e;
	e = db_query(r->db, STMT_COMMENT_REMOVE, &res, db_int(r->viewer),
		     db_int(req_int(r, P_VIDEO_ID, 0)), db_int(req_int(r, P_COMMENT_ID, 0)));
	if (e != ERR_OK)
		return e;
	if (db_rows(res) == 0)
		e = ERR_COMMENT_UNKNOWN;
	else if (!db_get_bool(res, 0, db_column(res, "own")))
		e = ERR_COMMENT_FOREIGN;
	else if (!db_get_bool(res, 0, db_column(res, "removed")))
		e = ERR_COMMENT_UNKNOWN; /* another request was faster */
	db_clear(res);
	return e;
}

/* POST /douyin/comment/action/ */
enum err
comment_act(struct req *r, struct reply *out)
{
	return req_int(r, P_ACTION_TYPE, 0) == 1 ? post(r, out) : take_back(r);
}

static enum err
write_list(struct req *r, const db_result *res, int n, struct reply *out)
{
	int user_id = db_column(res, "user_id"), is_follow = db_column(res, "is_follow");
	int key = db_column(res, "key"), content = db_column(res, "content");
	int created_at = db_column(res, "created_at"), row;
	int64_t *ids = arena_alloc(r->arena, (size_t)n * sizeof(*ids));
	const char *base = req_base_url(r);
	struct cards users;
	enum err e;

	if (ids == NULL || base == NULL)
		return ERR_INTERNAL;
	for (row = 0; row < n; row++)
		ids[row] = db_get_int(res, row, user_id);
	if ((e = cards_load(r, ids, (size_t)n, &users)) != ERR_OK)
		return e;
	json_open(&out->body, "comment_list", '[');
	for (row = 0; row < n; row++) {
		size_t len;
		const char *text = db_get_text(res, row, content, &len);

		json_open(&out->body, NULL, '{');
		write_comment(&out->body, db_get_int(res, row, key), cards_find(&users, ids[row]),
			      base, db_get_bool(res, row, is_follow), text, len,
			      db_get_int(res, row, created_at));
		json_close(&out->body, '}');
	}
	json_close(&out->body, ']');
	return ERR_OK;
}

/* GET /douyin/comment/list/ */
enum err
comment_list(struct req *r, struct reply *out)
{
	db_result *res = NULL;
	bool empty;
	enum err e;

	e = db_query(r->db, STMT_COMMENT_LIST, &res, db_int(req_int(r, P_VIDEO_ID, 0)),
		     db_int(r->viewer), page_before(r), page_fetch(r));
	if (e != ERR_OK)
		return e;
	if (db_rows(res) == 0) {
		e = ERR_VIDEO_UNKNOWN;
	} else {
		empty = db_is_null(res, 0, db_column(res, "key"));
		e = write_list(r, res, empty ? 0 : page_shown(r, res), out);
		page_end(r, res, out);
	}
	db_clear(res);
	return e;
}

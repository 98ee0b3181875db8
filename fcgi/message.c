/* message.c: chat.  Routes: routes.c.  SQL: sql/message.sql. */
#include "handlers.h"
#include "page.h"

/* POST /douyin/message/action/ */
enum err
message_act(struct req *r, struct reply *out)
{
	int64_t to = req_int(r, P_TO_USER_ID, 0);
	bool friends_only = r->conf->message_policy[0] == 'f';
	db_result *res = NULL;
	enum err e;

	(void)out; /* the base object is the whole reply */
	if (to == r->viewer)
		return ERR_MESSAGE_SELF;
	e = db_query(r->db, STMT_MESSAGE_ADD, &res, db_int(r->viewer), db_int(to),
		     req_text(r, P_CONTENT), db_bool(friends_only));
	if (e != ERR_OK)
		return e;
	if (!db_get_bool(res, 0, db_column(res, "known")))
		e = req_blame(r, ERR_USER_UNKNOWN, P_TO_USER_ID);
	else if (!db_get_bool(res, 0, db_column(res, "sent")))
		e = ERR_NOT_FRIENDS;
	db_clear(res);
	return e;
}

static void
write_message(struct buf *b, const db_result *res, int row, int64_t viewer, int64_t other)
{
	int64_t from = db_get_int(res, row, db_column(res, "from_user_id"));
	size_t n;
	const char *text = db_get_text(res, row, db_column(res, "content"), &n);

	json_open(b, NULL, '{');
	json_int(b, "id", db_get_int(res, row, db_column(res, "id")));
	json_int(b, "to_user_id", from == viewer ? other : viewer);
	json_int(b, "from_user_id", from);
	json_str(b, "content", text, n);
	json_int(b, "create_time", db_get_int(res, row, db_column(res, "key")));
	json_close(b, '}');
}

/* Remembers what was handed out, for viewers whose clock is ahead. */
static enum err
mark_seen(struct req *r, int64_t other, int64_t newest)
{
	db_result *res = NULL;
	enum err e;

	e = db_query(r->db, STMT_MESSAGE_SEEN, &res, db_int(r->viewer), db_int(other),
		     db_int(newest));
	db_clear(res);
	return e;
}

/* Oldest first: a history comes newest first, so that its end is what is shown. */
static enum err
write_list(struct req *r, const db_result *res, bool newest_first, struct reply *out)
{
	int n = page_shown(r, res), key = db_column(res, "key"), i;
	int64_t other = req_int(r, P_TO_USER_ID, 0);

	json_open(&out->body, "message_list", '[');
	for (i = 0; i < n; i++)
		write_message(&out->body, res, newest_first ? n - 1 - i : i, r->viewer, other);
	json_close(&out->body, ']');
	page_end(r, res, out);
	return n == 0 ? ERR_OK
		      : mark_seen(r, other, db_get_int(res, newest_first ? 0 : n - 1, key));
}

/*
 * GET /douyin/message/chat/
 *
 * Without pre_msg_time the whole conversation, as far as a page reaches back;
 * with it, what the other has written since.  Seconds are read as such below
 * 1e11.
 */
enum err
message_chat(struct req *r, struct reply *out)
{
	int64_t since = req_int(r, P_PRE_MSG_TIME, 0), other = req_int(r, P_TO_USER_ID, 0);
	db_result *res = NULL;
	enum err e;

	if (since < 100000000000)
		since *= 1000;
	if (since == 0)
		e = db_query(r->db, STMT_MESSAGE_HISTORY, &res, db_int(r->viewer), db_int(other),
			     page_before(r), page_fetch(r));
	else
		e = db_query(r->db, STMT_MESSAGE_POLL, &res, db_int(r->viewer), db_int(other),
			     db_int(since), page_fetch(r));
	if (e == ERR_OK)
		e = write_list(r, res, since == 0, out);
	db_clear(res);
	return e;
}

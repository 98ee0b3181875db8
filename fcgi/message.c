/* message.c: chat.  Routes: routes.c.  SQL: sql/message.sql. */
#include <stdio.h>

#include "handlers.h"
#include "page.h"
#include "text.h"

#define CLOCK_DOUBT_MS 5000

/* POST /douyin/message/action/ */
enum err
message_act(struct req *r, struct reply *out)
{
	int64_t to = req_int(r, P_TO_USER_ID, 0);
	bool friends_only = r->conf->message_policy[0] == 'f';
	const struct key chat = key_chat(r->viewer, to);
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
	else
		cache_drop(r->cache, &chat, 1);
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
 * pre_msg_time in ms: below 1e11 it is in seconds.  Who goes on from a page that
 * was not all has seen what was on it.
 */
static int64_t
seen_until(const struct req *r)
{
	int64_t since = req_int(r, P_PRE_MSG_TIME, 0), cursor = req_int(r, P_CURSOR, 0);

	if (since < 100000000000)
		since *= 1000;
	return since > 0 && since < cursor ? cursor : since;
}

/* A poll asks for the time of the last message first. */
void
message_warm(struct req *r)
{
	if (seen_until(r) > 0)
		r->prefetch.item.key = key_chat(r->viewer, req_int(r, P_TO_USER_ID, 0));
}

/* The time of the last message, from the cache, or from PostgreSQL and into it. */
static enum err
last_message(struct req *r, int64_t other, int64_t *last)
{
	struct cache_item *item = &r->prefetch.item;
	db_result *res = NULL;
	char text[24];
	enum err e;

	if (item->data != NULL && text_int(item->data, item->len, last))
		return ERR_OK;
	e = db_query(r->db, STMT_MESSAGE_LAST, &res, db_int(r->viewer), db_int(other));
	if (e != ERR_OK)
		return e;
	*last = db_get_int(res, 0, db_column(res, "last_at"));
	item->len = (size_t)snprintf(text, sizeof(text), "%lld", (long long)*last);
	item->data = text;
	cache_put(r->cache, item, 1);
	item->data = NULL;
	db_clear(res);
	return ERR_OK;
}

/*
 * Is there surely nothing new?  A time that we gave out ourselves (the last
 * message's) is exact; one of a phone's clock must be well past, because
 * messages may still get times before one that lies ahead.
 */
static bool
nothing_new(int64_t since, int64_t last)
{
	return since == last || (since > last && since < time_ms() - CLOCK_DOUBT_MS);
}

/*
 * GET /douyin/message/chat/
 *
 * Without pre_msg_time the whole conversation, as far as a page reaches back;
 * with it, what the other has written since.  Polled every second by every
 * open conversation: nothing new is told without PostgreSQL.
 */
enum err
message_chat(struct req *r, struct reply *out)
{
	int64_t since = seen_until(r), other = req_int(r, P_TO_USER_ID, 0), last = 0;
	db_result *res = NULL;
	enum err e = ERR_OK;

	if (since > 0 && (e = last_message(r, other, &last)) != ERR_OK)
		return e;
	if (since > 0 && nothing_new(since, last)) {
		json_open(&out->body, "message_list", '[');
		json_close(&out->body, ']');
		json_int(&out->body, "next_cursor", 0);
		return ERR_OK;
	}
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

/* message.c: chat.  Routes: routes.def.  SQL: sql/message.sql. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "handlers.h"
#include "page.h"

/* The cache key of what the viewer's device has seen of the chat. */
static struct key
key_seen(const struct req *r, int64_t other)
{
	uint64_t h = (uint64_t)other * 0x9e3779b97f4a7c15 ^ (uint64_t)r->device;

	h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9;
	return (struct key){ KEY_CHAT_SEEN, r->viewer, (int64_t)(h >> 1) };
}

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
		e = req_error_param(r, ERR_USER_UNKNOWN, P_TO_USER_ID);
	else if (!db_get_bool(res, 0, db_column(res, "sent")))
		e = ERR_NOT_FRIENDS;
	else
		cache_invalidate(r->cache, &chat, 1);
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

/* Stores the time of the newest message delivered to this device and to the viewer. */
static enum err
mark_seen(struct req *r, int64_t other, int64_t newest)
{
	const struct key seen = key_seen(r, other);
	db_result *res = NULL;
	enum err e;

	e = db_query(r->db, STMT_MESSAGE_SEEN, &res, db_int(r->viewer), db_int(other),
		     db_int(newest), db_int(r->device));
	db_clear(res);
	if (e == ERR_OK)
		cache_invalidate(r->cache, &seen, 1);
	return e;
}

/* Writes oldest first; a history is queried newest first, so that a page is its end. */
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
 * pre_msg_time in ms; values below 1e11 are seconds.  When paging, the cursor also
 * marks messages as seen. 0: the request is no poll.
 */
static int64_t
poll_time(const struct req *r)
{
	int64_t since = req_int(r, P_PRE_MSG_TIME, 0), cursor = req_int(r, P_CURSOR, 0);

	if (since < 100000000000)
		since *= 1000;
	return since > 0 && since < cursor ? cursor : since;
}

/* A poll needs the time of the last message, and what the device has seen. */
void
message_prefetch(struct req *r)
{
	int64_t other = req_int(r, P_TO_USER_ID, 0);

	if (poll_time(r) == 0)
		return;
	r->prefetch.item.key = key_chat(r->viewer, other);
	r->prefetch.set.key = key_seen(r, other);
}

/*
 * State of a chat for one device.  All messages of the other up to `seen` have
 * been delivered; a poll with pre_msg_time `asked` had no news at that time.
 */
struct state {
	int64_t seen, asked;
};

/* The cached form.  It names chat and device, because the key has only their hash. */
struct cached {
	struct state state;
	int64_t other, device;
};

/* True if the cached values prove that there are no new messages. */
static bool
proves_no_news(const struct req *r, int64_t other, int64_t time)
{
	const struct cache_item *last = &r->prefetch.item, *item = &r->prefetch.set;
	struct cached c;
	int64_t last_at;

	if (last->data == NULL || !text_int(last->data, last->len, &last_at))
		return false;
	if (last_at == 0)
		return true;
	if (item->data == NULL || item->len != 1 + sizeof(c))
		return false;
	memcpy(&c, item->data + 1, sizeof(c));
	return c.other == other && c.device == r->device && last_at <= c.state.seen &&
	       (time >= last_at || time == c.state.asked);
}

/*
 * Caches the state for the next poll.  A value of the device that was cached but
 * did not prove it is invalidated, so that the next poll can store a new one.
 */
static void
cache_state(struct req *r, int64_t other, int64_t last_at, const struct state *state)
{
	const struct cached c = { *state, other, r->device };
	struct cache_item *last = &r->prefetch.item, *item = &r->prefetch.set;
	char text[24], data[1 + sizeof(c)] = { 'S' };

	if (last->data == NULL) {
		last->len = (size_t)snprintf(text, sizeof(text), "%lld", (long long)last_at);
		last->data = text;
		cache_put(r->cache, last, 1);
	}
	if (item->data != NULL) {
		cache_invalidate(r->cache, &item->key, 1);
	} else {
		memcpy(data + 1, &c, sizeof(c));
		item->len = sizeof(data);
		item->data = data;
		cache_put(r->cache, item, 1);
	}
	last->data = item->data = NULL;
}

/*
 * Sets *since to the time after which the viewer wants messages, and *news if
 * there are any.
 */
static enum err
query_state(struct req *r, int64_t other, int64_t time, int64_t *since, bool *news)
{
	struct state state = { 0, time };
	db_result *res = NULL;
	int64_t last_at = 0;
	enum err e;

	*news = false;
	e = db_query(r->db, STMT_MESSAGE_STATE, &res, db_int(r->viewer), db_int(other),
		     db_int(time), db_int(r->device));
	if (e != ERR_OK)
		return e;
	if (db_rows(res) == 1) {
		last_at = db_get_int(res, 0, db_column(res, "last_at"));
		*since = db_get_int(res, 0, db_column(res, "since"));
		*news = db_get_bool(res, 0, db_column(res, "news"));
		state.seen = db_get_bool(res, 0, db_column(res, "unseen"))
				 ? db_get_int(res, 0, db_column(res, "seen"))
				 : last_at;
	}
	if (!*news)
		cache_state(r, other, last_at, &state);
	db_clear(res);
	return ERR_OK;
}

/* Messages of the other since the given time. */
static enum err
poll_chat(struct req *r, int64_t other, int64_t time, struct reply *out)
{
	db_result *res = NULL;
	int64_t since = 0;
	bool news = false;
	enum err e = ERR_OK;

	if (!proves_no_news(r, other, time))
		e = query_state(r, other, time, &since, &news);
	if (e == ERR_OK && !news) {
		json_open(&out->body, "message_list", '[');
		json_close(&out->body, ']');
		json_int(&out->body, "next_cursor", 0);
		return ERR_OK;
	}
	if (e == ERR_OK)
		e = db_query(r->db, STMT_MESSAGE_POLL, &res, db_int(r->viewer), db_int(other),
			     db_int(since), page_fetch(r));
	if (e == ERR_OK)
		e = write_list(r, res, false, out);
	db_clear(res);
	return e;
}

/*
 * GET /douyin/message/chat/
 *
 * Without pre_msg_time the conversation, one page from its end.  With it, the
 * messages of the other since: after this time if it is that of a message, or
 * after those already delivered to this device if it comes from a phone's clock.
 * Every open conversation polls once a second, so a poll without news is answered
 * from the cache alone.
 */
enum err
message_chat(struct req *r, struct reply *out)
{
	int64_t time = poll_time(r), other = req_int(r, P_TO_USER_ID, 0);
	db_result *res = NULL;
	enum err e;

	if (time > 0)
		return poll_chat(r, other, time, out);
	e = db_query(r->db, STMT_MESSAGE_HISTORY, &res, db_int(r->viewer), db_int(other),
		     page_before(r), page_fetch(r));
	if (e == ERR_OK)
		e = write_list(r, res, true, out);
	db_clear(res);
	return e;
}

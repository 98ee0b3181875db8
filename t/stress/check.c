/* check.c: see check.h. */
#include <json-c/json.h>
#include <string.h>

#include "check.h"
#include "world.h"

#define CERTAIN 20 /* the newest videos, so many, are in the feed whatever comes in */
#define CHAT_PAGE 1000

static int64_t
number(struct json_object *o, const char *key)
{
	return json_object_get_int64(json_object_object_get(o, key));
}

static struct json_object *
part(struct json_object *o, const char *key)
{
	return json_object_object_get(o, key);
}

/* Is it in the range?  OWN: only the viewer's own changes are missing. */
static void
judge(const char *what, int64_t id, int64_t value, struct range strict, struct range loose,
      const struct look *l)
{
	if (value >= strict.min && value <= strict.max)
		return;
	violated(value >= loose.min && value <= loose.max ? OWN : STALE,
		 "%s of %lld is %lld, not in %d..%d; viewer %d, read took %lld ms", what,
		 (long long)id, (long long)value, strict.min, strict.max, l->viewer,
		 (long long)(l->end - l->start) / 1000);
}

static struct look
loosely(const struct look *l)
{
	struct look loose = *l;

	loose.own = false;
	return loose;
}

#define JUDGE(o, key, range, index)                                                                \
	do {                                                                                       \
		struct look loose = loosely(l);                                                    \
		judge(key, number(o, "id"), number(o, key), range(index, l), range(index, &loose), \
		      l);                                                                          \
	} while (0)

static void
judge_flag(struct json_object *o, const char *key, const struct cell *c, const struct look *l)
{
	struct look loose = loosely(l);
	int value = json_object_get_boolean(part(o, key));

	if (l->viewer < 0) {
		if (value)
			violated(STALE, "%s for nobody", key);
		return;
	}
	judge(key, number(o, "id"), value, range_of(c, l->viewer, l),
	      range_of(c, l->viewer, &loose), l);
}

static void
check_user(struct json_object *o, const struct look *l)
{
	int u = user_index(number(o, "id"));

	if (u < 0) {
		violated(STALE, "an unknown user %lld", (long long)number(o, "id"));
		return;
	}
	JUDGE(o, "follow_count", range_follows, u);
	JUDGE(o, "follower_count", range_followers, u);
	JUDGE(o, "favorite_count", range_likes, u);
	JUDGE(o, "total_favorited", range_liked, u);
	JUDGE(o, "work_count", range_works, u);
	judge_flag(o, "is_follow", l->viewer < 0 ? NULL : &model.follows[l->viewer][u], l);
}

static void
check_video(struct json_object *o, const struct look *l)
{
	int v = video_index(number(o, "id"));

	check_user(part(o, "author"), l);
	if (v < 0)
		return; /* an uploaded video, which the model does not track */
	JUDGE(o, "favorite_count", range_video_likes, v);
	JUDGE(o, "comment_count", range_video_comments, v);
	judge_flag(o, "is_favorite", l->viewer < 0 ? NULL : &model.likes[l->viewer][v], l);
}

/* The members that a list must or must not contain. */
static void
check_member(const char *list, int64_t id, bool listed, const struct cell *c, int writer,
	     const struct look *l)
{
	struct look loose = loosely(l);
	struct range strict = range_of(c, writer, l), other = range_of(c, writer, &loose);

	if (listed >= strict.min && listed <= strict.max)
		return;
	violated(listed >= other.min && listed <= other.max ? OWN : STALE,
		 "%lld is %sin %s; viewer %d", (long long)id, listed ? "" : "not ", list,
		 l->viewer);
}

static bool
lists(struct json_object *array, int64_t id)
{
	size_t i;

	for (i = 0; i < json_object_array_length(array); i++)
		if (number(json_object_array_get_idx(array, i), "id") == id)
			return true;
	return false;
}

static void
check_videos(struct json_object *reply, enum question q, int what, const struct look *l)
{
	struct json_object *array = part(reply, "video_list");
	size_t i;
	int v;

	for (i = 0; i < json_object_array_length(array); i++)
		check_video(json_object_array_get_idx(array, i), l);
	for (v = 0; q == ASK_LIKES && v < model.video_count; v++)
		check_member("favorite/list", model.videos[v].id, lists(array, model.videos[v].id),
			     &model.likes[what][v], what, l);
	v = model.video_count - 1;
	if (q == ASK_FEED && v >= 0 && v > model.video_count - CERTAIN &&
	    model.videos[v].published_ack < l->start - STALE_US &&
	    !lists(array, model.videos[v].id))
		violated(STALE, "video %lld is not in the feed", (long long)model.videos[v].id);
}

static void
check_users(struct json_object *reply, enum question q, int what, const struct look *l)
{
	struct json_object *array = part(reply, "user_list");
	size_t i;
	int u;

	for (i = 0; i < json_object_array_length(array); i++)
		check_user(json_object_array_get_idx(array, i), l);
	for (u = 0; u < USERS; u++) {
		bool listed = lists(array, model.user_id[u]);

		if (q == ASK_FOLLOWS)
			check_member("follow/list", model.user_id[u], listed,
				     &model.follows[what][u], what, l);
		if (q == ASK_FOLLOWERS)
			check_member("follower/list", model.user_id[u], listed,
				     &model.follows[u][what], u, l);
	}
}

static void
check_comment(const struct comment *c, struct json_object *array, const struct look *l)
{
	int64_t since = l->own && c->user == l->viewer ? l->start : l->start - STALE_US;
	bool listed = lists(array, c->id);

	if (!listed && c->post_ack <= since && c->delete_start > l->end)
		violated(l->own && c->user == l->viewer ? OWN : STALE,
			 "comment %lld on %d is missing", (long long)c->id, c->video);
	if (listed && c->delete_ack <= since)
		violated(l->own && c->user == l->viewer ? OWN : STALE,
			 "comment %lld on %d is still there", (long long)c->id, c->video);
}

static void
check_comments(struct json_object *reply, int video, const struct look *l)
{
	struct json_object *array = part(reply, "comment_list");
	size_t i;
	int c;

	for (i = 0; i < json_object_array_length(array); i++)
		check_user(part(json_object_array_get_idx(array, i), "user"), l);
	for (c = 0; c < model.comment_count; c++)
		if (model.comment_list[c].video == video)
			check_comment(&model.comment_list[c], array, l);
}

/* The number of these messages that this account has written. */
static int
written_by(struct json_object *array, int64_t account)
{
	size_t i;
	int n = 0;

	for (i = 0; i < json_object_array_length(array); i++)
		n += number(json_object_array_get_idx(array, i), "from_user_id") == account;
	return n;
}

/*
 * All messages that were acknowledged before the request are there, as far as a
 * page reaches, and none that was seen.
 */
static void
check_chat(struct json_object *reply, const struct chat *before, int from, const struct look *l)
{
	struct json_object *array = part(reply, "message_list");
	int n = written_by(array, model.user_id[from]);

	if (n < before->sent_n - before->seen_n && json_object_array_length(array) < CHAT_PAGE)
		violated(HIDDEN, "%d of %d messages from %d to %d, since %lld", n,
			 before->sent_n - before->seen_n, from, l->viewer,
			 (long long)before->seen_at);
	if (n > 0 && number(json_object_array_get_idx(array, 0), "create_time") <= before->seen_at)
		violated(STALE, "a message from %d to %d for the second time", from, l->viewer);
	if (l->own && n > 0) {
		model.chats[from][l->viewer].seen_n += n;
		model.chats[from][l->viewer].seen_at =
		    number(json_object_array_get_idx(array, json_object_array_length(array) - 1),
			   "create_time");
	}
}

static const char *
send_question(struct http *h, const char *token, enum question q, int64_t id, int64_t since)
{
	static const char *const paths[] = {
		[ASK_USER] = "user/?user_id=",
		[ASK_WORKS] = "publish/list/?user_id=",
		[ASK_LIKES] = "favorite/list/?user_id=",
		[ASK_FOLLOWS] = "relation/follow/list/?user_id=",
		[ASK_FOLLOWERS] = "relation/follower/list/?user_id=",
		[ASK_FRIENDS] = "relation/friend/list/?user_id=",
		[ASK_COMMENTS] = "comment/list/?video_id=",
	};

	/* Bypass nginx's cache of anonymous feeds. */
	if (q == ASK_FEED)
		return http_ask(h, "GET", "feed/?token=%s&x=%lld", token, (long long)now_us());
	if (q == ASK_CHAT)
		return http_ask(h, "GET",
				"message/chat/?token=%s&to_user_id=%lld&pre_msg_time=%lld&count=%d",
				token, (long long)id, (long long)since, CHAT_PAGE);
	return http_ask(h, "GET", "%s%lld&token=%s", paths[q], (long long)id, token);
}

static void
check(struct json_object *reply, enum question q, int what, const struct chat *chat,
      const struct look *l)
{
	switch (q) {
	case ASK_FEED:
	case ASK_WORKS:
	case ASK_LIKES:
		check_videos(reply, q, what, l);
		break;
	case ASK_USER:
		check_user(part(reply, "user"), l);
		break;
	case ASK_COMMENTS:
		check_comments(reply, what, l);
		break;
	case ASK_CHAT:
		check_chat(reply, chat, what, l);
		break;
	default:
		check_users(reply, q, what, l);
	}
}

void
ask(struct http *h, const char *token, int viewer, bool own, enum question q, int what)
{
	struct look l = { .viewer = viewer, .own = own };
	struct chat chat = { 0, 0, 0 };
	struct json_object *reply;
	const char *text;
	int64_t id;

	model_lock();
	id = q == ASK_FEED ? 0 : q == ASK_COMMENTS ? model.videos[what].id : model.user_id[what];
	/* Other readers request the whole conversation: a poll returns each message once. */
	if (q == ASK_CHAT && own)
		chat = model.chats[what][viewer];
	else if (q == ASK_CHAT)
		chat.sent_n = model.chats[what][viewer].sent_n;
	model_unlock();
	l.start = now_us();
	text = send_question(h, token, q, id, chat.seen_at);
	l.end = now_us();
	count_operation();
	reply = text == NULL ? NULL : json_tokener_parse(text);
	if (reply == NULL || number(reply, "status_code") != 0) {
		violated(FAILED, "question %d about %d: %.200s", q, what,
			 text == NULL ? "no reply" : text);
	} else {
		model_lock();
		check(reply, q, what, &chat, &l);
		model_unlock();
	}
	json_object_put(reply);
}

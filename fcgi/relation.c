/* relation.c: follow, unfollow, lists.  Routes: routes.def.  SQL: sql/relation.sql. */
#include <string.h>

#include "handlers.h"
#include "model/fragment.h"
#include "model/viewer_set.h"
#include "page.h"

/*
 * POST /douyin/relation/action/
 *
 * Idempotent: following twice succeeds and counts once.
 */
enum err
relation_act(struct req *r, struct reply *out)
{
	bool add = req_int(r, P_ACTION_TYPE, 0) == 1;
	int64_t ends[2] = { r->viewer, req_int(r, P_TO_USER_ID, 0) };
	const struct key changed[] = { key_of(KEY_USER_FRAGMENT, ends[0]),
				       key_of(KEY_USER_FRAGMENT, ends[1]),
				       key_of(KEY_USER_FOLLOWS, ends[0]) };
	db_result *res = NULL;
	enum err e;

	(void)out; /* the base object is the whole reply */
	if (ends[0] == ends[1])
		return ERR_FOLLOW_SELF;
	e = db_query(r->db, add ? STMT_FOLLOW_ADD : STMT_FOLLOW_REMOVE, &res, db_int(ends[0]),
		     db_int(ends[1]));
	if (e != ERR_OK)
		return e;
	if (!db_get_bool(res, 0, db_column(res, "known")))
		e = req_error_param(r, ERR_USER_UNKNOWN, P_TO_USER_ID);
	else /* also if nothing changed: the request that did may not have invalidated yet */
		cache_invalidate(r->cache, changed, 3);
	db_clear(res);
	return e;
}

/* The keys that FriendUser adds to User.  msg_type: msgType in the style of the other keys. */
static void
write_preview(struct buf *b, const db_result *res, int row, int64_t viewer)
{
	size_t n;
	const char *text = db_get_text(res, row, db_column(res, "message"), &n);
	int sent = db_get_int(res, row, db_column(res, "from_user_id")) == viewer ? 1 : 0;

	json_str(b, "message", text, n);
	json_int(b, "msgType", sent);
	json_int(b, "msg_type", sent);
	json_int(b, "msgTime", db_get_int(res, row, db_column(res, "written_at")));
}

/* User fragments and is_follow; one round trip if everything is cached. */
static enum err
load_users(struct req *r, const int64_t *ids, size_t n, struct user_fragments *users,
	   bool **is_follow)
{
	struct cache_item *follows;
	enum err e;

	if ((e = user_fragments_collect(r, ids, n, 1, users)) != ERR_OK)
		return e;
	follows = users->items + users->n;
	*follows = viewer_set_follows(r);
	if (n > 0)
		cache_get(r->cache, r->arena, users->items, users->n + (r->viewer != 0));
	if ((e = user_fragments_load(r, users->items, users->n)) != ERR_OK)
		return e;
	return viewer_set_contains(r, follows, ids, n, is_follow);
}

static enum err
write_list(struct req *r, const db_result *res, bool previews, struct reply *out)
{
	int user_id = db_column(res, "user_id"), row, n = page_shown(r, res);
	int64_t *ids = arena_alloc(r->arena, (size_t)n * sizeof(*ids) + 1);
	const char *base = req_base_url(r);
	bool *is_follow = NULL;
	struct user_fragments users;
	enum err e;

	if (ids == NULL || base == NULL)
		return ERR_INTERNAL;
	for (row = 0; row < n; row++)
		ids[row] = db_get_int(res, row, user_id);
	if ((e = load_users(r, ids, (size_t)n, &users, &is_follow)) != ERR_OK)
		return e;
	json_open(&out->body, "user_list", '[');
	for (row = 0; row < n; row++) {
		json_open(&out->body, NULL, '{');
		user_fragment_write(&out->body, user_fragments_find(&users, ids[row]), base,
				    is_follow[row]);
		if (previews)
			write_preview(&out->body, res, row, r->viewer);
		json_close(&out->body, '}');
	}
	json_close(&out->body, ']');
	return ERR_OK;
}

static enum err
write_users(struct req *r, enum stmt stmt, struct reply *out)
{
	bool previews = stmt == STMT_FRIEND_LIST;
	struct db_arg args[4];
	db_result *res = NULL;
	int64_t owner = page_owner(r);
	enum err e;

	args[0] = db_int(owner);
	args[1] = page_before(r);
	args[2] = page_fetch(r);
	args[3] = db_int(r->viewer);
	if ((e = db_run(r->db, stmt, &res, args, previews ? 4 : 3)) != ERR_OK)
		return e;
	e = write_list(r, res, previews, out);
	page_end(r, res, out);
	db_clear(res);
	return e;
}

/* GET /douyin/relation/follow/list/ */
enum err
follow_list(struct req *r, struct reply *out)
{
	return write_users(r, STMT_FOLLOW_LIST, out);
}

/* GET /douyin/relation/follower/list/ */
enum err
follower_list(struct req *r, struct reply *out)
{
	return write_users(r, STMT_FOLLOWER_LIST, out);
}

/* GET /douyin/relation/friend/list/ */
enum err
friend_list(struct req *r, struct reply *out)
{
	return write_users(r, STMT_FRIEND_LIST, out);
}

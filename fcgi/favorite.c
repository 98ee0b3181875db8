/* favorite.c: like and unlike.  Routes: routes.def.  SQL: sql/favorite.sql. */
#include "handlers.h"
#include "page.h"
#include "videos.h"

/*
 * POST /douyin/favorite/action/
 *
 * Idempotent: liking twice succeeds and counts once, because the app repeats
 * requests after network errors.
 */
enum err
favorite_act(struct req *r, struct reply *out)
{
	bool add = req_int(r, P_ACTION_TYPE, 0) == 1;
	struct key changed[4] = { key_of(KEY_USER_FRAGMENT, r->viewer),
				  key_of(KEY_USER_LIKES, r->viewer),
				  key_of(KEY_VIDEO_FRAGMENT, req_int(r, P_VIDEO_ID, 0)) };
	db_result *res = NULL;
	enum err e;

	(void)out; /* the base object is the whole reply */
	e = db_query(r->db, add ? STMT_FAVORITE_ADD : STMT_FAVORITE_REMOVE, &res, db_int(r->viewer),
		     db_int(req_int(r, P_VIDEO_ID, 0)));
	if (e != ERR_OK)
		return e;
	if (db_rows(res) == 0) {
		e = ERR_VIDEO_UNKNOWN;
	} else {
		/* Also if nothing changed: the request that did may not have invalidated yet. */
		changed[3] =
		    key_of(KEY_USER_FRAGMENT, db_get_int(res, 0, db_column(res, "author_id")));
		cache_invalidate(r->cache, changed, 4);
	}
	db_clear(res);
	return e;
}

/* GET /douyin/favorite/list/ */
enum err
favorite_list(struct req *r, struct reply *out)
{
	db_result *res = NULL;
	int64_t owner = page_owner(r);
	enum err e;
	int n;

	e = db_query(r->db, STMT_FAVORITE_LIST, &res, db_int(owner), page_before(r), page_fetch(r));
	if (e != ERR_OK)
		return e;
	n = page_shown(r, res);
	e = videos_write(r, videos_refs(r, res, n), (size_t)n, NULL, out);
	page_end(r, res, out);
	db_clear(res);
	return e;
}

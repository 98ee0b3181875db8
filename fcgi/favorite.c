/* favorite.c: like and unlike.  Routes: routes.c.  SQL: sql/favorite.sql. */
#include "handlers.h"
#include "page.h"
#include "videos.h"

/*
 * POST /douyin/favorite/action/
 *
 * Liking twice is success and counts once: the app repeats the request when
 * the network stumbles.
 */
enum err
favorite_act(struct req *r, struct reply *out)
{
	bool add = req_int(r, P_ACTION_TYPE, 0) == 1;
	int64_t counted[2] = { r->viewer, 0 };
	db_result *res = NULL;
	enum err e;

	(void)out; /* the base object is the whole reply */
	e = db_query(r->db, add ? STMT_FAVORITE_ADD : STMT_FAVORITE_REMOVE, &res, db_int(r->viewer),
		     db_int(req_int(r, P_VIDEO_ID, 0)));
	if (e != ERR_OK)
		return e;
	if (db_rows(res) == 0) {
		e = ERR_VIDEO_UNKNOWN;
	} else if (db_get_bool(res, 0, db_column(res, "changed"))) {
		counted[1] = db_get_int(res, 0, db_column(res, "author_id"));
		cache_drop(r->cache, KEY_USER_CARD, counted, 2);
	}
	db_clear(res);
	return e;
}

/* GET /douyin/favorite/list/ */
enum err
favorite_list(struct req *r, struct reply *out)
{
	db_result *res = NULL;
	int64_t owner;
	enum err e;

	if ((e = page_owner(r, &owner)) != ERR_OK)
		return e;
	e = db_query(r->db, STMT_FAVORITE_LIST, &res, db_int(owner), db_int(r->viewer),
		     page_before(r), page_fetch(r));
	if (e != ERR_OK)
		return e;
	e = videos_write(r, res, page_shown(r, res), out);
	page_end(r, res, out);
	db_clear(res);
	return e;
}

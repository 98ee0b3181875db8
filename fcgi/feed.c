/* feed.c: the newest videos.  Routes: routes.c.  SQL: sql/video.sql. */
#include "handlers.h"
#include "text.h"
#include "videos.h"

#define FEED_ROWS 30

/*
 * Before when: latest_time, in seconds when it is below 1e11 (the year 5138),
 * which clients mix; now when it says nothing of use or lies ahead.
 */
static int64_t
published_before(const struct req *r)
{
	int64_t now = time_ms(), latest = req_int(r, P_LATEST_TIME, 0);

	if (latest < 100000000000)
		latest *= 1000;
	/* The database's clock may be a little ahead of ours: now is everything. */
	return latest <= 0 || latest >= now ? INT64_MAX : latest;
}

/*
 * GET /douyin/feed/
 *
 * next_time is the time of the oldest video shown; when nothing older is left
 * the list is empty and next_time is now, so that the app starts over.
 */
enum err
feed_list(struct req *r, struct reply *out)
{
	db_result *res = NULL;
	enum err e;
	int n;

	e = db_query(r->db, STMT_FEED_PAGE, &res, db_int(published_before(r)), db_int(FEED_ROWS),
		     db_int(r->viewer));
	if (e != ERR_OK)
		return e;
	n = db_rows(res);
	e = videos_write(r, res, n, out);
	json_int(&out->body, "next_time",
		 n > 0 ? db_get_int(res, n - 1, db_column(res, "key")) : time_ms());
	db_clear(res);
	return e;
}

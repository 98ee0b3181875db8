/* feed.c: the newest videos.  Routes: routes.def.  SQL: sql/video.sql. */
#include <string.h>

#include "base/text.h"
#include "handlers.h"
#include "videos.h"

#define FEED_ROWS 30
#define NEWEST 60 /* videos kept in the cache */

/*
 * Upper bound (exclusive) of published_at.  Clients send seconds or milliseconds:
 * values below 1e11 (the year 5138) are seconds.  Absent or invalid: no bound.
 */
static int64_t
published_before(const struct req *r)
{
	int64_t latest = req_int(r, P_LATEST_TIME, 0);

	if (latest < 100000000000)
		latest *= 1000;
	return latest <= 0 ? INT64_MAX : latest;
}

/*
 * The newest videos.  Cached as a letter, then up to NEWEST of these.
 */
struct newest {
	const struct video_ref *refs;
	size_t n;
};

void
feed_prefetch(struct req *r)
{
	r->prefetch.item.key = key_of(KEY_FEED_NEWEST, 0);
}

static enum err
load_page(struct req *r, int64_t before, int64_t rows, struct newest *page)
{
	db_result *res = NULL;
	enum err e;

	e = db_query(r->db, STMT_FEED_PAGE, &res, db_int(before), db_int(rows));
	if (e != ERR_OK)
		return e;
	page->n = (size_t)db_rows(res);
	page->refs = videos_refs(r, res, (int)page->n);
	db_clear(res);
	return page->refs == NULL ? ERR_INTERNAL : ERR_OK;
}

/* Reads them from the cache, or from PostgreSQL and stores them. */
static enum err
load_newest(struct req *r, struct newest *newest)
{
	struct cache_item *item = &r->prefetch.item;
	struct video_ref *copy;
	char *data;
	enum err e;

	if (item->data != NULL) {
		newest->n = (item->len - 1) / sizeof(*copy);
		copy = arena_alloc(r->arena, newest->n * sizeof(*copy) + 1);
		if (copy != NULL && newest->n > 0)
			memcpy(copy, item->data + 1, newest->n * sizeof(*copy));
		newest->refs = copy;
		return copy == NULL ? ERR_INTERNAL : ERR_OK;
	}
	if ((e = load_page(r, INT64_MAX, NEWEST, newest)) != ERR_OK)
		return e;
	item->len = 1 + newest->n * sizeof(*copy);
	if ((data = arena_alloc(r->arena, item->len)) == NULL)
		return ERR_INTERNAL;
	data[0] = 'F';
	memcpy(data + 1, newest->refs, item->len - 1);
	item->data = data;
	cache_put(r->cache, item, 1);
	return ERR_OK;
}

/*
 * The page of videos before a time.  It comes from the cached newest videos if the
 * time is later than all of them or equals that of one, and they reach far enough.
 * Otherwise PostgreSQL decides by its own clock: a future time comes from a phone
 * whose clock is ahead and means now, unless a video has exactly this time.
 * *newest_key: the time of the newest video.
 */
static enum err
find_page(struct req *r, int64_t before, struct newest *page, int64_t *newest_key)
{
	struct newest newest = { NULL, 0 };
	size_t first = 0;
	enum err e;

	if ((e = load_newest(r, &newest)) != ERR_OK)
		return e;
	*newest_key = newest.n > 0 ? newest.refs[0].key : 0;
	while (first < newest.n && newest.refs[first].key > before)
		first++;
	if (first > 0 && (first == newest.n || newest.refs[first].key != before))
		return load_page(r, before, FEED_ROWS, page);
	first += first < newest.n && newest.refs[first].key == before;
	if (newest.n == NEWEST && newest.n - first < FEED_ROWS)
		return load_page(r, before, FEED_ROWS, page);
	page->refs = newest.refs + first;
	page->n = newest.n - first < FEED_ROWS ? newest.n - first : FEED_ROWS;
	return ERR_OK;
}

/*
 * GET /douyin/feed/
 *
 * next_time is the time of the oldest video shown.  When no older video is left,
 * the list is empty and next_time is now (or just after the newest video, if that
 * lies in the future), so that the app starts over.
 */
enum err
feed_list(struct req *r, struct reply *out)
{
	struct newest page = { NULL, 0 };
	int64_t newest = 0, next;
	enum err e;

	if ((e = find_page(r, published_before(r), &page, &newest)) != ERR_OK)
		return e;
	if ((e = videos_write(r, page.refs, page.n, NULL, out)) != ERR_OK)
		return e;
	next = time_ms();
	if (next <= newest)
		next = newest + 1;
	json_int(&out->body, "next_time", page.n > 0 ? page.refs[page.n - 1].key : next);
	return ERR_OK;
}

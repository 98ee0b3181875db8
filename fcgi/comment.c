/* comment.c: post, delete, list.  Routes: routes.def.  SQL: sql/comment.sql. */
#include <string.h>
#include <time.h>

#include "handlers.h"
#include "model/fragment.h"
#include "model/viewer_set.h"
#include "page.h"

#define HEAD_ROWS 50 /* newest comments of a video, kept in the cache */

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
	user_fragment_write(b, card, base, is_follow);
	json_close(b, '}');
	json_str(b, "content", content, n);
	json_cstr(b, "create_date", date);
}

/* Invalidates the cached copies that a new or deleted comment changes. */
static void
invalidate(struct req *r)
{
	int64_t video = req_int(r, P_VIDEO_ID, 0);
	const struct key changed[] = { key_of(KEY_VIDEO_FRAGMENT, video),
				       key_of(KEY_VIDEO_COMMENTS, video) };

	cache_invalidate(r->cache, changed, 2);
}

static enum err
post_comment(struct req *r, struct reply *out)
{
	const struct value *text = &r->values[P_COMMENT_TEXT];
	struct cache_item *author = &r->prefetch.item;
	const char *base = req_base_url(r);
	db_result *res = NULL;
	enum err e;

	if ((e = req_require(r, P_COMMENT_TEXT)) != ERR_OK)
		return e;
	if (base == NULL)
		return ERR_INTERNAL;
	if ((e = user_fragments_load(r, author, 1)) != ERR_OK)
		return e;
	if (author->data == NULL)
		return ERR_UNAUTHENTICATED; /* the account was deleted meanwhile */
	e = db_query(r->db, STMT_COMMENT_ADD, &res, db_int(r->viewer),
		     db_int(req_int(r, P_VIDEO_ID, 0)), req_text(r, P_COMMENT_TEXT));
	if (e != ERR_OK)
		return e;
	if (db_rows(res) == 0) {
		e = ERR_VIDEO_UNKNOWN;
	} else {
		json_open(&out->body, "comment", '{');
		write_comment(&out->body, db_get_int(res, 0, db_column(res, "id")), author, base,
			      false, text->text, text->len,
			      db_get_int(res, 0, db_column(res, "created_at")));
		json_close(&out->body, '}');
		invalidate(r);
	}
	db_clear(res);
	return e;
}

static enum err
delete_comment(struct req *r)
{
	db_result *res = NULL;
	enum err e;

	if ((e = req_require(r, P_COMMENT_ID)) != ERR_OK)
		return e;
	e = db_query(r->db, STMT_COMMENT_REMOVE, &res, db_int(r->viewer),
		     db_int(req_int(r, P_VIDEO_ID, 0)), db_int(req_int(r, P_COMMENT_ID, 0)));
	if (e != ERR_OK)
		return e;
	if (db_rows(res) == 0)
		e = ERR_COMMENT_UNKNOWN;
	else if (!db_get_bool(res, 0, db_column(res, "own")))
		e = ERR_NOT_COMMENT_AUTHOR;
	else if (!db_get_bool(res, 0, db_column(res, "removed")))
		e = ERR_COMMENT_UNKNOWN; /* a concurrent request deleted it */
	else
		invalidate(r);
	db_clear(res);
	return e;
}

/* Prefetch the author's fragment for the reply. */
void
comment_act_prefetch(struct req *r)
{
	if (req_int(r, P_ACTION_TYPE, 0) == 1 && r->viewer != 0)
		r->prefetch.item = user_fragment_item(r->viewer);
}

/* POST /douyin/comment/action/ */
enum err
comment_act(struct req *r, struct reply *out)
{
	return req_int(r, P_ACTION_TYPE, 0) == 1 ? post_comment(r, out) : delete_comment(r);
}

/* A comment in a list. */
struct comment {
	int64_t id, user, created_at;
	const char *text;
	size_t len;
};

struct comments {
	struct comment *list; /* newest first */
	size_t n;
	bool more;    /* older ones follow */
	bool all_see; /* the video is ready: not only its author may see it */
};

/*
 * The cached head of a list: 'C', whether more follow, then for each comment this
 * and its text.
 */
struct head_entry {
	int64_t id, user, created_at, len;
};

void
comment_prefetch(struct req *r)
{
	if (req_int(r, P_CURSOR, 0) == 0)
		r->prefetch.item.key = key_of(KEY_VIDEO_COMMENTS, req_int(r, P_VIDEO_ID, 0));
}

/* Reads up to rows comments older than a cursor from PostgreSQL. */
static enum err
query_comments(struct req *r, struct db_arg before, int64_t rows, struct comments *out)
{
	db_result *res = NULL;
	int user, content, created_at, key, row, n;
	enum err e;

	e = db_query(r->db, STMT_COMMENT_LIST, &res, db_int(req_int(r, P_VIDEO_ID, 0)), before,
		     db_int(rows + 1), db_int(r->viewer));
	if (e != ERR_OK)
		return e;
	key = db_column(res, "key"), user = db_column(res, "user_id");
	content = db_column(res, "content"), created_at = db_column(res, "created_at");
	n = db_rows(res);
	if (n == 0)
		e = ERR_VIDEO_UNKNOWN;
	else if (db_is_null(res, 0, key))
		n = 0; /* the video exists, without comments */
	out->all_see = db_rows(res) > 0 && db_get_bool(res, 0, db_column(res, "all_see"));
	out->more = n > rows;
	out->n = out->more ? (size_t)rows : (size_t)n;
	out->list = arena_alloc(r->arena, out->n * sizeof(*out->list) + 1);
	if (out->list == NULL)
		e = ERR_INTERNAL;
	for (row = 0; e == ERR_OK && row < (int)out->n; row++) {
		struct comment *c = &out->list[row];
		const char *text = db_get_text(res, row, content, &c->len);

		c->id = db_get_int(res, row, key);
		c->user = db_get_int(res, row, user);
		c->created_at = db_get_int(res, row, created_at);
		if ((c->text = arena_copy(r->arena, text, c->len)) == NULL)
			e = ERR_INTERNAL;
	}
	db_clear(res);
	return e;
}

static void
store_head(struct req *r, const struct comments *head)
{
	struct cache_item *item = &r->prefetch.item;
	struct buf b = BUF_INIT;
	size_t i;

	buf_str(&b, head->more ? "C+" : "C.");
	for (i = 0; i < head->n; i++) {
		const struct comment *c = &head->list[i];
		struct head_entry entry = { c->id, c->user, c->created_at, (int64_t)c->len };

		buf_add(&b, &entry, sizeof(entry));
		buf_add(&b, c->text, c->len);
	}
	if (!buf_failed(&b)) {
		item->data = b.data;
		item->len = b.len;
		cache_put(r->cache, item, 1);
		item->data = NULL;
	}
	buf_release(&b);
}

/* Parses a cached head; the texts are borrowed from it. */
static enum err
read_head(struct req *r, struct comments *out)
{
	const char *p = r->prefetch.item.data, *end = p + r->prefetch.item.len;
	struct head_entry entry;

	out->more = p[1] == '+';
	out->n = 0;
	out->list = arena_alloc(r->arena, HEAD_ROWS * sizeof(*out->list));
	if (out->list == NULL)
		return ERR_INTERNAL;
	for (p += 2; (size_t)(end - p) >= sizeof(entry) && out->n < HEAD_ROWS; p += entry.len) {
		memcpy(&entry, p, sizeof(entry));
		p += sizeof(entry);
		if (entry.len > end - p)
			break;
		out->list[out->n++] = (struct comment){ entry.id, entry.user, entry.created_at, p,
							(size_t)entry.len };
	}
	return ERR_OK;
}

/* Reads the head from the cache, or from PostgreSQL and stores it. */
static enum err
load_head(struct req *r, struct comments *out)
{
	enum err e;

	if (r->prefetch.item.data != NULL)
		return read_head(r, out);
	if ((e = query_comments(r, db_int(INT64_MAX), HEAD_ROWS, out)) == ERR_OK && out->all_see)
		store_head(r, out); /* a cached list is shown to anybody */
	return e;
}

static enum err
load_comments(struct req *r, struct comments *out)
{
	int64_t rows = page_rows(r);
	enum err e;

	if (req_int(r, P_CURSOR, 0) != 0)
		return query_comments(r, page_before(r), rows, out);
	if ((e = load_head(r, out)) != ERR_OK)
		return e;
	if (out->more && (int64_t)out->n < rows)
		return query_comments(r, page_before(r), rows, out);
	if ((int64_t)out->n > rows) {
		out->n = (size_t)rows;
		out->more = true;
	}
	return ERR_OK;
}

static enum err
write_list(struct req *r, const struct comments *c, struct reply *out)
{
	int64_t *ids = arena_alloc(r->arena, c->n * sizeof(*ids) + 1);
	const char *base = req_base_url(r);
	struct cache_item *follows;
	struct user_fragments users;
	bool *is_follow;
	size_t i, shown;
	enum err e;

	if (ids == NULL || base == NULL)
		return ERR_INTERNAL;
	for (i = 0; i < c->n; i++)
		ids[i] = c->list[i].user;
	if ((e = user_fragments_collect(r, ids, c->n, 1, &users)) != ERR_OK)
		return e;
	follows = users.items + users.n;
	*follows = viewer_set_follows(r);
	cache_get(r->cache, r->arena, users.items, users.n + (r->viewer != 0));
	if ((e = user_fragments_load(r, users.items, users.n)) != ERR_OK ||
	    (e = viewer_set_contains(r, follows, ids, c->n, &is_follow)) != ERR_OK)
		return e;
	json_open(&out->body, "comment_list", '[');
	for (shown = 0; shown < c->n && out->body.len < PAGE_BYTES; shown++) {
		const struct comment *one = &c->list[shown];

		json_open(&out->body, NULL, '{');
		write_comment(&out->body, one->id, user_fragments_find(&users, one->user), base,
			      is_follow[shown], one->text, one->len, one->created_at);
		json_close(&out->body, '}');
	}
	json_close(&out->body, ']');
	json_int(&out->body, "next_cursor",
		 shown > 0 && (c->more || shown < c->n) ? c->list[shown - 1].id : 0);
	return ERR_OK;
}

/* GET /douyin/comment/list/ */
enum err
comment_list(struct req *r, struct reply *out)
{
	struct comments comments = { NULL, 0, false, false };
	enum err e;

	if ((e = load_comments(r, &comments)) != ERR_OK)
		return e;
	return write_list(r, &comments, out);
}

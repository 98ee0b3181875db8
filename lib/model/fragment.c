/* fragment.c: see fragment.h.  SQL: sql/user.sql. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "data/cache_misses.h"
#include "model/fragment.h"

#define DEFAULT_AVATARS 6

/* Writes a URL on this server: the mark, then the path. */
static void
write_url(struct buf *out, const char *key, const char *path, size_t n)
{
	static const char mark = URL_BASE_MARK;

	json_key(out, key);
	buf_str(out, "\"");
	buf_add(out, &mark, 1);
	json_escape(out, path, n);
	buf_str(out, "\"");
}

enum { ID, NAME, AVATAR, BACKGROUND, SIGNATURE, FOLLOWS, FOLLOWERS, FAVORITED, WORKS, FAVORITES };

static const char *const columns_of_user[] = {
	[ID] = "id",
	[NAME] = "name",
	[AVATAR] = "avatar",
	[BACKGROUND] = "background",
	[SIGNATURE] = "signature",
	[FOLLOWS] = "follow_count",
	[FOLLOWERS] = "follower_count",
	[FAVORITED] = "total_favorited",
	[WORKS] = "work_count",
	[FAVORITES] = "favorite_count",
	NULL,
};

static void
write_user(struct buf *out, const db_result *res, int row, const int *c, const struct conf *conf)
{
	char avatar[48];
	const char *text;
	size_t n;

	json_int(out, "id", db_get_int(res, row, c[ID]));
	text = db_get_text(res, row, c[NAME], &n);
	json_str(out, "name", text, n);
	json_int(out, "follow_count", db_get_int(res, row, c[FOLLOWS]));
	json_int(out, "follower_count", db_get_int(res, row, c[FOLLOWERS]));
	text = db_get_text(res, row, c[AVATAR], &n);
	if (n == 0) {
		n = (size_t)snprintf(avatar, sizeof(avatar), "/static/avatar-%d.png",
				     (int)(db_get_int(res, row, c[ID]) % DEFAULT_AVATARS));
		text = avatar;
	}
	write_url(out, "avatar", text, n);
	text = db_get_text(res, row, c[BACKGROUND], &n);
	if (n == 0)
		n = strlen(text = "/static/background.png");
	write_url(out, "background_image", text, n);
	text = db_get_text(res, row, c[SIGNATURE], &n);
	if (n == 0)
		n = strlen(text = conf->default_signature);
	json_str(out, "signature", text, n);
	json_int(out, "total_favorited", db_get_int(res, row, c[FAVORITED]));
	json_int(out, "work_count", db_get_int(res, row, c[WORKS]));
	json_int(out, "favorite_count", db_get_int(res, row, c[FAVORITES]));
}

struct cache_item
user_fragment_item(int64_t id)
{
	return (struct cache_item){ .key = key_of(KEY_USER_FRAGMENT, id) };
}

/* Renders a row and assigns the fragment to all items of that id. */
static enum err
render_row(struct req *r, const struct fragment_type *kind, const db_result *res, int row,
	   const int *columns, struct buf *text, struct cache_item *items, size_t n)
{
	int64_t id = db_get_int(res, row, columns[0]);
	const char *fragment;
	size_t i;

	buf_clear(text);
	buf_str(text, "{"); /* so that the first key gets no comma; cut off below */
	kind->write(text, res, row, columns, r->conf);
	if (buf_failed(text) ||
	    (fragment = arena_copy(r->arena, text->data + 1, text->len - 1)) == NULL)
		return ERR_INTERNAL;
	for (i = 0; i < n; i++)
		if (items[i].key.id == id) {
			items[i].data = fragment;
			items[i].len = text->len - 1;
		}
	return ERR_OK;
}

enum err
fragments_load(struct req *r, const struct fragment_type *kind, struct cache_item *items, size_t n)
{
	struct db_arg ids = cache_misses(r->arena, items, n);
	int columns[FRAGMENT_COLUMNS] = { 0 }, row, i;
	struct buf text = BUF_INIT;
	db_result *res = NULL;
	enum err e;

	if (ids.text == NULL)
		return ERR_INTERNAL;
	if (ids.len == 0)
		return ERR_OK;
	if ((e = db_query(r->db, kind->stmt, &res, ids)) == ERR_OK) {
		for (i = 0; i < FRAGMENT_COLUMNS && kind->columns[i] != NULL; i++)
			columns[i] = db_column(res, kind->columns[i]);
		for (row = 0; e == ERR_OK && row < db_rows(res); row++)
			e = render_row(r, kind, res, row, columns, &text, items, n);
	}
	db_clear(res);
	buf_release(&text);
	if (e == ERR_OK)
		cache_put(r->cache, items, n);
	return e;
}

enum err
user_fragments_load(struct req *r, struct cache_item *items, size_t n)
{
	static const struct fragment_type user = { STMT_USER_CARDS, columns_of_user, write_user };

	return fragments_load(r, &user, items, n);
}

enum err
user_fragments_collect(struct req *r, const int64_t *ids, size_t n, size_t more,
		       struct user_fragments *out)
{
	int64_t *sorted = arena_alloc(r->arena, n * sizeof(*sorted) + 1);
	size_t i;

	out->n = 0;
	out->items = arena_alloc(r->arena, (n + more) * sizeof(*out->items) + 1);
	if (sorted == NULL || out->items == NULL)
		return ERR_INTERNAL;
	if (n > 0)
		memcpy(sorted, ids, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), ids_compare);
	for (i = 0; i < n; i++)
		if (i == 0 || sorted[i] != sorted[i - 1])
			out->items[out->n++] = user_fragment_item(sorted[i]);
	return ERR_OK;
}

const struct cache_item *
user_fragments_find(const struct user_fragments *fragments, int64_t id)
{
	size_t from = 0, to = fragments->n, middle;

	while (from < to) {
		middle = from + (to - from) / 2;
		if (fragments->items[middle].key.id == id)
			return fragments->items[middle].data == NULL ? NULL
								     : &fragments->items[middle];
		if (fragments->items[middle].key.id < id)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

void
fragment_expand(struct buf *out, const char *fragment, size_t n, const char *base_url)
{
	const char *end = fragment + n, *mark;

	while ((mark = memchr(fragment, URL_BASE_MARK, (size_t)(end - fragment))) != NULL) {
		buf_add(out, fragment, (size_t)(mark - fragment));
		buf_str(out, base_url);
		fragment = mark + 1;
	}
	buf_add(out, fragment, (size_t)(end - fragment));
}

void
user_fragment_write(struct buf *out, const struct cache_item *fragment, const char *base_url,
		    bool is_follow)
{
	static const char deleted_user[] =
	    "\"id\":0,\"name\":\"\",\"follow_count\":0,"
	    "\"follower_count\":0,\"avatar\":\"\","
	    "\"background_image\":\"\",\"signature\":\"\","
	    "\"total_favorited\":0,\"work_count\":0,\"favorite_count\":0";

	if (fragment != NULL)
		fragment_expand(out, fragment->data, fragment->len, base_url);
	else
		buf_str(out, deleted_user);
	json_boolean(out, "is_follow", is_follow);
}

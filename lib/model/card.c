/* card.c: see card.h.  SQL: sql/user.sql. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"
#include "data/missing.h"
#include "model/card.h"

#define DEFAULT_AVATARS 6

/* A URL on this server: the hole, then the path. */
static void
write_url(struct buf *out, const char *key, const char *path, size_t n)
{
	static const char hole = CARD_HOLE;

	json_key(out, key);
	buf_str(out, "\"");
	buf_add(out, &hole, 1);
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
card_item(int64_t id)
{
	return (struct cache_item){ .key = key_of(KEY_USER_CARD, id) };
}

/* Makes a card of a row, and hands it to the items of that id. */
static enum err
fill_in(struct req *r, const struct card_kind *kind, const db_result *res, int row,
	const int *columns, struct buf *text, struct cache_item *items, size_t n)
{
	int64_t id = db_get_int(res, row, columns[0]);
	const char *card;
	size_t i;

	buf_clear(text);
	buf_str(text, "{"); /* for the comma rule; not part of the card */
	kind->write(text, res, row, columns, r->conf);
	if (buf_failed(text) ||
	    (card = arena_copy(r->arena, text->data + 1, text->len - 1)) == NULL)
		return ERR_INTERNAL;
	for (i = 0; i < n; i++)
		if (items[i].key.id == id) {
			items[i].data = card;
			items[i].len = text->len - 1;
		}
	return ERR_OK;
}

enum err
cards_complete_as(struct req *r, const struct card_kind *kind, struct cache_item *items, size_t n)
{
	struct db_arg ids = db_missing(r->arena, items, n);
	int columns[CARD_COLUMNS] = { 0 }, row, i;
	struct buf text = BUF_INIT;
	db_result *res = NULL;
	enum err e;

	if (ids.text == NULL)
		return ERR_INTERNAL;
	if (ids.len == 0)
		return ERR_OK;
	if ((e = db_query(r->db, kind->stmt, &res, ids)) == ERR_OK) {
		for (i = 0; i < CARD_COLUMNS && kind->columns[i] != NULL; i++)
			columns[i] = db_column(res, kind->columns[i]);
		for (row = 0; e == ERR_OK && row < db_rows(res); row++)
			e = fill_in(r, kind, res, row, columns, &text, items, n);
	}
	db_clear(res);
	buf_release(&text);
	if (e == ERR_OK)
		cache_put(r->cache, items, n);
	return e;
}

enum err
cards_complete(struct req *r, struct cache_item *items, size_t n)
{
	static const struct card_kind user = { STMT_USER_CARDS, columns_of_user, write_user };

	return cards_complete_as(r, &user, items, n);
}

enum err
cards_collect(struct req *r, const int64_t *ids, size_t n, size_t more, struct cards *out)
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
			out->items[out->n++] = card_item(sorted[i]);
	return ERR_OK;
}

const struct cache_item *
cards_find(const struct cards *cards, int64_t id)
{
	size_t from = 0, to = cards->n, middle;

	while (from < to) {
		middle = from + (to - from) / 2;
		if (cards->items[middle].key.id == id)
			return cards->items[middle].data == NULL ? NULL : &cards->items[middle];
		if (cards->items[middle].key.id < id)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

void
card_expand(struct buf *out, const char *card, size_t n, const char *base_url)
{
	const char *end = card + n, *hole;

	while ((hole = memchr(card, CARD_HOLE, (size_t)(end - card))) != NULL) {
		buf_add(out, card, (size_t)(hole - card));
		buf_str(out, base_url);
		card = hole + 1;
	}
	buf_add(out, card, (size_t)(end - card));
}

void
card_write(struct buf *out, const struct cache_item *card, const char *base_url, bool is_follow)
{
	static const char gone[] = "\"id\":0,\"name\":\"\",\"follow_count\":0,"
				   "\"follower_count\":0,\"avatar\":\"\","
				   "\"background_image\":\"\",\"signature\":\"\","
				   "\"total_favorited\":0,\"work_count\":0,\"favorite_count\":0";

	if (card != NULL)
		card_expand(out, card->data, card->len, base_url);
	else
		buf_str(out, gone);
	json_boolean(out, "is_follow", is_follow);
}

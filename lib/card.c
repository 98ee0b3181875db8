/* card.c: see card.h.  SQL: sql/user.sql. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "card.h"
#include "missing.h"

#define DEFAULT_AVATARS 6

static int
by_id(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

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

struct columns {
	int id, name, avatar, background, signature;
	int follow_count, follower_count, total_favorited, work_count, favorite_count;
};

static struct columns
columns_of(const db_result *res)
{
	return (struct columns){
		.id = db_column(res, "id"),
		.name = db_column(res, "name"),
		.avatar = db_column(res, "avatar"),
		.background = db_column(res, "background"),
		.signature = db_column(res, "signature"),
		.follow_count = db_column(res, "follow_count"),
		.follower_count = db_column(res, "follower_count"),
		.total_favorited = db_column(res, "total_favorited"),
		.work_count = db_column(res, "work_count"),
		.favorite_count = db_column(res, "favorite_count"),
	};
}

/* One row as a card. */
static void
write_row(struct buf *out, const db_result *res, int row, const struct columns *c,
	  const char *default_signature)
{
	char avatar[48];
	const char *text;
	size_t n;

	json_int(out, "id", db_get_int(res, row, c->id));
	text = db_get_text(res, row, c->name, &n);
	json_str(out, "name", text, n);
	json_int(out, "follow_count", db_get_int(res, row, c->follow_count));
	json_int(out, "follower_count", db_get_int(res, row, c->follower_count));
	text = db_get_text(res, row, c->avatar, &n);
	if (n == 0) {
		n = (size_t)snprintf(avatar, sizeof(avatar), "/static/avatar-%d.png",
				     (int)(db_get_int(res, row, c->id) % DEFAULT_AVATARS));
		text = avatar;
	}
	write_url(out, "avatar", text, n);
	text = db_get_text(res, row, c->background, &n);
	if (n == 0)
		n = strlen(text = "/static/background.png");
	write_url(out, "background_image", text, n);
	text = db_get_text(res, row, c->signature, &n);
	if (n == 0)
		n = strlen(text = default_signature);
	json_str(out, "signature", text, n);
	json_int(out, "total_favorited", db_get_int(res, row, c->total_favorited));
	json_int(out, "work_count", db_get_int(res, row, c->work_count));
	json_int(out, "favorite_count", db_get_int(res, row, c->favorite_count));
}

struct cache_item
card_item(int64_t id)
{
	return (struct cache_item){ .key = key_of(KEY_USER_CARD, id) };
}

/* Makes a card of a row, and hands it to the items of that id. */
static enum err
fill_in(struct req *r, const db_result *res, int row, const struct columns *c, struct buf *text,
	struct cache_item *items, size_t n)
{
	int64_t id = db_get_int(res, row, c->id);
	const char *card;
	size_t i;

	buf_clear(text);
	buf_str(text, "{"); /* for the comma rule; not part of the card */
	write_row(text, res, row, c, r->conf->default_signature);
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
cards_complete(struct req *r, struct cache_item *items, size_t n)
{
	struct db_arg ids = db_missing(r->arena, items, n);
	struct buf text = BUF_INIT;
	db_result *res = NULL;
	struct columns c;
	enum err e;
	int row;

	if (ids.text == NULL)
		return ERR_INTERNAL;
	if (ids.len == 0)
		return ERR_OK;
	if ((e = db_query(r->db, STMT_USER_CARDS, &res, ids)) == ERR_OK) {
		c = columns_of(res);
		for (row = 0; e == ERR_OK && row < db_rows(res); row++)
			e = fill_in(r, res, row, &c, &text, items, n);
	}
	db_clear(res);
	buf_release(&text);
	if (e == ERR_OK)
		cache_put(r->cache, items, n);
	return e;
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
	qsort(sorted, n, sizeof(*sorted), by_id);
	for (i = 0; i < n; i++)
		if (i == 0 || sorted[i] != sorted[i - 1])
			out->items[out->n++] = card_item(sorted[i]);
	return ERR_OK;
}

enum err
cards_load(struct req *r, const int64_t *ids, size_t n, struct cards *out)
{
	enum err e = cards_collect(r, ids, n, 0, out);

	if (e != ERR_OK)
		return e;
	cache_get(r->cache, r->arena, out->items, out->n);
	return cards_complete(r, out->items, out->n);
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

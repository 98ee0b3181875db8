/* card.c: see card.h.  SQL: sql/user.sql. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "card.h"

#define DEFAULT_AVATARS 6

static int
by_id(const void *a, const void *b)
{
	int64_t x = ((const struct cache_item *)a)->id, y = ((const struct cache_item *)b)->id;

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

/* Makes cards of the rows and hands them to their items. */
static enum err
fill_in(struct req *r, const db_result *res, struct cards *cards)
{
	struct columns c = columns_of(res);
	struct buf text = BUF_INIT;
	enum err e = ERR_OK;
	int row;

	for (row = 0; e == ERR_OK && row < db_rows(res); row++) {
		struct cache_item key = { .id = db_get_int(res, row, c.id) }, *item;

		item = bsearch(&key, cards->items, cards->n, sizeof(key), by_id);
		if (item == NULL)
			continue;
		buf_clear(&text);
		buf_str(&text, "{"); /* for the comma rule; not part of the card */
		write_row(&text, res, row, &c, r->conf->default_signature);
		if (buf_failed(&text) ||
		    (item->data = arena_copy(r->arena, text.data + 1, text.len - 1)) == NULL)
			e = ERR_INTERNAL;
		item->len = text.len - 1;
	}
	buf_release(&text);
	return e;
}

/* Reads from PostgreSQL what the cache did not have, and stores it there. */
static enum err
load_missing(struct req *r, struct cards *cards)
{
	int64_t *ids = arena_alloc(r->arena, cards->n * sizeof(*ids));
	db_result *res = NULL;
	struct db_arg arg;
	size_t i, n = 0;
	enum err e;

	if (ids == NULL)
		return ERR_INTERNAL;
	for (i = 0; i < cards->n; i++)
		if (cards->items[i].data == NULL)
			ids[n++] = cards->items[i].id;
	if (n == 0)
		return ERR_OK;
	arg = db_ids(r->arena, ids, n);
	if (arg.text == NULL)
		return ERR_INTERNAL;
	if ((e = db_query(r->db, STMT_USER_CARDS, &res, arg)) == ERR_OK)
		e = fill_in(r, res, cards);
	db_clear(res);
	if (e == ERR_OK)
		cache_put(r->cache, KEY_USER_CARD, cards->items, cards->n);
	return e;
}

enum err
cards_load(struct req *r, const int64_t *ids, size_t n, struct cards *out)
{
	size_t i, kept = 0;

	out->n = 0;
	out->items = arena_alloc(r->arena, n * sizeof(*out->items));
	if (out->items == NULL)
		return ERR_INTERNAL;
	for (i = 0; i < n; i++)
		out->items[i] = (struct cache_item){ .id = ids[i] };
	qsort(out->items, n, sizeof(*out->items), by_id);
	for (i = 0; i < n; i++)
		if (kept == 0 || out->items[kept - 1].id != out->items[i].id)
			out->items[kept++] = out->items[i];
	out->n = kept;
	cache_get(r->cache, r->arena, KEY_USER_CARD, out->items, out->n);
	return load_missing(r, out);
}

const struct cache_item *
cards_find(const struct cards *cards, int64_t id)
{
	struct cache_item key = { .id = id };
	const struct cache_item *item;

	if (cards->n == 0)
		return NULL;
	item = bsearch(&key, cards->items, cards->n, sizeof(key), by_id);
	return item == NULL || item->data == NULL ? NULL : item;
}

void
card_write(struct buf *out, const struct cache_item *card, const char *base_url, bool is_follow)
{
	static const struct cache_item gone = {
		.data = "\"id\":0,\"name\":\"\",\"follow_count\":0,\"follower_count\":0,"
			"\"avatar\":\"\",\"background_image\":\"\",\"signature\":\"\","
			"\"total_favorited\":0,\"work_count\":0,\"favorite_count\":0",
	};
	const char *p, *end, *hole;

	if (card == NULL)
		card = &gone;
	p = card->data;
	end = p + (card == &gone ? strlen(p) : card->len);
	while ((hole = memchr(p, CARD_HOLE, (size_t)(end - p))) != NULL) {
		buf_add(out, p, (size_t)(hole - p));
		buf_str(out, base_url);
		p = hole + 1;
	}
	buf_add(out, p, (size_t)(end - p));
	json_boolean(out, "is_follow", is_follow);
}

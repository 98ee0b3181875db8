/*
 * card.h: an account as replies show it: a piece of JSON, kept in the cache.
 *
 * A card is the inside of a User object without is_follow, which depends on
 * who looks.  Where a URL's scheme and host belong stands CARD_HOLE.
 */
#ifndef DS_CARD_H
#define DS_CARD_H

#include "http/req.h"

#define CARD_HOLE '\x01'

/* Appends a card (n bytes) with its holes filled. */
void card_expand(struct buf *out, const char *card, size_t n, const char *base_url);

/* Makes an item stand for this account's card, not looked up yet. */
struct cache_item card_item(int64_t id);

/*
 * Loads from PostgreSQL what the cache did not have of n cards, and stores it
 * there.  Accounts that do not exist stay without data.
 */
enum err cards_complete(struct req *r, struct cache_item *items, size_t n) MUST_CHECK;

#define CARD_COLUMNS 12 /* at most */

/* Whatever else has cards: how one is made of a row. */
struct card_kind {
	enum stmt stmt;		    /* takes an array of ids; unknown ones have no row */
	const char *const *columns; /* their names, that of the id first, NULL behind the last */
	/* Appends a card's keys and values; columns are where they stand in the result. */
	void (*write)(struct buf *out, const db_result *res, int row, const int *columns,
		      const struct conf *conf);
};

/* As cards_complete(), for cards of any kind. */
enum err cards_complete_as(struct req *r, const struct card_kind *kind, struct cache_item *items,
			   size_t n) MUST_CHECK;

struct cards {
	struct cache_item *items; /* in order of id, each once */
	size_t n;
};

/*
 * Items for n accounts (any order, repeated or not), not looked up yet, and
 * behind them room for as many items more that are to be looked up with them.
 */
enum err cards_collect(struct req *r, const int64_t *ids, size_t n, size_t more,
		       struct cards *out) MUST_CHECK;

/* The card of an account, or NULL if it was not loaded or does not exist. */
const struct cache_item *cards_find(const struct cards *cards, int64_t id);

/*
 * Writes the inside of a User object.  A NULL card gives all keys with empty
 * values: an account that is gone.
 */
void card_write(struct buf *out, const struct cache_item *card, const char *base_url,
		bool is_follow);

#endif

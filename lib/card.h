/*
 * card.h: an account as replies show it: a piece of JSON, kept in the cache.
 *
 * A card is the inside of a User object without is_follow, which depends on
 * who looks.  Where a URL's scheme and host belong stands CARD_HOLE.
 */
#ifndef DS_CARD_H
#define DS_CARD_H

#include "req.h"

#define CARD_HOLE '\x01'

struct cards {
	struct cache_item *items; /* in order of id, each once */
	size_t n;
};

/*
 * Loads the cards of n accounts (any order, repeated or not) through the
 * cache.  Accounts that do not exist have no data.  All of it is in the
 * request's arena.
 */
enum err cards_load(struct req *r, const int64_t *ids, size_t n, struct cards *out) MUST_CHECK;

/* The card of an account, or NULL if it was not loaded or does not exist. */
const struct cache_item *cards_find(const struct cards *cards, int64_t id);

/*
 * Writes the inside of a User object.  A NULL card gives all keys with empty
 * values: an account that is gone.
 */
void card_write(struct buf *out, const struct cache_item *card, const char *base_url,
		bool is_follow);

#endif

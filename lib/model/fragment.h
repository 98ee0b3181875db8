/*
 * fragment.h: an account as replies show it: a piece of JSON, kept in the cache.
 *
 * A fragment is the inside of a User object without is_follow, which depends on
 * who looks.  Where a URL's scheme and host belong stands URL_BASE_MARK.
 */
#ifndef DS_CARD_H
#define DS_CARD_H

#include "http/req.h"

#define URL_BASE_MARK '\x01'

/* Appends a fragment (n bytes) with its holes filled. */
void fragment_expand(struct buf *out, const char *fragment, size_t n, const char *base_url);

/* Makes an item stand for this account's fragment, not looked up yet. */
struct cache_item user_fragment_item(int64_t id);

/*
 * Loads from PostgreSQL what the cache did not have of n cards, and stores it
 * there.  Accounts that do not exist stay without data.
 */
enum err user_fragments_load(struct req *r, struct cache_item *items, size_t n) MUST_CHECK;

#define FRAGMENT_COLUMNS 12 /* at most */

/* Whatever else has cards: how one is made of a row. */
struct fragment_type {
	enum stmt stmt;		    /* takes an array of ids; unknown ones have no row */
	const char *const *columns; /* their names, that of the id first, NULL behind the last */
	/* Appends a fragment's keys and values; columns are where they stand in the result. */
	void (*write)(struct buf *out, const db_result *res, int row, const int *columns,
		      const struct conf *conf);
};

/* As user_fragments_load(), for cards of any kind. */
enum err fragments_load(struct req *r, const struct fragment_type *kind, struct cache_item *items,
			size_t n) MUST_CHECK;

struct user_fragments {
	struct cache_item *items; /* in order of id, each once */
	size_t n;
};

/*
 * Items for n accounts (any order, repeated or not), not looked up yet, and
 * behind them room for as many items more that are to be looked up with them.
 */
enum err user_fragments_collect(struct req *r, const int64_t *ids, size_t n, size_t more,
				struct user_fragments *out) MUST_CHECK;

/* The fragment of an account, or NULL if it was not loaded or does not exist. */
const struct cache_item *user_fragments_find(const struct user_fragments *cards, int64_t id);

/*
 * Writes the inside of a User object.  A NULL fragment gives all keys with empty
 * values: an account that is gone.
 */
void user_fragment_write(struct buf *out, const struct cache_item *fragment, const char *base_url,
			 bool is_follow);

#endif

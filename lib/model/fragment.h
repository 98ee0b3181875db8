/*
 * fragment.h: users, and other objects of replies, as cached JSON fragments.
 *
 * A fragment is the inside of a User object without is_follow, which depends on
 * the viewer.  URL_BASE_MARK stands for the scheme and host of a URL.
 */
#ifndef DS_FRAGMENT_H
#define DS_FRAGMENT_H

#include "http/req.h"

#define URL_BASE_MARK '\x01'

/* Appends a fragment (n bytes) with each mark replaced by base_url. */
void fragment_expand(struct buf *out, const char *fragment, size_t n, const char *base_url);

/* An item for a user's fragment, not looked up yet. */
struct cache_item user_fragment_item(int64_t id);

/*
 * Loads the fragments that the cache did not have from PostgreSQL, and caches
 * them.  Items of users that do not exist keep data NULL.
 */
enum err user_fragments_load(struct req *r, struct cache_item *items, size_t n) MUST_CHECK;

#define FRAGMENT_COLUMNS 12 /* maximum */

/* Describes how to render a row as a cached JSON fragment. */
struct fragment_type {
	enum stmt stmt;		    /* takes an array of ids; unknown ids have no row */
	const char *const *columns; /* names, the id first, terminated by NULL */
	/* Appends keys and values. columns are the positions in the result. */
	void (*write)(struct buf *out, const db_result *res, int row, const int *columns,
		      const struct conf *conf);
};

/* The same for fragments of another type. */
enum err fragments_load(struct req *r, const struct fragment_type *kind, struct cache_item *items,
			size_t n) MUST_CHECK;

struct user_fragments {
	struct cache_item *items; /* sorted by id, without duplicates */
	size_t n;
};

/*
 * Makes items for n user ids, which may be unsorted and repeated, and reserves
 * space for `more` items after them that the caller looks up together with
 * them.
 */
enum err user_fragments_collect(struct req *r, const int64_t *ids, size_t n, size_t more,
				struct user_fragments *out) MUST_CHECK;

/* The fragment of a user; NULL if it was not loaded or does not exist. */
const struct cache_item *user_fragments_find(const struct user_fragments *fragments, int64_t id);

/* Writes the inside of a User object.  NULL: a deleted user, all keys with empty values. */
void user_fragment_write(struct buf *out, const struct cache_item *fragment, const char *base_url,
			 bool is_follow);

#endif

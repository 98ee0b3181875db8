/*
 * stmt.h: the named statements of sql/, compiled in.
 *
 * "-- name: feed_page read" becomes STMT_FEED_PAGE.  An unknown name does not
 * compile; a statement that PostgreSQL rejects prevents the start.
 */
#ifndef DS_STMT_H
#define DS_STMT_H

#include <stdbool.h>

#include "statements.h" /* enum stmt, made by sql/statements.awk */

struct stmt_text {
	const char *name;
	bool writes;
	const char *sql;
};

/* Indexed by enum stmt. */
extern const struct stmt_text stmt_texts[];

#endif

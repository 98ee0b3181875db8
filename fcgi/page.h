/*
 * page.h: the paging that all lists share: count, cursor, next_cursor.
 *
 * A list queries one row more than it shows.  Rows have a column "key", which
 * falls from row to row (rises in a poll for new rows); next_cursor is the key of
 * the last row shown, or 0 if no rows follow.
 */
#ifndef DS_PAGE_H
#define DS_PAGE_H

#include "http/reply.h"
#include "http/req.h"

/* Size limit of a list of texts; next_cursor continues after it. */
#define PAGE_BYTES (512 * 1024)

/* Maximum number of rows shown: the parameter count, or its maximum. */
int64_t page_rows(const struct req *r);

/* Arguments of a list's statement: upper bound (exclusive) of key, number of rows. */
struct db_arg page_before(const struct req *r);
struct db_arg page_fetch(const struct req *r);

/* Number of rows of res to show. */
int page_shown(const struct req *r, const db_result *res);

/* Writes next_cursor. */
void page_end(const struct req *r, const db_result *res, struct reply *out);

/*
 * Owner of the list: user_id, or the viewer if it is absent or 0.  0 (neither) is
 * an empty list, which the app requests after logging out.
 */
int64_t page_owner(const struct req *r);

#endif

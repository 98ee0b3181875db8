/*
 * page.h: the paging that all lists share: count, cursor, next_cursor.
 *
 * A list asks for one row more than it shows.  Rows have a column "key",
 * which falls from row to row, or rises where what is new is asked for;
 * next_cursor is the key of the last one shown, or 0 when there are no more.
 */
#ifndef DS_PAGE_H
#define DS_PAGE_H

#include "http/reply.h"
#include "http/req.h"

/* A list of texts ends when it has so many bytes; next_cursor leads on. */
#define PAGE_BYTES (512 * 1024)

/* Most rows a list shows; what the request asked for, or all it may. */
int64_t page_rows(const struct req *r);

/* Arguments of a list's statement: keys below this, so many rows. */
struct db_arg page_before(const struct req *r);
struct db_arg page_fetch(const struct req *r);

/* How many of res's rows are to be shown. */
int page_shown(const struct req *r, const db_result *res);

/* Writes next_cursor. */
void page_end(const struct req *r, const db_result *res, struct reply *out);

/*
 * Whose list: user_id's, or the viewer's where none (or 0) is given; 0, nobody's,
 * is empty: the app asks for it after logging out.
 */
int64_t page_owner(const struct req *r);

#endif

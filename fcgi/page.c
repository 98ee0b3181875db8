/* page.c: see page.h. */
#include "page.h"

#define ROWS_MAX 1000

int64_t
page_rows(const struct req *r)
{
	return req_int(r, P_COUNT, ROWS_MAX);
}

struct db_arg
page_before(const struct req *r)
{
	int64_t cursor = req_int(r, P_CURSOR, 0);

	return db_int(cursor == 0 ? INT64_MAX : cursor);
}

struct db_arg
page_fetch(const struct req *r)
{
	return db_int(page_rows(r) + 1);
}

int
page_shown(const struct req *r, const db_result *res)
{
	int rows = db_rows(res);

	return rows > page_rows(r) ? (int)page_rows(r) : rows;
}

void
page_end(const struct req *r, const db_result *res, struct reply *out)
{
	int shown = page_shown(r, res);
	bool more = db_rows(res) > shown;

	json_int(&out->body, "next_cursor",
		 more ? db_get_int(res, shown - 1, db_column(res, "key")) : 0);
}

int64_t
page_owner(const struct req *r)
{
	int64_t owner = req_int(r, P_USER_ID, 0);

	return owner == 0 ? r->viewer : owner;
}

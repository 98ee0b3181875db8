/*
 * db.h: PostgreSQL.  The only module that speaks libpq.
 *
 * One connection a process, opened when first needed and again when it broke.
 * Statements are prepared by name when it opens and are always run prepared,
 * one round trip each, with integers in binary.
 */
#ifndef DS_DB_H
#define DS_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "data/stmt.h"
#include "obs/timing.h"

struct db;

/* The rows that a statement has given. */
typedef struct pg_result db_result;

/* One argument of a statement; its type is what the SQL casts it to. */
struct db_arg {
	enum { DB_INT, DB_BOOL, DB_TEXT, DB_ARRAY } type;
	int64_t number;
	const char *text;
	size_t len;
};

static inline struct db_arg
db_int(int64_t v)
{
	return (struct db_arg){ DB_INT, v, NULL, 0 };
}

static inline struct db_arg
db_bool(bool v)
{
	return (struct db_arg){ DB_BOOL, v, NULL, 0 };
}

/* s[n]: UTF-8 without NUL, borrowed until the statement has run. */
static inline struct db_arg
db_text(const char *s, size_t n)
{
	return (struct db_arg){ DB_TEXT, 0, s, n };
}

/* The text form of a bigint[], from a; a NULL text when memory is out. */
struct db_arg db_int_array(struct arena *a, const int64_t *ids, size_t n);

/*
 * Roles of a private database; what they may do is in sql/schema/roles.sql.
 * Where database_url names another one, its user is everybody's.
 */
#define DB_ROLE_APP "dousheng_app"
#define DB_ROLE_MEDIA "dousheng_media"

/* Does not connect.  conf and role are borrowed.  NULL when memory is out. */
struct db *db_new(const struct conf *conf, const char *role);

/* Who is told of each round trip (borrowed); NULL, as at first: nobody. */
void db_set_timing(struct db *db, struct timing *timing);

/* Accepts NULL. */
void db_free(struct db *db);

#define DB_IDENTITY_MAX 32

/*
 * What no other database is called: its cluster's system identifier and its
 * number there.  The text is db's and may become another one when it connects;
 * "" until it has done so once.
 */
const char *db_identity(const struct db *db);

/*
 * Connects, checks the schema and prepares all statements, unless that is done.
 * ERR_UNAVAILABLE: no server, or one that cannot at the moment (tried again at
 * the next call, after a pause).
 * ERR_INTERNAL: the server is there but does not fit this program (an older
 * schema, a statement that it refuses); said in the log.
 */
enum err db_connect(struct db *db) MUST_CHECK;

/*
 * Runs a statement with n arguments.  On ERR_OK it is committed and *res is the
 * caller's, to be given to db_clear(); on any error *res is NULL.  A statement
 * that only reads is run again when the connection turns out to be broken; one
 * that writes is not, for it may have been carried out.  Both are run again
 * when PostgreSQL has rolled them back for the sake of others (a deadlock).
 */
enum err db_run(struct db *db, enum stmt stmt, db_result **res, const struct db_arg *args,
		int n) MUST_CHECK;

#define db_query(db, stmt, res, ...)                                  \
	db_run(db, stmt, res, (const struct db_arg[]){ __VA_ARGS__ }, \
	       (int)(sizeof((const struct db_arg[]){ __VA_ARGS__ }) / sizeof(struct db_arg)))

/*
 * May the statement that has failed last have been carried out all the same?
 * False where PostgreSQL has said that it was not, or was never asked.
 */
bool db_outcome_unknown(const struct db *db);

/* Accepts NULL. */
void db_clear(db_result *res);

int db_rows(const db_result *res);

/* Number of a column by its name; the log and -1 when there is none. */
int db_column(const db_result *res, const char *name);

/* Values of row and column.  NULL reads as 0, false and "". */
int64_t db_get_int(const db_result *res, int row, int column);
bool db_is_null(const db_result *res, int row, int column);
bool db_get_bool(const db_result *res, int row, int column);
/* Borrowed from res; *n gets the length where n is not NULL. */
const char *db_get_text(const db_result *res, int row, int column, size_t *n);

/* The descriptor to watch while idle, or -1; and what to do when it stirs. */
int db_fd(const struct db *db);
void db_on_readable(struct db *db);

#endif

/*
 * db.h: PostgreSQL.  The only module that uses libpq.
 *
 * Each process has one connection, opened when first needed and reopened when
 * it breaks.  All statements are prepared when it opens.  Each takes one round
 * trip, with integers in binary.
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

/* The rows that a statement returned. */
typedef struct pg_result db_result;

/* An argument of a statement.  Its type must match the cast in the SQL. */
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

/* s[n] is UTF-8 without NUL, borrowed until the statement has run. */
static inline struct db_arg
db_text(const char *s, size_t n)
{
	return (struct db_arg){ DB_TEXT, 0, s, n };
}

/* The text form of a bigint[], allocated in a.  Its text is NULL if memory is out. */
struct db_arg db_int_array(struct arena *a, const int64_t *ids, size_t n);

/*
 * Roles of the private database; sql/schema/roles.sql has their privileges.
 * With database_url set, all programs connect as its user.
 */
#define DB_ROLE_APP "dousheng_app"
#define DB_ROLE_MEDIA "dousheng_media"

/* Does not connect.  conf and role are borrowed.  NULL when memory is out. */
struct db *db_new(const struct conf *conf, const char *role);

/* Sets the timing (borrowed) that records each round trip; NULL, the default: none. */
void db_set_timing(struct db *db, struct timing *timing);

/* Accepts NULL. */
void db_free(struct db *db);

#define DB_IDENTITY_MAX 32

/*
 * Identifies the database: its cluster's system identifier and its oid.  Owned
 * by db, and may change when it connects; "" before the first connection.
 */
const char *db_identity(const struct db *db);

/*
 * Connects, checks the schema's version and prepares all statements, unless
 * that is done.
 *
 * ERR_UNAVAILABLE: the server is down or cannot serve now.  The next call tries
 * again, after a back-off.
 *
 * ERR_INTERNAL: the database does not fit this program (older schema, a
 * statement that it rejects).  Logged.
 */
enum err db_connect(struct db *db) MUST_CHECK;

/*
 * Runs a statement with n arguments.  On ERR_OK it is committed, and the caller
 * gives *res to db_clear().  On any error *res is NULL.
 *
 * Retries: a read is repeated if the connection is lost; a write is not,
 * because it may have been executed.  Both are repeated if PostgreSQL rolled
 * them back because of a conflict (a deadlock).
 */
enum err db_run(struct db *db, enum stmt stmt, db_result **res, const struct db_arg *args,
		int n) MUST_CHECK;

#define db_query(db, stmt, res, ...)                                  \
	db_run(db, stmt, res, (const struct db_arg[]){ __VA_ARGS__ }, \
	       (int)(sizeof((const struct db_arg[]){ __VA_ARGS__ }) / sizeof(struct db_arg)))

/*
 * May the last failed statement have been executed? False if PostgreSQL
 * reported its failure, or it was never sent.
 */
bool db_outcome_unknown(const struct db *db);

/* Accepts NULL. */
void db_clear(db_result *res);

int db_rows(const db_result *res);

/* The index of a column; logs and returns -1 if there is none. */
int db_column(const db_result *res, const char *name);

/* Values of row and column.  NULL reads as 0, false and "". */
int64_t db_get_int(const db_result *res, int row, int column);
bool db_is_null(const db_result *res, int row, int column);
bool db_get_bool(const db_result *res, int row, int column);
/* Borrowed from res; *n is set to the length unless n is NULL. */
const char *db_get_text(const db_result *res, int row, int column, size_t *n);

/* The descriptor to poll while idle, or -1; call db_on_readable() when it is readable. */
int db_fd(const struct db *db);
void db_on_readable(struct db *db);

#endif

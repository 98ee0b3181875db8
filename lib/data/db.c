/* db.c: see db.h. */
#include <endian.h>
#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "data/db.h"
#include "obs/log.h"
#include "version.h" /* SCHEMA_VERSION, made from sql/schema */

#define MAX_ARGS 12
#define CONN_RETRIES 2
#define CONFLICT_RETRIES 2
#define RETRY_FIRST_US 100000
#define RETRY_LAST_US 300000 /* PostgreSQL is back within a second after a kill */

struct db {
	const struct conf *conf;
	const char *role;
	struct timing *timing; /* or NULL */
	PGconn *conn;	       /* NULL: not connected */
	int64_t retry_at;      /* not before this, by time_monotonic_us() */
	int64_t retry_wait;    /* doubles while the server is away */
	bool timed_out;	       /* the last wait timed out */
	bool outcome_unknown;  /* the server did not report that the last statement failed */
	char identity[DB_IDENTITY_MAX];
};

struct db *
db_new(const struct conf *conf, const char *role)
{
	struct db *db = calloc(1, sizeof(*db));

	if (db == NULL)
		return NULL;
	db->conf = conf;
	db->role = role;
	return db;
}

void
db_set_timing(struct db *db, struct timing *timing)
{
	db->timing = timing;
}

static void
disconnect(struct db *db)
{
	PQfinish(db->conn); /* accepts NULL */
	db->conn = NULL;
}

void
db_free(struct db *db)
{
	if (db == NULL)
		return;
	disconnect(db);
	free(db);
}

const char *
db_identity(const struct db *db)
{
	return db->identity;
}

struct db_arg
db_int_array(struct arena *a, const int64_t *ids, size_t n)
{
	struct buf text = BUF_INIT;
	struct db_arg arg = { DB_ARRAY, 0, NULL, 0 };
	size_t i;

	buf_str(&text, "{");
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_str(&text, ",");
		buf_int(&text, ids[i]);
	}
	buf_str(&text, "}");
	if (!buf_failed(&text)) {
		arg.text = arena_copy(a, text.data, text.len);
		arg.len = text.len;
	}
	buf_release(&text);
	return arg;
}

/* Waits until a result can be fetched.  False: timeout or connection lost. */
static bool
wait_result(struct db *db, int64_t deadline)
{
	struct pollfd p = { .fd = PQsocket(db->conn), .events = POLLIN };

	while (PQisBusy(db->conn)) {
		int64_t left = deadline - time_monotonic_us();
		int n = left > 0 ? poll(&p, 1, (int)(left / 1000) + 1) : 0;

		if (n < 0 && errno == EINTR)
			continue;
		db->timed_out = n <= 0;
		if (n <= 0 || !PQconsumeInput(db->conn))
			return false;
	}
	return true;
}

/*
 * Fetches the result, at most until the deadline: the server may be stopped or
 * the network down, and libpq would block forever.  The server reports a
 * statement as complete before it commits, so an error that follows is the
 * result.
 */
static PGresult *
receive(struct db *db)
{
	int64_t deadline = time_monotonic_us() + (db->conf->database_timeout_ms + 250) * 1000;
	PGresult *res = NULL, *next;

	db->timed_out = false;
	for (;;) {
		if (!wait_result(db, deadline)) {
			PQclear(res);
			return NULL;
		}
		if ((next = PQgetResult(db->conn)) == NULL)
			return res;
		if (res != NULL && PQresultStatus(next) != PGRES_FATAL_ERROR) {
			PQclear(next);
			continue;
		}
		PQclear(res);
		res = next;
	}
}

/*
 * Logs an error of PostgreSQL and maps it.  Classes 40 (deadlock), 53 (disk
 * full, too many connections), 55 (lock not available) and 57 (timeout,
 * shutdown, query canceled) are temporary.  A unique violation (23505) is a
 * warning: the caller handles it.  An error without SQLSTATE comes from libpq,
 * usually out of memory: the result is lost, and the statement may have been
 * executed.
 */
static enum err
map_sqlstate(enum stmt stmt, const PGresult *res)
{
	static const char passing[][3] = { "40", "53", "55", "57" };
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	bool clash = state != NULL && strcmp(state, "23505") == 0;
	size_t i;

	log_at(clash ? LOG_LEVEL_WARN : LOG_LEVEL_ERROR, "%s: %s", stmt_texts[stmt].name,
	       PQresultErrorMessage(res));
	if (state == NULL)
		return ERR_UNAVAILABLE;
	for (i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		if (strncmp(state, passing[i], 2) == 0)
			return ERR_UNAVAILABLE;
	return ERR_INTERNAL;
}

/* Also ERR_UNAVAILABLE if the connection is lost. */
static enum err
prepare_one(struct db *db, enum stmt i)
{
	PGresult *res = NULL;
	enum err e = ERR_UNAVAILABLE;

	if (PQsendPrepare(db->conn, stmt_texts[i].name, stmt_texts[i].sql, 0, NULL))
		res = receive(db);
	if (res != NULL && PQresultStatus(res) == PGRES_COMMAND_OK)
		e = ERR_OK;
	else if (res != NULL && PQstatus(db->conn) == CONNECTION_OK)
		e = map_sqlstate(i, res);
	PQclear(res);
	return e;
}

static enum err
check_schema(struct db *db)
{
	PGresult *res = NULL;
	int64_t version;
	enum err e;

	if ((e = prepare_one(db, STMT_SCHEMA_VERSION)) != ERR_OK ||
	    (e = db_run(db, STMT_SCHEMA_VERSION, &res, NULL, 0)) != ERR_OK)
		return e;
	version = PQntuples(res) == 1 ? db_get_int(res, 0, db_column(res, "version")) : 0;
	if (version >= SCHEMA_VERSION)
		snprintf(db->identity, sizeof(db->identity), "%s",
			 db_get_text(res, 0, db_column(res, "site"), NULL));
	PQclear(res);
	if (version >= SCHEMA_VERSION)
		return ERR_OK;
	log_error("the database has schema version %lld, this program needs %d: run spawn/migrate",
		  (long long)version, SCHEMA_VERSION);
	return ERR_INTERNAL;
}

/* Delays the next connection attempt, so that requests fail fast meanwhile. */
static enum err
back_off(struct db *db, enum err e)
{
	disconnect(db);
	db->retry_wait *= 2;
	if (db->retry_wait < RETRY_FIRST_US)
		db->retry_wait = RETRY_FIRST_US;
	if (db->retry_wait > RETRY_LAST_US)
		db->retry_wait = RETRY_LAST_US;
	db->retry_at = time_monotonic_us() + db->retry_wait;
	return e;
}

/*
 * Options of a connection:
 *
 * plan_cache_mode	plan each statement once per connection
 * jit		off: the statements are short
 * enable_seqscan	off: statistics of a small young database would choose
 * 		sequential scans of tables that are about to grow
 * enable_sort	off where an index gives the order: the planner estimates a
 * 		page of likes or followers by the average, and would read and
 * 		sort all of a user's million rows for each page (measured: 30 of
 * 		900 friends took 8.8 ms, without sort 0.3 ms)
 * search_path	public only: nobody can shadow our tables
 * isolation	read committed, whatever the database's default is:
 * 		concurrent updates wait instead of failing
 */
static PGconn *
open_connection(const struct conf *conf, const char *role)
{
	char url[CONF_TEXT_MAX * 2], options[320];
	const char *const keys[] = { "dbname",	"connect_timeout", "application_name",
				     "options", "client_encoding", NULL };
	const char *const values[] = { url, "2", "dousheng", options, "UTF8", NULL };

	conf_database(conf, role, url, sizeof(url));
	snprintf(options, sizeof(options),
		 "-c plan_cache_mode=force_generic_plan -c jit=off -c enable_seqscan=off "
		 "-c enable_sort=off -c search_path=public,pg_temp "
		 "-c default_transaction_isolation=read\\ committed "
		 "-c statement_timeout=%lld",
		 (long long)conf->database_timeout_ms);
	return PQconnectdbParams(keys, values, 1);
}

/* Checks the schema's version and prepares all statements on a new connection. */
static enum err
prepare_all(struct db *db)
{
	enum err e = check_schema(db);
	int i;

	for (i = 0; e == ERR_OK && i < STMT_COUNT; i++)
		if (i != STMT_SCHEMA_VERSION)
			e = prepare_one(db, (enum stmt)i);
	return e;
}

/* Writes notices of the server to our log. */
static void
on_notice(void *unused, const char *text)
{
	(void)unused;
	log_warn("database: %.*s", (int)strcspn(text, "\n"), text);
}

/*
 * Opens a connection and prepares it.  ERR_INTERNAL only if the database does
 * not fit this program; a connection that is lost meanwhile is opened again.
 */
static enum err
connect_and_prepare(struct db *db)
{
	int tries;
	enum err e;

	for (tries = 0; tries < 3; tries++) {
		disconnect(db);
		db->conn = open_connection(db->conf, db->role);
		if (db->conn == NULL || PQstatus(db->conn) != CONNECTION_OK) {
			log_warn("database: %s", PQerrorMessage(db->conn));
			timing_count(db->timing, METRIC_DATABASE_ERRORS, 1);
			return ERR_UNAVAILABLE;
		}
		PQsetNoticeProcessor(db->conn, on_notice, NULL);
		if ((e = prepare_all(db)) == ERR_OK)
			return ERR_OK;
		if (db->timed_out || (db->conn != NULL && PQstatus(db->conn) == CONNECTION_OK))
			return e;
	}
	return ERR_UNAVAILABLE;
}

enum err
db_connect(struct db *db)
{
	enum err e;

	if (db->conn != NULL && PQstatus(db->conn) == CONNECTION_OK)
		return ERR_OK;
	if (time_monotonic_us() < db->retry_at)
		return ERR_UNAVAILABLE;
	if ((e = connect_and_prepare(db)) != ERR_OK)
		return back_off(db, e);
	db->retry_wait = 0;
	timing_count(db->timing, METRIC_DATABASE_CONNECTS, 1);
	return ERR_OK;
}

/* Sends one statement and fetches its result.  NULL: the connection is lost. */
static PGresult *
run_once(struct db *db, enum stmt stmt, const struct db_arg *args, int n)
{
	const char *values[MAX_ARGS];
	int lengths[MAX_ARGS], formats[MAX_ARGS];
	uint64_t numbers[MAX_ARGS];
	char flags[MAX_ARGS];
	int i;

	for (i = 0; i < n; i++) {
		formats[i] = args[i].type != DB_ARRAY;
		switch (args[i].type) {
		case DB_INT:
			numbers[i] = htobe64((uint64_t)args[i].number);
			values[i] = (const char *)&numbers[i];
			lengths[i] = sizeof(numbers[i]);
			break;
		case DB_BOOL:
			flags[i] = args[i].number != 0;
			values[i] = &flags[i];
			lengths[i] = 1;
			break;
		case DB_TEXT:
		case DB_ARRAY: /* text form, NUL-terminated */
			values[i] = args[i].text;
			lengths[i] = (int)args[i].len;
			break;
		}
	}
	if (!PQsendQueryPrepared(db->conn, stmt_texts[stmt].name, n, values, lengths, formats, 1))
		return NULL;
	return receive(db);
}

/* How often a statement may be retried. */
struct retry_budget {
	int conn_retries; /* after a lost connection: reads only, as a write may have been executed
			   */
	int conflict_retries; /* after a serialization failure or deadlock, which rolled it back */
};

static bool
is_serialization_failure(const PGresult *res)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);

	return state != NULL && strncmp(state, "40", 2) == 0;
}

/* Maps a failure to its error; ERR_OK: retry. */
static enum err
classify_failure(struct db *db, enum stmt stmt, const PGresult *res, struct retry_budget *left)
{
	if (res != NULL && PQstatus(db->conn) == CONNECTION_OK) {
		if (!is_serialization_failure(res) || left->conflict_retries-- == 0)
			return map_sqlstate(stmt, res);
		log_warn("%s: %s", stmt_texts[stmt].name, PQresultErrorMessage(res));
		return ERR_OK;
	}
	log_warn("database: %s in %s", db->timed_out ? "no answer" : "connection lost",
		 stmt_texts[stmt].name);
	/* Do not wait for the timeout twice: back off, also for the next requests. */
	if (db->timed_out)
		return back_off(db, ERR_UNAVAILABLE);
	disconnect(db);
	return left->conn_retries-- > 0 ? ERR_OK : ERR_UNAVAILABLE;
}

enum err
db_run(struct db *db, enum stmt stmt, PGresult **res, const struct db_arg *args, int n)
{
	/* db_connect() itself calls this for the schema's version. */
	bool connecting = stmt == STMT_SCHEMA_VERSION;
	struct retry_budget left = { connecting || stmt_texts[stmt].writes ? 0 : CONN_RETRIES,
				     CONFLICT_RETRIES };
	ExecStatusType status;
	int64_t since;
	bool ok;
	enum err e;

	*res = NULL;
	db->outcome_unknown = false;
	for (;;) {
		if (!connecting && (e = db_connect(db)) != ERR_OK)
			return e;
		since = time_monotonic_us();
		*res = run_once(db, stmt, args, n);
		status = *res == NULL ? PGRES_FATAL_ERROR : PQresultStatus(*res);
		ok = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
		timing_step(db->timing, TIMING_DATABASE, stmt_texts[stmt].name, 1, since, !ok);
		db->outcome_unknown = !ok && (*res == NULL || PQstatus(db->conn) != CONNECTION_OK);
		if (ok)
			return ERR_OK;
		e = classify_failure(db, stmt, *res, &left);
		PQclear(*res);
		*res = NULL;
		if (e != ERR_OK)
			return e;
	}
}

bool
db_outcome_unknown(const struct db *db)
{
	return db->outcome_unknown;
}

void
db_clear(db_result *res)
{
	PQclear(res);
}

int
db_rows(const db_result *res)
{
	return PQntuples(res);
}

bool
db_is_null(const db_result *res, int row, int column)
{
	return PQgetisnull(res, row, column);
}

int
db_column(const PGresult *res, const char *name)
{
	int column = PQfnumber(res, name);

	if (column < 0)
		log_error("no column %s in a result", name);
	return column;
}

int64_t
db_get_int(const PGresult *res, int row, int column)
{
	uint64_t v;

	if (column < 0 || PQgetisnull(res, row, column) ||
	    PQgetlength(res, row, column) != sizeof(v))
		return 0;
	memcpy(&v, PQgetvalue(res, row, column), sizeof(v));
	return (int64_t)be64toh(v);
}

bool
db_get_bool(const PGresult *res, int row, int column)
{
	return column >= 0 && PQgetlength(res, row, column) == 1 &&
	       PQgetvalue(res, row, column)[0] != 0;
}

const char *
db_get_text(const PGresult *res, int row, int column, size_t *n)
{
	if (n != NULL)
		*n = column < 0 ? 0 : (size_t)PQgetlength(res, row, column);
	return column < 0 ? "" : PQgetvalue(res, row, column);
}

int
db_fd(const struct db *db)
{
	return db->conn == NULL ? -1 : PQsocket(db->conn);
}

void
db_on_readable(struct db *db)
{
	if (db->conn == NULL)
		return;
	if (!PQconsumeInput(db->conn) || PQstatus(db->conn) != CONNECTION_OK) {
		log_warn("database: connection closed by the server");
		disconnect(db);
		db->retry_at = 0;
	}
}

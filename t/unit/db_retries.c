/*
 * db_retries.c: which failures lib/data/db.c retries, and what it reports.
 *
 * The linker puts the functions below in the place of libpq's (--wrap, see the
 * Makefile): a server whose next answers are given by a test.
 */
#include <endian.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "data/db.h"
#include "obs/log.h"
#include "tap.h"
#include "version.h"

#define WRAP(name) __wrap_##name

/* Answers: a SQLSTATE, or one of these. */
#define DONE ""
#define LOST "connection lost"
#define HANGS "no answer"
#define UNKNOWN "error without SQLSTATE"

static const char *const *answers; /* to the next statements; NULL at the end: DONE */
static const char *answer;	   /* to the statement that was sent; NULL: it was fetched */
static bool server_down, lost;
static int connects, sent;

PGconn *WRAP(PQconnectdbParams)(const char *const *keys, const char *const *values, int expand);
ConnStatusType WRAP(PQstatus)(const PGconn *conn);
void WRAP(PQfinish)(PGconn *conn);
PQnoticeProcessor WRAP(PQsetNoticeProcessor)(PGconn *conn, PQnoticeProcessor proc, void *arg);
char *WRAP(PQerrorMessage)(const PGconn *conn);
int WRAP(PQsocket)(const PGconn *conn);
int WRAP(PQisBusy)(PGconn *conn);
int WRAP(PQsendPrepare)(PGconn *conn, const char *name, const char *sql, int n, const Oid *types);
int WRAP(PQsendQueryPrepared)(PGconn *conn, const char *name, int n, const char *const *values,
			      const int *lengths, const int *formats, int format);
PGresult *WRAP(PQgetResult)(PGconn *conn);
ExecStatusType WRAP(PQresultStatus)(const PGresult *res);
char *WRAP(PQresultErrorField)(const PGresult *res, int field);
char *WRAP(PQresultErrorMessage)(const PGresult *res);
void WRAP(PQclear)(PGresult *res);
int WRAP(PQntuples)(const PGresult *res);
int WRAP(PQfnumber)(const PGresult *res, const char *name);
int WRAP(PQgetisnull)(const PGresult *res, int row, int column);
int WRAP(PQgetlength)(const PGresult *res, int row, int column);
char *WRAP(PQgetvalue)(const PGresult *res, int row, int column);

static char connection, nothing[] = "";

PGconn *
WRAP(PQconnectdbParams)(const char *const *keys, const char *const *values, int expand)
{
	(void)keys;
	(void)values;
	(void)expand;
	connects++;
	lost = server_down;
	return (PGconn *)(void *)&connection;
}

ConnStatusType
WRAP(PQstatus)(const PGconn *conn)
{
	(void)conn;
	return lost ? CONNECTION_BAD : CONNECTION_OK;
}

void
WRAP(PQfinish)(PGconn *conn)
{
	(void)conn;
}

PQnoticeProcessor
WRAP(PQsetNoticeProcessor)(PGconn *conn, PQnoticeProcessor proc, void *arg)
{
	(void)conn;
	(void)arg;
	return proc;
}

char *
WRAP(PQerrorMessage)(const PGconn *conn)
{
	(void)conn;
	return nothing;
}

/* poll() ignores it and waits until its timeout. */
int
WRAP(PQsocket)(const PGconn *conn)
{
	(void)conn;
	return -1;
}

int
WRAP(PQisBusy)(PGconn *conn)
{
	(void)conn;
	return answer != NULL && strcmp(answer, HANGS) == 0;
}

int
WRAP(PQsendPrepare)(PGconn *conn, const char *name, const char *sql, int n, const Oid *types)
{
	(void)conn;
	(void)name;
	(void)sql;
	(void)n;
	(void)types;
	answer = DONE;
	return 1;
}

int
WRAP(PQsendQueryPrepared)(PGconn *conn, const char *name, int n, const char *const *values,
			  const int *lengths, const int *formats, int format)
{
	(void)conn;
	(void)n;
	(void)values;
	(void)lengths;
	(void)formats;
	(void)format;
	answer = DONE;
	if (strcmp(name, stmt_texts[STMT_SCHEMA_VERSION].name) == 0)
		return 1;
	sent++;
	if (*answers != NULL)
		answer = *answers++;
	lost = strcmp(answer, LOST) == 0;
	return 1;
}

/* A result is the text of the answer. */
PGresult *
WRAP(PQgetResult)(PGconn *conn)
{
	const char *text = answer;

	(void)conn;
	answer = NULL;
	return text == NULL || lost ? NULL : (PGresult *)(void *)strdup(text);
}

ExecStatusType
WRAP(PQresultStatus)(const PGresult *res)
{
	if (res == NULL)
		return PGRES_FATAL_ERROR;
	return *(const char *)(const void *)res == '\0' ? PGRES_COMMAND_OK : PGRES_FATAL_ERROR;
}

char *
WRAP(PQresultErrorField)(const PGresult *res, int field)
{
	static char text[sizeof(UNKNOWN)];

	(void)field;
	snprintf(text, sizeof(text), "%s", (const char *)(const void *)res);
	return strcmp(text, UNKNOWN) == 0 ? NULL : text;
}

char *
WRAP(PQresultErrorMessage)(const PGresult *res)
{
	(void)res;
	return nothing;
}

void
WRAP(PQclear)(PGresult *res)
{
	free(res);
}

/* The result of STMT_SCHEMA_VERSION. */
int
WRAP(PQntuples)(const PGresult *res)
{
	(void)res;
	return 1;
}

int
WRAP(PQfnumber)(const PGresult *res, const char *name)
{
	(void)res;
	return strcmp(name, "version") == 0 ? 0 : 1;
}

int
WRAP(PQgetisnull)(const PGresult *res, int row, int column)
{
	(void)res;
	(void)row;
	(void)column;
	return 0;
}

int
WRAP(PQgetlength)(const PGresult *res, int row, int column)
{
	(void)res;
	(void)row;
	return column == 0 ? 8 : 0;
}

char *
WRAP(PQgetvalue)(const PGresult *res, int row, int column)
{
	static uint64_t version;

	(void)res;
	(void)row;
	version = htobe64(SCHEMA_VERSION);
	return column == 0 ? (char *)&version : nothing;
}

#define READ STMT_LIKES_ALL
#define WRITE STMT_FAVORITE_ADD

static struct conf conf = { .database_timeout_ms = 10 };
static struct db *db;

/* Runs a statement, to which the server answers so. */
static enum err
run(enum stmt stmt, const char *one, const char *two, const char *three)
{
	const char *const script[] = { one, two, three, NULL };
	db_result *res;
	enum err e;

	answers = script;
	connects = sent = 0;
	e = db_run(db, stmt, &res, NULL, 0);
	db_clear(res);
	return e;
}

static void
lost_connections(void)
{
	CHECK(run(READ, LOST, LOST, DONE) == ERR_OK && sent == 3,
	      "a read is retried twice after a lost connection");
	CHECK(run(READ, LOST, LOST, LOST) == ERR_UNAVAILABLE && sent == 3,
	      "a read is not retried a third time");
	CHECK(run(WRITE, LOST, DONE, DONE) == ERR_UNAVAILABLE && sent == 1,
	      "a write is not retried after a lost connection");
	CHECK(db_outcome_unknown(db), "a write whose connection was lost may have been executed");
}

static void
conflicts(void)
{
	CHECK(run(WRITE, "40001", "40P01", DONE) == ERR_OK && sent == 3,
	      "a write is retried twice after a serialization failure or deadlock");
	CHECK(run(WRITE, "40P01", "40P01", "40P01") == ERR_UNAVAILABLE && sent == 3,
	      "a write is not retried a third time");
	CHECK(!db_outcome_unknown(db), "a write that was rolled back was not executed");
	CHECK(run(READ, "40001", LOST, DONE) == ERR_OK && sent == 3,
	      "conflicts and lost connections are counted separately");
}

static void
errors(void)
{
	static const char *const temporary[] = { "53300", "55P03", "57014" };
	size_t i;

	for (i = 0; i < sizeof(temporary) / sizeof(temporary[0]); i++)
		CHECK(run(READ, temporary[i], DONE, DONE) == ERR_UNAVAILABLE && sent == 1,
		      "a temporary error is reported as such and not retried");
	CHECK(run(WRITE, "23505", DONE, DONE) == ERR_INTERNAL && sent == 1,
	      "a unique violation is an error for the caller");
	CHECK(run(READ, "42P01", DONE, DONE) == ERR_INTERNAL && sent == 1,
	      "an error in a statement is ours");
	CHECK(run(READ, UNKNOWN, DONE, DONE) == ERR_UNAVAILABLE && sent == 1,
	      "an error of libpq is temporary");
}

static void
pause_ms(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static void
timeouts(void)
{
	CHECK(run(READ, HANGS, DONE, DONE) == ERR_UNAVAILABLE && sent == 1,
	      "a read is not retried after a timeout");
	CHECK(db_outcome_unknown(db), "a statement that timed out may have been executed");
	CHECK(run(READ, DONE, DONE, DONE) == ERR_UNAVAILABLE && connects == 0,
	      "after a timeout requests fail without a connection attempt");
	pause_ms(320);
	CHECK(run(READ, DONE, DONE, DONE) == ERR_OK && connects == 1,
	      "after the back-off requests connect again");
}

static void
refused_connections(void)
{
	db_free(db);
	db = db_new(&conf, DB_ROLE_APP);
	server_down = true;
	CHECK(run(READ, DONE, DONE, DONE) == ERR_UNAVAILABLE && connects == 1 && sent == 0,
	      "without a server a request is unavailable");
	CHECK(run(READ, DONE, DONE, DONE) == ERR_UNAVAILABLE && connects == 0,
	      "during the back-off requests do not connect");
	server_down = false;
	pause_ms(320);
	CHECK(run(READ, DONE, DONE, DONE) == ERR_OK, "a request succeeds when the server is back");
}

int
main(void)
{
	db = db_new(&conf, DB_ROLE_APP);
	lost_connections();
	conflicts();
	errors();
	timeouts();
	refused_connections();
	db_free(db);
	return done();
}

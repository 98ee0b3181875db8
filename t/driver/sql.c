/* sql.c: statements as psql -XqAt -c runs them.  See driver.h. */
#include <libpq-fe.h>

#include "driver.h"

/* psql's exit statuses. */
enum { FAILED = 1, NO_CONNECTION = 2 };

static void
print_notice(void *err, const char *message)
{
	fputs(message, err);
}

static void
print_rows(const PGresult *r, FILE *out)
{
	int row, column;

	for (row = 0; row < PQntuples(r); row++)
		for (column = 0; column < PQnfields(r); column++)
			fprintf(out, "%s%c", PQgetvalue(r, row, column),
				column + 1 < PQnfields(r) ? '|' : '\n');
}

/* All statements of the text are one transaction. */
static int
run(PGconn *db, const char *text, FILE *out, FILE *err)
{
	PGresult *r;
	int status = 0;

	if (PQsendQuery(db, text) == 0)
		status = NO_CONNECTION;
	while ((r = PQgetResult(db)) != NULL) {
		switch (PQresultStatus(r)) {
		case PGRES_TUPLES_OK:
			print_rows(r, out);
			break;
		case PGRES_COMMAND_OK:
		case PGRES_EMPTY_QUERY:
			break;
		default:
			fputs(PQresultErrorMessage(r), err);
			status = FAILED;
		}
		PQclear(r);
		if (PQstatus(db) == CONNECTION_BAD)
			break;
	}
	return PQstatus(db) == CONNECTION_BAD ? NO_CONNECTION : status;
}

int
sql(char **args, FILE *out, FILE *err)
{
	const char *names[] = { "host",	   "user", "dbname", "fallback_application_name",
				"options", NULL };
	const char *values[] = { args[0], "dousheng", "dousheng", "psql", args[2], NULL };
	PGconn *db = PQconnectdbParams(names, values, 0);
	int status = NO_CONNECTION;

	if (PQstatus(db) == CONNECTION_OK) {
		PQsetNoticeProcessor(db, print_notice, err);
		status = run(db, args[1], out, err);
	}
	if (status == NO_CONNECTION)
		fputs(PQerrorMessage(db), err);
	PQfinish(db);
	return status;
}

/*
 * driver.h: what the bats files ask the driver for.
 *
 * Each command takes its arguments and appends its output to out and its error
 * messages to err.  It returns an exit status, as the program of which it
 * takes the place would: curl, jq or psql.
 */
#ifndef DRIVER_H
#define DRIVER_H

#include <stdio.h>

/* Returned by lookup() and shape(): this question needs the real jq. */
#define NEEDS_JQ 100

/*
 * http PORT METHOD TARGET SECONDS [OPTION VALUE]...: sends one request to
 * 127.0.0.1 over a new connection.  The output is the body, and on a line of
 * its own the status and the duration in milliseconds.  Options, as of curl:
 *
 *   header     "Name: value"
 *   data       for the body; several are joined by "&"
 *   query      for the query string, the same
 *   encode     name=value: for the body, the value percent-encoded
 *   encode-query    the same for the query string
 */
int http(char **args, FILE *out, FILE *err);

/*
 * lookup FILTER JSON: what jq -r prints.  Knows paths, .[], length, tojson,
 * [...], "\(...)" and select(PATH == LITERAL).
 */
int lookup(char **args, FILE *out, FILE *err);

/*
 * shape NAME CODE FIELD JSON: 0 if the reply has this shape of shapes.jq,
 * which one jq process judges.  CODE (a number) and FIELD are arguments of
 * "error" only.
 */
int shape(char **args, FILE *out, FILE *err);

/* The folder of shapes.jq.  Call it first. */
void shape_init(const char *folder);

/* sql SOCKET-FOLDER TEXT PGOPTIONS: what psql -At -c prints, over a new connection. */
int sql(char **args, FILE *out, FILE *err);

#endif

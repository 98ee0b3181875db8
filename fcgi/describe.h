/*
 * describe.h: prints the program's tables for scripts and documents, one line
 * a row, tabs between the columns.
 *
 *   worker describe routes	the columns are listed in describe.c
 *   worker describe params	method, path, name, place (query, form, multipart),
 *				required or optional, type (int, lenient, text, file),
 *				minimum, maximum, description, example
 *   worker describe errors	name, status_code, HTTP status, English, Chinese, meaning
 *   worker describe settings	name, environment, default, meaning, type (text, int, bool),
 *				minimum, maximum, choices ("a|b")
 *   worker describe conf	the commented dousheng.conf of a new instance
 *   worker describe metrics	name, type, meaning, labels ("a,b")
 *   worker describe uploads	limits of concurrent uploads, for nginx
 *   worker describe value NAME	the value of a setting in effect
 *   worker describe redis	path, host, port, database, user, password; a line each
 */
#ifndef DS_DESCRIBE_H
#define DS_DESCRIBE_H

/* Prints the table of metrics.c. */
void describe_metrics(void);

/* Runs the command line; returns the exit status of the program. */
int describe(int argc, char **argv);

#endif

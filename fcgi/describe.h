/*
 * describe.h: what this program knows, as tables for scripts: tab-separated,
 * one line each.
 *
 *   worker describe routes	method, path, access, parameters
 *   worker describe params	method, path, name, home (query, form, multipart), required or
 *				optional, type (int, lenient, text, file), least, most
 *   worker describe errors	name, status_code, HTTP status, English, Chinese, meaning
 *   worker describe settings	name, environment, default, meaning, type (text, int, bool), least and
 *				most of an int, choices of a text ("a|b")
 *   worker describe conf	the settings as the commented dousheng.conf of a new instance
 *   worker describe metrics	name, type, meaning, labels with commas between
 *   worker describe value NAME	a setting's value as it is in force
 *   worker describe redis	where Redis is: path, host, port, database, user, password
 */
#ifndef DS_DESCRIBE_H
#define DS_DESCRIBE_H

/* Of metrics.c. */
void describe_metrics(void);

/* Prints what was asked for; returns the exit status of the program. */
int describe(int argc, char **argv);

#endif

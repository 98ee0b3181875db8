/*
 * fake.h: complete requests through the dispatcher and its handlers, with a
 * database that invents its rows, and without Redis.
 *
 * The linker puts the functions of fake.c in the place of db_run() and those
 * that read results (--wrap, see the Makefile).  They check each statement's
 * arguments: text must be UTF-8, and anonymous requests write nothing.
 */
#ifndef DS_FAKE_H
#define DS_FAKE_H

#include "data/stmt.h"
#include "fuzz.h"
#include "http/reply.h"

#define FAKE_ENV 40
#define FAKE_USER 7

/* Behaviour of the database and context of the request; and results (out). */
struct fake {
	uint32_t seed;		  /* seed of the rows */
	unsigned fails;		  /* the number of the statement that fails; 0: none */
	bool no_upload;		  /* there is no such upload */
	int64_t length, video;	  /* of the upload that there is */
	const char *body_file;	  /* file with the body, or NULL */
	bool known;		  /* the request came with a valid token (out) */
	unsigned ran[STMT_COUNT]; /* how often each statement ran (out) */
	int64_t numbers[12];	  /* the arguments of the last that writes (out) */
	char texts[12][1024];
};

/* The settings that requests run with; home is a folder of this process. */
const struct conf *fake_conf(void);

/*
 * Runs a request.  in holds lines "NAME=value" up to an empty one: FastCGI
 * parameters, where "Bearer VALID" stands for the token of FAKE_USER; then the
 * body.  extra (NULL at the end) comes first.  The reply must be well formed;
 * it is the caller's to release.
 */
void fake_ask(struct fake *fake, const char *const extra[], struct input *in, struct reply *out);

/* The reply's status_code; -1 for a bare one. */
int fake_code(const struct reply *reply);

#endif

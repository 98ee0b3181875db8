/* world.h: the instance that is put under stress: database, tokens, what went wrong. */
#ifndef STRESS_WORLD_H
#define STRESS_WORLD_H

#include <stdint.h>

typedef struct pg_conn PGconn; /* as in libpq-fe.h, which lies elsewhere on each system */

#define TOKEN_MAX 256

enum violation {
	FAILED,	   /* a request that must succeed did not */
	OWN,	   /* a writer did not see its own write */
	STALE,	   /* too old a value, or one that never was */
	HIDDEN,	   /* a message that was acknowledged is not polled */
	DIFFERENT, /* in the end it is not what the facts say */
	VIOLATIONS
};

struct world {
	const char *home;
	int port;
	char key[64]; /* that tokens are signed with */
	int key_len;
};

extern struct world world;

/* From DOUSHENG_HOME and DOUSHENG_PORT; ends the program when something is missing. */
void world_open(void);

/* A connection to the database; the program ends when there is none. */
PGconn *world_database(void);

/* One statement, one value; ends the program on failure.  sql is printf's. */
int64_t world_number(PGconn *db, const char *format, ...) __attribute__((format(printf, 2, 3)));

void world_token(int64_t user, char out[TOKEN_MAX]);

/* Counts one; the first of each kind are told. */
void violated(enum violation kind, const char *format, ...) __attribute__((format(printf, 2, 3)));
int64_t violations(enum violation kind);
void count_operation(void);
int64_t operations(void);

#endif

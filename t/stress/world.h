/* world.h: the instance under stress: database, tokens, violations. */
#ifndef STRESS_WORLD_H
#define STRESS_WORLD_H

#include <stdint.h>

typedef struct pg_conn PGconn; /* as in libpq-fe.h, whose path differs between systems */

#define TOKEN_MAX 256

enum violation {
	FAILED,	   /* a request that must succeed did not */
	OWN,	   /* a writer did not see its own write */
	STALE,	   /* a value that is too old or never existed */
	HIDDEN,	   /* an acknowledged message is missing from a poll */
	DIFFERENT, /* differs from the facts at the end */
	VIOLATIONS
};

struct world {
	const char *home;
	int port;
	char key[64]; /* that tokens are signed with */
	int key_len;
};

extern struct world world;

/* Reads DOUSHENG_HOME and DOUSHENG_PORT; exits if something is missing. */
void world_open(void);

/* Opens a connection to the database; exits on failure. */
PGconn *world_database(void);

/* Runs one statement and returns its value; exits on failure.  sql is a printf format. */
int64_t world_number(PGconn *db, const char *format, ...) __attribute__((format(printf, 2, 3)));

void world_token(int64_t user, char out[TOKEN_MAX]);

/* Counts a violation; the first ones of each kind are printed. */
void violated(enum violation kind, const char *format, ...) __attribute__((format(printf, 2, 3)));
int64_t violations(enum violation kind);
void count_operation(void);
int64_t operations(void);

#endif

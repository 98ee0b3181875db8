/*
 * world.h: the parts of a worker, test data, and a request for each route.
 */
#ifndef DS_ALLOC_WORLD_H
#define DS_ALLOC_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "http/auth.h"
#include "obs/timing.h"
#include "routes.h"

/*
 * A request.  Placeholders in its texts: %V a video, %A and %B two users' ids,
 * %N a new name, %C the id that prepare has made (of a comment, a video, an
 * upload).
 */
struct trial {
	const char *method, *path, *query;
	bool open;	  /* without a token */
	bool measures;	  /* the numbers in the reply are measurements */
	const char *file; /* a body in a file, as nginx passes it; or NULL */
	const char *text; /* a body in the request; or NULL */
	const char *headers[3];
	const struct trial *prepare; /* sent first, without failures; its reply contains %C */
	const char *made;	     /* the text before %C in that reply */
	const char *fact;	     /* SQL that counts what is changed */
	int64_t change;		     /* by how much on success */
};

/* Terminated by one without a method. */
extern const struct trial world_trials[];

/* A request for a route that has none in the table: valid values of the required parameters. */
const struct trial *world_default(const struct route *route);

/* A read that needs both servers. */
extern const struct trial world_probe;

struct pg_conn;

struct world {
	struct conf conf;
	struct auth auth;
	struct db *db;
	struct cache *cache;
	struct arena arena;
	struct timing timing;
	struct reply reply; /* to what was asked last */
	const char *unread; /* of its body */
	struct pg_conn *counter;
	int64_t ids[2], video;
	char token[AUTH_TOKEN_MAX];
	char made[64];
	unsigned names;
};

/* False: failed, with a message on stderr. */
bool world_begin(struct world *w, const char *video);
void world_end(struct world *w);

/* Sends the request; the reply is in w->reply. */
void world_ask(struct world *w, const struct trial *t);

/* Makes the test data that the request needs; cold: flushes the cache. */
void world_prepare(struct world *w, const struct trial *t, bool cold);

/* Opens new connections: always, or only those that are lost or in back-off. */
void world_reconnect(struct world *w);
void world_mend(struct world *w);

/* Runs a counting statement on a connection of its own. */
int64_t world_count(struct world *w, const char *sql);

#endif

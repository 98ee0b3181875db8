/*
 * world.h: a worker's insides, people and things to ask for, and a request for
 * each route.
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
 * A request.  Letters in the texts stand for something: %V a video, %A and %B
 * two people's ids, %N a new name, %C what prepare has made (a comment, a
 * video, an upload).
 */
struct trial {
	const char *method, *path, *query;
	bool open;	  /* without a token */
	bool measures;	  /* what numbers it answers, nobody can know */
	const char *file; /* a body in a file, as nginx hands it over; or NULL */
	const char *text; /* a body that comes along, its CONTENT_LENGTH is a header; or NULL */
	const char *headers[3];
	const struct trial *prepare; /* is asked first, without trouble; its answer makes %C */
	const char *made;	     /* how: the text in front of it in the answer */
	const char *fact;	     /* SQL that counts what is changed */
	int64_t change;		     /* by how much, if it is done */
};

/* The last has no method. */
extern const struct trial world_trials[];

/* A trial of a route that has none there: each required parameter with a valid value. */
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

/* False: said on standard error. */
bool world_begin(struct world *w, const char *video);
void world_end(struct world *w);

/* Asks; the reply is in w->reply. */
void world_ask(struct world *w, const struct trial *t);

/* Makes what the trial needs; cold: with nothing cached. */
void world_prepare(struct world *w, const struct trial *t, bool cold);

/* New connections: at once, or only where they are lost or waited for. */
void world_reconnect(struct world *w);
void world_mend(struct world *w);

/* What a statement counts, on a connection that no trouble reaches. */
int64_t world_count(struct world *w, const char *sql);

#endif

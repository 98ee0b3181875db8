/*
 * rows.c: the facts of a large instance, as COPY reads them.
 *
 *   rows follow|favorite|comment|message SCALE NOW
 *
 * SCALE 1 has 1,000,000 users, 5,000,000 videos, 20 follows, 50 likes, 5
 * comments and 10 messages a user (likes and follows: about).  NOW, in ms, is when the last one
 * happened. The same arguments give the same rows.
 *
 * Facts come in the order of time, so that what belongs to one user or video
 * lies scattered over the table, as in an instance that has grown.  Activity
 * and popularity fall with a power of the rank.  Some have a role in t/bench/scale:
 *
 *   user 1       everybody follows her          user 2    has up to 900 friends
 *   users 3, 4   a tenth of all messages        user 6    likes and follows most
 *   video 1      1,000 comments, and a hundredth of the others
 */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STAR 1
#define FRIENDLY 2
#define CHATTY 3 /* and the next one */
#define BUSY 6
#define FRIENDS 900
#define PRIME 15485863 /* above all counts: multiplying by it shuffles them */

struct world {
	int64_t users, videos, follows, likes, comments, messages;
	int64_t now;
};

/* Whoever still has something to do: their plan, and how far they are. */
struct actor {
	int64_t id, plan, last;
};

/* 0 <= x < 1, of a number and what it is drawn for. */
static double
draw(int64_t n, uint64_t what)
{
	uint64_t x = (uint64_t)n * 0x9e3779b97f4a7c15 + what * 0xd1b54a32d192ed03;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return (double)((x ^ x >> 31) >> 11) / 9007199254740992.0;
}

/* A number below n for another one: no two have the same, 0 has 0. */
static int64_t
shuffle(int64_t rank, int64_t n)
{
	return rank * PRIME % n;
}

/*
 * Users from first on, with plans that fall with the root of their rank and
 * are mean on average.  The busiest is BUSY.
 */
static struct actor *
actors(const struct world *w, int64_t first, double mean, size_t *n)
{
	struct actor *all = calloc((size_t)w->users + 1, sizeof(*all));
	int64_t id;

	*n = 0;
	for (id = first; all != NULL && id <= w->users; id++) {
		double rank = (double)shuffle((id + w->users - BUSY) % w->users, w->users);
		double plan = mean / 2 / sqrt((rank + 0.5) / (double)w->users);

		all[(*n)++] = (struct actor){ id, (int64_t)(plan + draw(id, 1)), -1 };
	}
	return all;
}

/* Those that are not done after this round stay. */
static size_t
still_busy(struct actor *all, size_t n, int64_t round)
{
	size_t i, kept = 0;

	for (i = 0; i < n; i++)
		if (all[i].plan > round)
			all[kept++] = all[i];
	return kept;
}

/*
 * The next of an actor's choices among n, each once: the popular first, few
 * of the many others.  -1: none is left.
 */
static int64_t
choose(struct actor *a, int64_t step, int64_t steps, int64_t n)
{
	double x = ((double)step + draw(a->id, (uint64_t)step + 2)) / (double)steps;
	int64_t rank = (int64_t)((double)n * x * x * x);

	if (rank <= a->last)
		rank = a->last + 1;
	if (rank >= n)
		return -1;
	a->last = rank;
	return shuffle(rank, n);
}

/* Ever later; there may be a few rows more than planned. */
static int64_t
when(const struct world *w, int64_t row, int64_t rows)
{
	return w->now - (2 * rows - row) * 100;
}

static void
write_pair(const struct world *w, int64_t *row, int64_t rows, int64_t from, int64_t to)
{
	++*row;
	printf("%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\n", *row, from, to,
	       when(w, *row, rows));
}

static bool
likes(const struct world *w)
{
	int64_t row = 0, round, video;
	size_t n, i;
	struct actor *all = actors(w, 1, (double)w->likes / (double)w->users, &n);

	if (all == NULL)
		return false;
	for (round = 0; (n = still_busy(all, n, round)) > 0; round++)
		for (i = 0; i < n; i++)
			if ((video = choose(&all[i], round, all[i].plan, w->videos)) >= 0)
				write_pair(w, &row, w->likes, all[i].id, video + 1);
	free(all);
	return true;
}

/* One of the neighbours to both sides, in turn. */
static int64_t
neighbour(const struct world *w, const struct actor *a, int64_t round)
{
	int64_t far = round / 4 + 1, id = a->id + (round / 2 % 2 == 0 ? far : -far);

	return id <= FRIENDLY || id > w->users ? -1 : id;
}

/* Somebody popular who is no neighbour. */
static int64_t
idol(const struct world *w, struct actor *a, int64_t round)
{
	int64_t id = choose(a, round / 2, a->plan / 2 + 1, w->users - FRIENDLY);

	if (id < 0)
		return -1;
	id += FRIENDLY + 1;
	return llabs(id - a->id) <= a->plan / 4 + 2 ? -1 : id;
}

static bool
follows(const struct world *w)
{
	int64_t row = 0, round, to;
	size_t n, i;
	struct actor *all = actors(w, FRIENDLY + 1, (double)w->follows / (double)w->users - 1, &n);

	if (all == NULL)
		return false;
	for (to = FRIENDLY + 1; to <= w->users && to <= FRIENDLY + FRIENDS; to++) {
		write_pair(w, &row, w->follows, FRIENDLY, to);
		write_pair(w, &row, w->follows, to, FRIENDLY);
	}
	for (to = STAR + 1; to <= w->users; to++)
		write_pair(w, &row, w->follows, to, STAR);
	for (round = 0; (n = still_busy(all, n, round)) > 0; round++)
		for (i = 0; i < n; i++) {
			to =
			    round % 2 == 0 ? neighbour(w, &all[i], round) : idol(w, &all[i], round);
			if (to > 0)
				write_pair(w, &row, w->follows, all[i].id, to);
		}
	free(all);
	return true;
}

static bool
comments(const struct world *w)
{
	int64_t rows = w->comments + 1000, row;

	for (row = 1; row <= rows; row++) {
		double x = draw(row, 1);
		int64_t video = shuffle((int64_t)(x * x * (double)w->videos), w->videos);
		int64_t user = (int64_t)(draw(row, 2) * (double)w->users);

		if (row <= 1000 || row % 100 == 0) {
			/* Of a thousand people, also where there are no more. */
			video = 0;
			user = (row <= 1000 ? row : row / 100) % w->users;
		}
		printf("%" PRId64 "\t%" PRId64 "\t%" PRId64
		       "\tWhat one says about a video, %" PRId64 "\t%" PRId64 "\t",
		       row, video + 1, user + 1, row, when(w, row, rows));
		if (row % 50 == 7)
			printf("%" PRId64 "\n", w->now);
		else
			puts("\\N");
	}
	return true;
}

static void
write_message(const struct world *w, int64_t *row, int64_t low, int64_t high)
{
	++*row;
	printf("%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64
	       "\tWhat one says to another, %" PRId64 "\n",
	       low, high, when(w, *row, w->messages), *row, draw(*row, 1) < 0.5 ? low : high, *row);
	/* Among ten of them one of the long conversation. */
	if (*row % 10 == 9)
		write_message(w, row, CHATTY, CHATTY + 1);
}

static bool
messages(const struct world *w)
{
	int64_t row = 0, round, to;
	size_t n, i;
	struct actor *all =
	    actors(w, CHATTY + 2, 0.92 * (double)w->messages / (double)w->users, &n);

	if (all == NULL)
		return false;
	for (to = FRIENDLY + 1; to <= w->users && to <= FRIENDLY + FRIENDS; to++)
		write_message(w, &row, FRIENDLY, to);
	for (round = 0; (n = still_busy(all, n, round)) > 0; round++)
		for (i = 0; i < n && row < w->messages; i++)
			if (all[i].id < w->users)
				write_message(w, &row, all[i].id, all[i].id + 1);
	free(all);
	return true;
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		bool (*write)(const struct world *);
	} tables[] = { { "follow", follows },
		       { "favorite", likes },
		       { "comment", comments },
		       { "message", messages } };
	double scale = argc == 4 ? strtod(argv[2], NULL) : 0;
	int64_t users = (int64_t)(scale * 1e6 + 0.5);
	struct world w = { users,
			   5 * users,
			   20 * users,
			   50 * users,
			   5 * users,
			   10 * users,
			   argc == 4 ? strtoll(argv[3], NULL, 10) : 0 };
	size_t i;

	if (scale < 0.0001 || scale > 2) {
		fputs("usage: rows follow|favorite|comment|message SCALE NOW\n", stderr);
		return 2;
	}
	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (strcmp(argv[1], tables[i].name) == 0)
			return tables[i].write(&w) && fflush(stdout) == 0 ? 0 : 1;
	return 2;
}

/* model.c: see model.h. */
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "model.h"

struct model model;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void
model_lock(void)
{
	pthread_mutex_lock(&lock);
}

void
model_unlock(void)
{
	pthread_mutex_unlock(&lock);
}

int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int
dice(int sides)
{
	static _Thread_local unsigned int seed;

	if (seed == 0)
		seed = (unsigned int)now_us() ^ (unsigned int)(uintptr_t)&seed;
	return (int)((unsigned int)rand_r(&seed) / 7 % (unsigned int)sides);
}

void
change_begin(struct cell *c, int value)
{
	model_lock();
	c->ring[c->n++ % RING] = (struct change){ now_us(), INT64_MAX, value };
	model_unlock();
}

void
change_end(struct cell *c)
{
	model_lock();
	c->ring[(c->n - 1) % RING].ack = now_us();
	model_unlock();
}

int
cell_last(const struct cell *c)
{
	return c->n == 0 ? 0 : c->ring[(c->n - 1) % RING].value;
}

static void
widen(struct range *r, int value)
{
	if (value < r->min)
		r->min = value;
	if (value > r->max)
		r->max = value;
}

/* From the newest change back to the one that had certainly happened. */
struct range
range_of(const struct cell *c, int writer, const struct look *l)
{
	bool mine = l->own && writer >= 0 && writer == l->viewer;
	int64_t since = mine ? l->start : l->start - STALE_US;
	struct range r = { INT_MAX, INT_MIN };
	unsigned int i;

	for (i = c->n; i > 0 && i + RING > c->n; i--) {
		const struct change *change = &c->ring[(i - 1) % RING];

		if (change->start > l->end)
			continue;
		widen(&r, change->value);
		if (change->ack <= since)
			return r;
	}
	if (i == 0)
		widen(&r, 0);
	else
		r = (struct range){ INT_MIN / 4096, INT_MAX / 4096 }; /* forgotten */
	return r;
}

static struct range
sum(struct range a, struct range b)
{
	return (struct range){ a.min + b.min, a.max + b.max };
}

struct range
range_video_likes(int video, const struct look *l)
{
	struct range r = { 0, 0 };
	int u;

	for (u = 0; u < USERS; u++)
		r = sum(r, range_of(&model.likes[u][video], u, l));
	return r;
}

struct range
range_video_comments(int video, const struct look *l)
{
	struct range r = { 0, 0 };
	int u;

	for (u = 0; u < USERS; u++)
		r = sum(r, range_of(&model.comments[u][video], u, l));
	return r;
}

struct range
range_follows(int user, const struct look *l)
{
	struct range r = { 0, 0 };
	int u;

	for (u = 0; u < USERS; u++)
		r = sum(r, range_of(&model.follows[user][u], user, l));
	return r;
}

struct range
range_followers(int user, const struct look *l)
{
	struct range r = { 0, 0 };
	int u;

	for (u = 0; u < USERS; u++)
		r = sum(r, range_of(&model.follows[u][user], u, l));
	return r;
}

struct range
range_likes(int user, const struct look *l)
{
	struct range r = { 0, 0 };
	int v;

	for (v = 0; v < model.video_count; v++)
		r = sum(r, range_of(&model.likes[user][v], user, l));
	return r;
}

struct range
range_liked(int user, const struct look *l)
{
	struct range r = { 0, 0 };
	int v;

	for (v = 0; v < model.video_count; v++)
		if (model.videos[v].author == user)
			r = sum(r, range_video_likes(v, l));
	return r;
}

struct range
range_works(int user, const struct look *l)
{
	struct range r =
	    sum(range_of(&model.works[user][0], user, l), range_of(&model.works[user][1], -1, l));
	int v;

	for (v = 0; v < VIDEOS; v++)
		if (model.videos[v].author == user)
			r = sum(r, (struct range){ 1, 1 });
	return r;
}

int
user_index(int64_t id)
{
	int u;

	for (u = 0; u < USERS; u++)
		if (model.user_id[u] == id)
			return u;
	return -1;
}

int
video_index(int64_t id)
{
	int v;

	for (v = 0; v < model.video_count; v++)
		if (model.videos[v].id == id)
			return v;
	return -1;
}

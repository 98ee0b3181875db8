/*
 * model.h: the expected state.  Each fact that one client changes is a cell with
 * its history: when each change was requested and acknowledged.  This gives the
 * values that a read may show.  All under one lock.
 */
#ifndef STRESS_MODEL_H
#define STRESS_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#define USERS 20
#define VIDEOS 50	 /* from the start */
#define VIDEOS_MAX 400	 /* with those that are published while it runs */
#define STALE_US 1000000 /* what others do may be seen so late */
#define COMMENTS_MAX 1000000

struct change {
	int64_t start, ack; /* ack: INT64_MAX while pending */
	int value;
};

#define RING 32

struct cell {
	unsigned int n; /* changes so far */
	struct change ring[RING];
};

struct range {
	int min, max;
};

/* The viewer and time of a read.  own: the viewer waits for each reply. */
struct look {
	int viewer; /* -1: nobody */
	bool own;
	int64_t start, end;
};

struct comment {
	int64_t id; /* rises within a video's list, nearly */
	int user, video;
	int64_t post_start, post_ack, delete_start, delete_ack;
};

/* Messages from u to w. */
struct chat {
	int64_t seen_at;    /* w has seen all up to this time, */
	int seen_n, sent_n; /* and so many; so many were acknowledged */
};

struct video {
	int64_t id;
	int author;
	int64_t published_ack; /* 0: from the start */
};

struct model {
	int64_t user_id[USERS];
	int video_count;
	struct video videos[VIDEOS_MAX];
	struct cell likes[USERS][VIDEOS_MAX], comments[USERS][VIDEOS_MAX];
	struct cell follows[USERS][USERS];
	struct cell works[USERS][2]; /* through the API, and by SQL */
	struct chat chats[USERS][USERS];
	int comment_count;
	struct comment comment_list[COMMENTS_MAX];
};

extern struct model model;

void model_lock(void);
void model_unlock(void);

int64_t now_us(void);
int dice(int sides);

/* A change is requested, and acknowledged. */
void change_begin(struct cell *c, int value);
void change_end(struct cell *c);
int cell_last(const struct cell *c);

/* The values that the read may show; call with the lock held. */
struct range range_of(const struct cell *c, int writer, const struct look *l);
struct range range_video_likes(int video, const struct look *l);
struct range range_video_comments(int video, const struct look *l);
struct range range_follows(int user, const struct look *l);
struct range range_followers(int user, const struct look *l);
struct range range_likes(int user, const struct look *l);
struct range range_liked(int user, const struct look *l);
struct range range_works(int user, const struct look *l);

int user_index(int64_t id);  /* -1: unknown */
int video_index(int64_t id); /* -1: unknown */

#endif

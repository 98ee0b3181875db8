/*
 * videos.h: lists of videos, which the feed, works and likes share.
 *
 * A video's card is a piece of JSON, kept in the cache: the inside of a Video
 * object without its id, its author and the viewer's flags.  In front of that
 * stands a key that is not shown, "by": the author's id, or 0 where only the
 * author may see the video.
 */
#ifndef DS_VIDEOS_H
#define DS_VIDEOS_H

#include "http/reply.h"
#include "http/req.h"

/* A video of a list. */
struct video_ref {
	int64_t id, author_id; /* author 0, in all of a list: to be looked up */
	int64_t key;	       /* its place in the list */
};

/* The columns id, author_id and key of the first n rows, in the arena; NULL when memory is out. */
struct video_ref *videos_refs(struct req *r, const db_result *res, int n);

/*
 * Writes video_list.  With what is cached it is one round trip to Redis, and
 * another where authors have to be looked up; what not all may see is left out
 * then.  own: the rows that tell, for each of the videos, what their author sees
 * of them (state, progress, reason); or NULL.  A video that is deleted meanwhile
 * is left out.
 */
enum err videos_write(struct req *r, const struct video_ref *refs, size_t n, const db_result *own,
		      struct reply *out) MUST_CHECK;

#endif

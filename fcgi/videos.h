/*
 * videos.h: writes lists of videos (feed, works, likes).
 *
 * The cached fragment of a video has the members of a Video object except id,
 * author and the viewer's flags.  It begins with a member that is not shown, "by":
 * the id of the author, or 0 if only the author may see the video.
 */
#ifndef DS_VIDEOS_H
#define DS_VIDEOS_H

#include "http/reply.h"
#include "http/req.h"

/* A video in a list. */
struct video_ref {
	int64_t id, author_id; /* author 0 in all of a list: unknown */
	int64_t key;	       /* for the cursor */
};

/* Columns id, author_id and key of the first n rows, in the arena; NULL if out of memory. */
struct video_ref *videos_refs(struct req *r, const db_result *res, int n);

/*
 * Writes video_list.  If everything is cached: one round trip to Redis, and a
 * second one if authors are unknown; videos that not everybody may see are then
 * omitted.  own: rows with state, progress and reason of each video, for its
 * author; or NULL.  Videos deleted meanwhile are omitted.
 */
enum err videos_write(struct req *r, const struct video_ref *refs, size_t n, const db_result *own,
		      struct reply *out) MUST_CHECK;

#endif

/*
 * videos.h: lists of videos, which the feed, works and likes share.
 */
#ifndef DS_VIDEOS_H
#define DS_VIDEOS_H

#include "reply.h"
#include "req.h"

/*
 * Writes the first n rows as video_list.  The columns are those of the
 * statements in sql/video.sql.
 */
enum err videos_write(struct req *r, const db_result *res, int n, struct reply *out) MUST_CHECK;

/* The same with status, progress and reason: what authors see of their own. */
enum err videos_write_own(struct req *r, const db_result *res, int n, struct reply *out) MUST_CHECK;

#endif

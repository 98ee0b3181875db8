-- Videos: the feed and lists.  Used by fcgi/feed.c, fcgi/publish.c, fcgi/favorite.c and
-- fcgi/videos.c.
--
-- Lists say which videos, in order; what is shown of each comes from its card.  key is the cursor.

-- name: feed_page read
-- $1 published before, $2 rows.  A time that lies ahead means all, if it is not that of a video.
SELECT published_at AS key, id, author_id
FROM video
WHERE state = 'ready' AND published_at < (
    SELECT CASE WHEN $1::bigint <= now_ms()
                     OR EXISTS (SELECT FROM video WHERE state = 'ready' AND published_at = $1::bigint)
           THEN $1::bigint ELSE 9223372036854775807 END)
ORDER BY published_at DESC
LIMIT $2::bigint;

-- name: video_cards read
-- $1 array of ids.  Unknown ids have no row.
SELECT id, author_id, state, title, play_file, cover_file, small_file, favorite_count::bigint,
       comment_count::bigint
FROM video_now WHERE id = ANY ($1::bigint[]);

-- name: publish_list read
-- $1 author, $2 viewer, $3 key before, $4 rows.  Authors see all their videos, with what the
-- others have no need to know: progress, the reason of a failure, the notice, full_coming, whether
-- the full rendition is still being made, and kept, whether the upload is still there.
SELECT v.id AS key, v.id, v.author_id, v.state, coalesce(j.progress, 0)::bigint AS progress,
       v.reason, v.reason_seen, v.reason_limit, v.notice, v.notice_seen,
       coalesce(j.stage = 2, false) AS full_coming,
       j.video_id IS NOT NULL AS kept
FROM video v LEFT JOIN job j ON j.video_id = v.id
WHERE v.author_id = $1::bigint AND (v.state = 'ready' OR v.author_id = $2::bigint)
      AND v.id < $3::bigint
ORDER BY v.id DESC
LIMIT $4::bigint;

-- name: favorite_list read
-- $1 who likes, $2 key before, $3 rows.  All is in one place of an index; the videos lie all over
-- their table, so whether one is to be seen, and its author, comes from its card.
SELECT l.id AS key, l.video_id AS id, 0::bigint AS author_id
FROM favorite l
WHERE l.user_id = $1::bigint AND l.id < $2::bigint
ORDER BY l.id DESC
LIMIT $3::bigint;

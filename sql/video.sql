-- Videos: the feed and lists.  Used by fcgi/feed.c, fcgi/publish.c, fcgi/favorite.c and fcgi/videos.c.
--
-- Lists return ids in order; the content of each video comes from its fragment.  key is the cursor.

-- name: feed_page read
-- $1 published before, $2 rows.  A future time means no bound, unless a video has exactly this time.
SELECT published_at AS key, id, author_id
FROM video
WHERE state = 'ready' AND published_at < (
    SELECT CASE WHEN $1::bigint <= now_ms()
                     OR EXISTS (SELECT FROM video WHERE state = 'ready' AND published_at = $1::bigint)
           THEN $1::bigint ELSE 9223372036854775807 END)
ORDER BY published_at DESC
LIMIT $2::bigint;

-- name: video_cards read
-- $1 array of ids.  No row for unknown ids.
SELECT id, author_id, state, title, play_file, cover_file, small_file, favorite_count::bigint,
       comment_count::bigint
FROM video_now WHERE id = ANY ($1::bigint[]);

-- name: publish_list read
-- $1 author, $2 viewer, $3 key before, $4 rows.  Authors see all their videos, with columns for them
-- alone: progress, reason, notice, full_coming (the full rendition is being made), kept (the upload is
-- kept).
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
-- $1 user, $2 key before, $3 rows.  Reads one range of an index.  The videos are spread over their
-- table, so author and visibility come from their fragments instead.
SELECT l.id AS key, l.video_id AS id, 0::bigint AS author_id
FROM favorite l
WHERE l.user_id = $1::bigint AND l.id < $2::bigint
ORDER BY l.id DESC
LIMIT $3::bigint;

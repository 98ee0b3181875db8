-- Videos: the feed and lists.  Used by fcgi/feed.c, fcgi/publish.c, fcgi/favorite.c.
--
-- All lists have the same columns (fcgi/videos.c): key is the cursor, the
-- flags are the viewer's; viewer 0 is nobody.  A flag is a scalar subquery by
-- primary key: for EXISTS the planner may read all that the viewer ever liked.

-- name: feed_page read
-- $1 published before, $2 rows, $3 viewer.
SELECT v.published_at AS key, v.id, v.author_id, v.title, v.state, v.play_file, v.cover_file, v.small_file,
       v.favorite_count::bigint, v.comment_count::bigint,
       (SELECT true FROM favorite f
        WHERE f.user_id = $3::bigint AND f.video_id = v.id) IS NOT NULL AS is_favorite,
       (SELECT true FROM follow f
        WHERE f.user_id = $3::bigint AND f.to_user_id = v.author_id) IS NOT NULL AS is_follow
FROM video_now v
WHERE v.state = 'ready' AND v.published_at < $1::bigint
ORDER BY v.published_at DESC
LIMIT $2::bigint;

-- name: publish_list read
-- $1 author, $2 viewer, $3 key before, $4 rows.  Authors see all their videos, with what the
-- others have no need to know: progress and the reason of a failure.
SELECT v.id AS key, v.id, v.author_id, v.title, v.state, v.play_file, v.cover_file, v.small_file,
       v.favorite_count::bigint, v.comment_count::bigint,
       coalesce(j.progress, 0)::bigint AS progress, v.reason, v.reason_seen, v.reason_limit,
       (SELECT true FROM favorite f
        WHERE f.user_id = $2::bigint AND f.video_id = v.id) IS NOT NULL AS is_favorite,
       (SELECT true FROM follow f
        WHERE f.user_id = $2::bigint AND f.to_user_id = v.author_id) IS NOT NULL AS is_follow
FROM video_now v LEFT JOIN job j ON j.video_id = v.id
WHERE v.author_id = $1::bigint AND (v.state = 'ready' OR v.author_id = $2::bigint)
      AND v.id < $3::bigint
ORDER BY v.id DESC
LIMIT $4::bigint;

-- name: favorite_list read
-- $1 who likes, $2 viewer, $3 key before, $4 rows.
SELECT l.id AS key, v.id, v.author_id, v.title, v.state, v.play_file, v.cover_file, v.small_file,
       v.favorite_count::bigint, v.comment_count::bigint,
       (SELECT true FROM favorite f
        WHERE f.user_id = $2::bigint AND f.video_id = v.id) IS NOT NULL AS is_favorite,
       (SELECT true FROM follow f
        WHERE f.user_id = $2::bigint AND f.to_user_id = v.author_id) IS NOT NULL AS is_follow
FROM favorite l
JOIN video_now v ON v.id = l.video_id
WHERE l.user_id = $1::bigint AND l.id < $3::bigint AND v.state = 'ready'
ORDER BY l.id DESC
LIMIT $4::bigint;

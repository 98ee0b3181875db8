-- Comments.  Used by fcgi/comment.c.

-- name: comment_add write
-- $1 user, $2 video, $3 text.  No row: the user can see no such video (authors see their own in any
-- state).
WITH added AS (
    INSERT INTO comment (video_id, user_id, content)
    SELECT id, $1::bigint, $3::text FROM video
    WHERE id = $2::bigint AND (state = 'ready' OR author_id = $1::bigint)
    RETURNING id, video_id, created_at
), counted AS (
    INSERT INTO video_ledger (video_id, comments) SELECT video_id, 1 FROM added
)
SELECT id, created_at FROM added;

-- name: comment_remove write
-- $1 user, $2 video, $3 comment.  No row: the video has no such comment.  own: whether the user wrote
-- it; removed: whether this call deleted it.
WITH known AS (
    SELECT id, user_id FROM comment
    WHERE id = $3::bigint AND video_id = $2::bigint AND deleted_at IS NULL
), removed AS (
    UPDATE comment SET deleted_at = now_ms()
    WHERE id = $3::bigint AND video_id = $2::bigint AND user_id = $1::bigint
          AND deleted_at IS NULL
    RETURNING video_id
), counted AS (
    INSERT INTO video_ledger (video_id, comments) SELECT video_id, -1 FROM removed
)
SELECT user_id = $1::bigint AS own, EXISTS (SELECT FROM removed) AS removed FROM known;

-- name: comment_list read
-- $1 video, $2 key before, $3 rows, $4 viewer.  No row: the viewer can see no such video; one row with
-- a NULL key: it has no comments.  all_see: whether others than its author can see it.
SELECT c.id AS key, c.user_id, c.content, c.created_at, v.state = 'ready' AS all_see
FROM video v
LEFT JOIN LATERAL (
    SELECT id, user_id, content, created_at FROM comment
    WHERE video_id = v.id AND deleted_at IS NULL AND id < $2::bigint
    ORDER BY id DESC
    LIMIT $3::bigint
) c ON true
WHERE v.id = $1::bigint AND (v.state = 'ready' OR v.author_id = $4::bigint)
ORDER BY c.id DESC;

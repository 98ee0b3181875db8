-- Uploads in pieces (tus).  Used by fcgi/upload.c.

-- name: upload_add write
-- $1 name, $2 user, $3 title, $4 length, $5 cover's moment in ms or -1, $6 ms it lives, $7 how many
-- a user may have on the way, uploads and videos in processing, $8 how many bytes of their uploads may
-- be kept.  One row: expires_at, NULL if there are too many of either; busy and kept tell how many.  One after the other (publish_add).
WITH owner AS (
    SELECT id FROM account WHERE id = $2::bigint FOR NO KEY UPDATE
), busy AS (
    SELECT (SELECT uploads_open(id) + videos_processing(id) FROM owner) AS n,
           (SELECT upload_bytes(id) FROM owner) AS kept
), added AS (
    INSERT INTO upload (name, user_id, title, length, cover_ms, expires_at)
    SELECT $1::text, $2::bigint, $3::text, $4::bigint, $5::bigint, now_ms() + $6::bigint
    FROM busy WHERE n < $7::bigint AND kept + $4::bigint <= $8::bigint
    RETURNING expires_at
)
SELECT (SELECT expires_at FROM added) AS expires_at, n AS busy, kept FROM busy;

-- name: upload_get read
-- $1 name, $2 user.  No row means there is no such upload of theirs, or it has expired.
SELECT title, length, cover_ms, expires_at, coalesce(video_id, 0) AS video_id FROM upload
WHERE name = $1::text AND user_id = $2::bigint AND expires_at > now_ms();

-- name: upload_remove write
-- $1 name, $2 user.  No row means there was none, or it is a video by now.
DELETE FROM upload WHERE name = $1::text AND user_id = $2::bigint AND video_id IS NULL
RETURNING name;

-- Uploads in pieces (tus).  Used by fcgi/upload.c and fcgi/upload_create.c.

-- name: upload_add write
-- $1 name, $2 user, $3 title, $4 length, $5 cover's moment in ms or -1, $6 ms it lives, $7 how many
-- a user may have on the way, uploads and videos in processing, $8 how many bytes of their uploads may
-- be kept, $9 its Upload-Concat, empty or 'partial': parts are counted by themselves.  One row: expires_at, NULL if there are too many of either; busy and kept tell how many.  One after the other (publish_add).
WITH owner AS (
    SELECT id FROM account WHERE id = $2::bigint FOR NO KEY UPDATE
), busy AS (
    SELECT (SELECT CASE WHEN $9::text = 'partial' THEN uploads_partial(id)
                        ELSE uploads_open(id) + videos_processing(id) END FROM owner) AS n,
           (SELECT upload_bytes(id) FROM owner) AS kept
), added AS (
    INSERT INTO upload (name, user_id, title, length, cover_ms, expires_at, concat)
    SELECT $1::text, $2::bigint, $3::text, $4::bigint, $5::bigint, now_ms() + $6::bigint,
           $9::text
    FROM busy WHERE n < $7::bigint AND kept + $4::bigint <= $8::bigint
    RETURNING expires_at
)
SELECT (SELECT expires_at FROM added) AS expires_at, n AS busy, kept FROM busy;

-- name: upload_get read
-- $1 name, $2 user.  No row means there is no such upload of theirs, or it has expired.
SELECT title, length, cover_ms, expires_at, concat, coalesce(video_id, 0) AS video_id FROM upload
WHERE name = $1::text AND user_id = $2::bigint AND expires_at > now_ms();

-- name: upload_join write
-- $1 name, $2 user, $3 title, $4 length, $5 cover's moment in ms or -1, $6 ms it lives, $7 how many
-- a user may have on the way, $8 array of its parts, $9 its Upload-Concat.  The parts go, and their
-- bytes are counted as those of the whole.  One row: expires_at, NULL if there are too many, or one
-- of the parts is not there; busy tells how many, parts how many are there.
WITH owner AS (
    SELECT id FROM account WHERE id = $2::bigint FOR NO KEY UPDATE
), busy AS (
    SELECT (SELECT uploads_open(id) + videos_processing(id) FROM owner) AS n
), part AS (
    SELECT name FROM upload
    WHERE name = ANY ($8::text[]) AND user_id = $2::bigint AND concat = 'partial'
    FOR UPDATE
), found AS (
    SELECT count(*) AS n FROM part
), added AS (
    INSERT INTO upload (name, user_id, title, length, cover_ms, expires_at, concat)
    SELECT $1::text, $2::bigint, $3::text, $4::bigint, $5::bigint, now_ms() + $6::bigint, $9::text
    FROM busy, found WHERE busy.n < $7::bigint AND found.n = cardinality($8::text[])
    RETURNING expires_at
), joined AS (
    DELETE FROM upload USING part, added WHERE upload.name = part.name
)
SELECT (SELECT expires_at FROM added) AS expires_at, busy.n AS busy, found.n AS parts
FROM busy, found;

-- name: upload_remove write
-- $1 name, $2 user.  No row means there was none, or it is a video by now.
DELETE FROM upload WHERE name = $1::text AND user_id = $2::bigint AND video_id IS NULL
RETURNING name;

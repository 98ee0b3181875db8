-- Resumable uploads (tus).  Used by fcgi/upload.c and fcgi/upload_create.c.

-- name: upload_add write
-- $1 name, $2 user, $3 title, $4 length, $5 position of the cover in ms or -1, $6 lifetime in ms, $7
-- maximum of the user's incomplete uploads and videos in processing, $8 maximum bytes kept of the user's
-- uploads, $9 Upload-Concat, empty or 'partial' (partial uploads are counted apart).  One row:
-- expires_at, or NULL if a limit is exceeded; busy and kept: the counts.  Serialized as publish_add.
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
-- $1 name, $2 user.  No row: the user has no such upload, or it has expired.
SELECT title, length, cover_ms, expires_at, concat, coalesce(video_id, 0) AS video_id FROM upload
WHERE name = $1::text AND user_id = $2::bigint AND expires_at > now_ms();

-- name: upload_join write
-- $1 name, $2 user, $3 title, $4 length, $5 position of the cover in ms or -1, $6 lifetime in ms, $7
-- maximum of the user's incomplete uploads and videos in processing, $8 array of the parts, $9
-- Upload-Concat.  Deletes the parts; their bytes count for the whole.  One row: expires_at, or NULL if
-- there are too many or a part is missing; busy: the count; parts: how many exist.
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
-- $1 name, $2 user.  No row: it does not exist, or is already a video.
DELETE FROM upload WHERE name = $1::text AND user_id = $2::bigint AND video_id IS NULL
RETURNING name;

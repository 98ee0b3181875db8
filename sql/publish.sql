-- Uploads on their way to become videos.  Used by fcgi/publish.c and jobs/transcode.c.

-- name: publish_add write
-- $1 author, $2 title, $3 source file, $4 offset, $5 length.  One row: the video's id.
WITH added AS (
    INSERT INTO video (author_id, title, state)
    VALUES ($1::bigint, $2::text, 'processing')
    RETURNING id, author_id
), queued AS (
    INSERT INTO job (video_id, source, source_offset, source_length)
    SELECT id, $3::text, $4::bigint, $5::bigint FROM added
), counted AS (
    INSERT INTO account_ledger (account_id, works) SELECT author_id, 1 FROM added
)
SELECT id FROM added;

-- name: job_take write
-- $1 length of the lease in ms.  No row means that nothing waits.
UPDATE job SET attempts = attempts + 1, lease_until = now_ms() + $1::bigint
WHERE video_id = (
    SELECT video_id FROM job WHERE lease_until < now_ms()
    ORDER BY lease_until LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING video_id, source, source_offset, source_length, attempts::bigint;

-- name: job_lease write
-- $1 video, $2 attempt, $3 ms from now.  Keeps the job until then: a lease renewed, or a pause
-- before the next attempt.  No row means that the job was lost.
UPDATE job SET lease_until = now_ms() + $3::bigint
WHERE video_id = $1::bigint AND attempts = $2::bigint
RETURNING video_id;

-- name: job_ready write
-- $1 video, $2 attempt, $3 play file, $4 cover file.  One row: the author; no row means that
-- the job was lost.  published_at must be unique: a clash is an error, try again.
WITH done AS (
    DELETE FROM job WHERE video_id = $1::bigint AND attempts = $2::bigint RETURNING video_id
)
UPDATE video SET state = 'ready', play_file = $3::text, cover_file = $4::text,
       published_at = greatest(now_ms(), 1 + (SELECT max(published_at) FROM video
                                              WHERE state = 'ready'))
FROM done WHERE video.id = done.video_id
RETURNING author_id;

-- name: job_failed write
-- $1 video, $2 attempt, $3 reason.  One row: the author; no row means that the job was lost.
WITH done AS (
    DELETE FROM job WHERE video_id = $1::bigint AND attempts = $2::bigint RETURNING video_id
), failed AS (
    UPDATE video SET state = 'failed', reason = $3::text
    FROM done WHERE video.id = done.video_id
    RETURNING author_id
), counted AS (
    INSERT INTO account_ledger (account_id, works) SELECT author_id, -1 FROM failed
)
SELECT author_id FROM failed;

-- Uploads until they are videos.  Used by fcgi/publish.c, fcgi/upload.c and jobs/transcode.c.

-- name: publish_add write
-- $1 author, $2 title, $3 source file, $4 offset, $5 length, $6 and $7 the same of the cover (length 0:
-- none), $8 position of the cover in ms or -1, $9 maximum in processing, $10 traceparent of the request
-- or empty, $11 whether it is a resumable upload, $12 maximum bytes kept of the author's uploads.  One
-- row: the video's id, or NULL: too many videos or bytes, or the resumable upload is gone or already a
-- video; busy and kept: the counts.  The lock of the account serializes uploads of one user, so that
-- concurrent ones cannot exceed the limits.
WITH author AS (
    SELECT id FROM account WHERE id = $1::bigint FOR NO KEY UPDATE
), busy AS (
    SELECT (SELECT videos_processing(id) FROM author) AS n,
           (SELECT upload_bytes(id) FROM author) AS kept
), pieces AS (
    SELECT name FROM upload WHERE name = $3::text AND video_id IS NULL FOR UPDATE
), added AS (
    INSERT INTO video (author_id, title, state)
    SELECT $1::bigint, $2::text, 'processing' FROM busy
    WHERE n < $9::bigint AND kept + $5::bigint + $7::bigint <= $12::bigint
          AND $11::boolean = EXISTS (SELECT FROM pieces)
    RETURNING id, author_id
), queued AS (
    INSERT INTO job (video_id, source, source_offset, source_length,
                     cover_offset, cover_length, cover_ms, trace, turn_at, author_id)
    SELECT id, $3::text, $4::bigint, $5::bigint, $6::bigint, $7::bigint, $8::bigint, $10::text,
           job_turn_at(n, $5::bigint), author_id
    FROM added, busy
), uploaded AS (
    UPDATE upload SET video_id = added.id FROM added WHERE name = $3::text
), counted AS (
    INSERT INTO account_ledger (account_id, works) SELECT author_id, 1 FROM added
)
SELECT (SELECT id FROM added) AS id, n AS busy, kept FROM busy;

-- name: publish_retry write
-- $1 author, $2 video, $3 array of final reasons, $4 maximum in processing.  No row: the author has no
-- such video.  One row: its previous state; kept: whether its upload is kept; final: whether it failed
-- for one of these reasons; changed: whether it is retried; busy: other videos in processing.
-- Serialized as publish_add.
WITH author AS (
    SELECT id FROM account WHERE id = $1::bigint FOR NO KEY UPDATE
), busy AS (
    SELECT (SELECT videos_processing(id) FROM author) AS n
), mine AS (
    SELECT id, author_id, state, state = 'failed' AND reason = ANY ($3::text[]) AS final
    FROM video WHERE id = $2::bigint AND author_id = $1::bigint
), queued AS (
    UPDATE job SET lease_until = 0, failures = 0, taken = false, progress = 0, failed_at = NULL,
                   queued_at = now_ms(), turn_at = job_turn_at(busy.n, source_length)
    FROM mine, busy WHERE job.video_id = mine.id AND mine.state = 'failed' AND NOT final
                          AND job.lease_until IS NULL AND busy.n < $4::bigint
    RETURNING job.video_id
), revived AS (
    UPDATE video SET state = 'processing', reason = '', reason_seen = 0, reason_limit = 0,
                     notice = '', notice_seen = 0
    FROM queued WHERE video.id = queued.video_id
), counted AS (
    INSERT INTO account_ledger (account_id, works) SELECT author_id, 1 FROM mine, queued
)
SELECT state, final, EXISTS (SELECT FROM queued) AS changed, busy.n AS busy,
       EXISTS (SELECT FROM job WHERE video_id = mine.id AND lease_until IS NULL) AS kept
FROM mine, busy;

-- name: publish_delete write
-- $1 author, $2 video, $3 ms until concurrent statements have ended.  No row: the author has no such
-- video.  One row: the source of its job or NULL.  Subtracts the video's likes from its author and
-- removes the author's own like; files, comments and other likes are left to leftover_next.
WITH liked AS (
    SELECT id, favorite_count::bigint AS likes FROM video_now WHERE id = $2::bigint
), gone AS (
    DELETE FROM video WHERE id = $2::bigint AND author_id = $1::bigint
    RETURNING id, author_id, state
), jobs AS (
    DELETE FROM job WHERE video_id = (SELECT id FROM gone) RETURNING source
), own_like AS (
    DELETE FROM favorite WHERE user_id = $1::bigint AND video_id = (SELECT id FROM gone)
    RETURNING video_id
), own AS (
    SELECT count(*) AS n FROM own_like
), rest AS (
    INSERT INTO leftover (video_id, author_id, likes, due_at, until_at)
    SELECT gone.id, author_id, likes - n, now_ms(), now_ms() + $3::bigint FROM gone, liked, own
), counted AS (
    INSERT INTO account_ledger (account_id, works, favorited, favorites)
    SELECT author_id, -(state <> 'failed')::integer, -likes, -n FROM gone, liked, own
)
SELECT (SELECT source FROM jobs) AS source FROM gone;

-- name: job_take write
-- $1 lease in ms, $2 last stage wanted.  No row: no job waits.  All first renditions come before second
-- ones, in the fair order of job_turn_at; a second rendition keeps the place of its first.  An attempt
-- whose process died counts as a failure; one that had not begun (job_lease) does not.
UPDATE job SET attempts = attempts + 1, lease_until = now_ms() + $1::bigint, progress = 0,
       failures = failures + taken::integer, taken = false
WHERE video_id = (
    SELECT video_id FROM job WHERE lease_until < (SELECT now_ms()) AND stage <= $2::bigint
    ORDER BY stage, turn_at LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING video_id, stage::bigint, source, source_offset, source_length, cover_offset, cover_length, cover_ms,
          attempts::bigint, failures::bigint, trace;

-- name: job_lease write
-- $1 video, $2 attempt, $3 ms from now, $4 progress.  Begins the attempt and extends its lease.  No row:
-- the job was lost.
UPDATE job SET lease_until = now_ms() + $3::bigint, progress = $4::bigint, taken = true
WHERE video_id = $1::bigint AND attempts = $2::bigint AND (taken OR lease_until > now_ms())
RETURNING video_id;

-- name: job_later write
-- $1 video, $2 attempt, $3 ms from now, $4 whether it counts as a failure.  Releases the job, to be
-- taken again after that time.
UPDATE job SET lease_until = now_ms() + $3::bigint, taken = false,
       failures = failures + ($4::boolean)::integer
WHERE video_id = $1::bigint AND attempts = $2::bigint AND taken
RETURNING video_id;

-- name: job_files write
-- $1 video, $2 attempt, $3 array of files in media/.  Reserves files for the video.  No row: the job was
-- lost.  FOR UPDATE prevents the deletion of the video in between, which would leave the rows behind.
WITH mine AS (
    SELECT video_id FROM job WHERE video_id = $1::bigint AND attempts = $2::bigint AND taken
    FOR UPDATE
), used AS (
    INSERT INTO video_file (name, video_id)
    SELECT DISTINCT name, video_id FROM mine, unnest($3::text[]) AS name
    ON CONFLICT DO NOTHING
)
SELECT video_id FROM mine;

-- name: job_ready write
-- $1 video, $2 attempt, $3 play file, $4 cover file, $5 small file or empty, $6 notice, $7 its value, $8
-- whether the full rendition is still to be made.  One row: the author.  No row: the job was lost.
-- published_at must be unique: a conflict is an error; retry.
WITH mine AS (
    SELECT video_id FROM job WHERE video_id = $1::bigint AND attempts = $2::bigint AND taken
    FOR UPDATE
), done AS (
    DELETE FROM job USING mine WHERE job.video_id = mine.video_id AND NOT $8::boolean
), next AS (
    UPDATE job SET stage = 2, taken = false, failures = 0, progress = 0, lease_until = now_ms(),
                   queued_at = now_ms()
    FROM mine WHERE job.video_id = mine.video_id AND $8::boolean
), old AS (
    DELETE FROM video_file USING mine
    WHERE video_file.video_id = mine.video_id
          AND name NOT IN ($3::text, $4::text, $5::text)
    RETURNING name
), thrown AS (
    INSERT INTO trash (name) SELECT name FROM old
)
UPDATE video SET state = 'ready', play_file = $3::text, cover_file = $4::text,
       small_file = $5::text, notice = $6::text, notice_seen = $7::bigint,
       published_at = greatest(now_ms(), 1 + (SELECT max(published_at) FROM video
                                              WHERE state = 'ready'))
FROM mine WHERE video.id = mine.video_id
RETURNING author_id;

-- name: job_full write
-- $1 video, $2 attempt, $3 play file, or empty if the full rendition failed.  Ends the second stage.
-- One row: the author.  No row: the job was lost.
WITH done AS (
    DELETE FROM job WHERE video_id = $1::bigint AND attempts = $2::bigint AND taken AND stage = 2
    RETURNING video_id
), old AS (
    DELETE FROM video_file USING done, video v
    WHERE video_file.video_id = done.video_id AND v.id = done.video_id
          AND name NOT IN ($3::text, v.cover_file, v.small_file)
    RETURNING name
), thrown AS (
    INSERT INTO trash (name) SELECT name FROM old
)
UPDATE video SET play_file = coalesce(nullif($3::text, ''), play_file),
       notice = CASE WHEN $3::text = '' THEN 'full_failed' ELSE notice END,
       notice_seen = CASE WHEN $3::text = '' THEN 0 ELSE notice_seen END
FROM done WHERE video.id = done.video_id
RETURNING author_id;

-- name: job_failed write
-- $1 video, $2 attempt, $3 reason, $4 value, $5 limit.  One row: the author.  No row: the job was lost.
WITH done AS (
    UPDATE job SET lease_until = NULL, taken = false, failed_at = now_ms()
    WHERE video_id = $1::bigint AND attempts = $2::bigint AND taken
    RETURNING video_id
), old AS (
    DELETE FROM video_file USING done WHERE video_file.video_id = done.video_id RETURNING name
), thrown AS (
    INSERT INTO trash (name) SELECT name FROM old
), failed AS (
    UPDATE video SET state = 'failed', reason = $3::text, reason_seen = $4::bigint,
           reason_limit = $5::bigint
    FROM done WHERE video.id = done.video_id
    RETURNING author_id
), counted AS (
    INSERT INTO account_ledger (account_id, works) SELECT author_id, -1 FROM failed
)
SELECT author_id FROM failed;

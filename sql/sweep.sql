-- Deletes what is no longer needed.  Used by jobs/sweep.c and jobs/fsck.c.

-- name: trash_next read
-- $1 maximum number of rows, $2 id above.  Files that may be orphaned.
SELECT id, name FROM trash WHERE id > $2::bigint ORDER BY id LIMIT $1::bigint;

-- name: trash_add write
-- $1 array of files in media/ that may be orphaned.
INSERT INTO trash (name) SELECT unnest($1::text[]) RETURNING id;

-- name: trash_done write
-- $1 id, whose file was deleted or is in use.
DELETE FROM trash WHERE id = $1::bigint RETURNING id;

-- name: file_used read
-- $1 file in media/.  One row: whether a video uses it.
SELECT EXISTS (SELECT FROM video_file WHERE name = $1::text) AS used;

-- name: source_used read
-- $1 file in upload/.  One row: whether a job or a resumable upload uses it.
SELECT EXISTS (SELECT FROM job WHERE source = $1::text)
       OR EXISTS (SELECT FROM upload WHERE name = $1::text AND video_id IS NULL) AS used;

-- name: original_used read
-- $1 file in original/, named by the number of its video.  One row: whether the video exists.
SELECT EXISTS (SELECT FROM video
               WHERE id = substring($1::text FROM '^[0-9]{1,18}$')::bigint) AS used;

-- name: work_used read
-- $1 directory in work/, VIDEO-ATTEMPT (VIDEO, of older transcoders).  One row: whether the attempt may
-- be running.  Other names are ignored.
SELECT substring($1::text FROM '^([0-9]{1,18})(?:-[0-9]{1,9})?$') IS NULL
       OR EXISTS (SELECT FROM job
                  WHERE video_id = substring($1::text FROM '^[0-9]{1,18}')::bigint
                        AND lease_until IS NOT NULL
                        AND attempts = coalesce(substring($1::text FROM '-([0-9]{1,9})$')::bigint,
                                                attempts)) AS used;

-- name: upload_expire write
-- $1 ms before the expiry time that clients have received.  Deletes one expired upload: its name, or NULL if
-- the file belongs to a job.
DELETE FROM upload WHERE name IN (SELECT name FROM upload WHERE expires_at < (SELECT now_ms()) + $1::bigint
                                  ORDER BY expires_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING CASE WHEN video_id IS NULL THEN name END AS name;

-- name: job_expire write
-- $1 ms for which the upload of a failed video is kept.  Deletes one such job: its source.
DELETE FROM job WHERE video_id IN (SELECT video_id FROM job
                                   WHERE failed_at < (SELECT now_ms()) - $1::bigint
                                   ORDER BY failed_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING source;

-- name: leftover_next write
-- $1 maximum number of likes, and of comments.  Deletes some of those of a deleted video.  No row: none
-- is due.
--
-- A user's count of likes decreases in the same statement as the like is deleted.  Finally corrects the
-- author's total for likes added or removed concurrently with the deletion.
WITH due AS (
    SELECT video_id, author_id, likes, until_at, until_at <= now_ms() AS last FROM leftover
    WHERE due_at <= (SELECT now_ms()) ORDER BY due_at LIMIT 1
    FOR UPDATE SKIP LOCKED
), removed AS (
    DELETE FROM favorite f
    USING (SELECT user_id, video_id FROM favorite WHERE video_id = (SELECT video_id FROM due)
           LIMIT $1::bigint) batch
    WHERE f.user_id = batch.user_id AND f.video_id = batch.video_id
    RETURNING f.user_id
), comments AS (
    DELETE FROM comment WHERE id = ANY (ARRAY (
        SELECT id FROM comment WHERE video_id = (SELECT video_id FROM due) AND deleted_at IS NULL
        LIMIT $1::bigint))
    RETURNING id
), comments_gone AS (
    DELETE FROM comment WHERE id = ANY (ARRAY (
        SELECT id FROM comment WHERE video_id = (SELECT video_id FROM due)
                                     AND deleted_at IS NOT NULL
        LIMIT $1::bigint))
    RETURNING id
), files AS (
    DELETE FROM video_file WHERE video_id = (SELECT video_id FROM due) RETURNING name
), thrown AS (
    INSERT INTO trash (name) SELECT name FROM files
), done AS (
    SELECT r.n AS removed, r.n < $1::bigint AND c.n < $1::bigint AND g.n < $1::bigint AS complete
    FROM (SELECT count(*) AS n FROM removed) r, (SELECT count(*) AS n FROM comments) c,
         (SELECT count(*) AS n FROM comments_gone) g
), forgotten AS (
    DELETE FROM leftover
    WHERE video_id = (SELECT video_id FROM due, done WHERE complete AND last)
), kept AS (
    UPDATE leftover SET likes = CASE WHEN complete THEN 0 ELSE due.likes - removed END,
                        due_at = CASE WHEN complete THEN due.until_at ELSE now_ms() END
    FROM due, done
    WHERE leftover.video_id = due.video_id AND NOT (complete AND last)
), counted AS (
    INSERT INTO account_ledger (account_id, favorited, favorites)
    SELECT author_id, likes - removed, 0 FROM due, done WHERE complete AND likes <> removed
    UNION ALL
    SELECT user_id, 0, -1 FROM removed
)
SELECT video_id FROM due;

-- name: purge_next write
-- Deletions by workers of earlier versions: deletes one video and the rows added while it was being
-- deleted.  No row: none is due.
WITH due AS (
    DELETE FROM purge WHERE video_id = (
        SELECT video_id FROM purge WHERE due_at < (SELECT now_ms()) ORDER BY due_at LIMIT 1
        FOR UPDATE SKIP LOCKED)
    RETURNING video_id, author_id
), files AS (
    DELETE FROM video_file WHERE video_id = (SELECT video_id FROM due) RETURNING name
), thrown AS (
    INSERT INTO trash (name) SELECT name FROM files
), likes AS (
    DELETE FROM favorite WHERE video_id = (SELECT video_id FROM due) RETURNING user_id
), comments AS (
    DELETE FROM comment WHERE video_id = (SELECT video_id FROM due) AND deleted_at IS NULL
), comments_gone AS (
    DELETE FROM comment WHERE video_id = (SELECT video_id FROM due) AND deleted_at IS NOT NULL
), unfolded AS (
    DELETE FROM video_ledger WHERE video_id = (SELECT video_id FROM due)
), counted AS (
    INSERT INTO account_ledger (account_id, favorited, favorites)
    SELECT author_id, -(SELECT count(*) FROM likes), 0 FROM due
    UNION ALL
    SELECT user_id, 0, -1 FROM likes
)
SELECT video_id FROM due;

-- name: fsck_videos read
-- $1 id above, $2 rows.  Videos in order, with the files that must exist for each.  lost: it is in
-- processing without a job.  A ready video plays without the source of its full rendition.
SELECT v.id, v.state, v.play_file, v.cover_file, v.small_file,
       CASE WHEN v.state = 'ready' THEN '' ELSE coalesce(j.source, '') END AS source,
       v.state = 'processing' AND j.video_id IS NULL AS lost
FROM video v LEFT JOIN job j ON j.video_id = v.id
WHERE v.id > $1::bigint
ORDER BY v.id
LIMIT $2::bigint;

-- name: fsck_fail write
-- $1 video, $2 its state when it was read.  Its files are lost: marks it as failed and deletes its job.
-- No row: it has changed meanwhile.
WITH failed AS (
    UPDATE video SET state = 'failed', reason = 'lost'
    WHERE id = $1::bigint AND state = $2::text
    RETURNING id, author_id
), jobs AS (
    DELETE FROM job WHERE video_id = (SELECT id FROM failed)
), counted AS (
    INSERT INTO account_ledger (account_id, works)
    SELECT author_id, -1 FROM failed WHERE $2::text <> 'failed'
)
SELECT author_id FROM failed;

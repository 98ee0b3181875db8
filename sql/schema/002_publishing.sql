-- Publishing: why a video failed, its small rendition, covers that authors
-- choose, uploads in pieces, and files that are no longer needed.

-- What the reason's sentence tells: the value seen and the limit, or 0.
ALTER TABLE video ADD COLUMN reason_seen bigint NOT NULL DEFAULT 0;
ALTER TABLE video ADD COLUMN reason_limit bigint NOT NULL DEFAULT 0;
-- The rendition for small screens, or empty: the video is small itself.
ALTER TABLE video ADD COLUMN small_file text NOT NULL DEFAULT '';
CREATE INDEX video_processing ON video (author_id) WHERE state = 'processing';

-- A job of a failed video stays, so that its author can have it tried again;
-- its lease is then NULL.
ALTER TABLE job ALTER COLUMN lease_until DROP NOT NULL;
-- 0 to 100, as far as the attempt at hand has come
ALTER TABLE job ADD COLUMN progress integer NOT NULL DEFAULT 0;
-- set while an attempt is under way: if it is set when the job is taken, that attempt died
ALTER TABLE job ADD COLUMN taken boolean NOT NULL DEFAULT false;
-- attempts that ended in trouble which may pass
ALTER TABLE job ADD COLUMN failures integer NOT NULL DEFAULT 0;
-- the author's cover: a picture in the upload, or a moment of the video; -1: none
ALTER TABLE job ADD COLUMN cover_offset bigint NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN cover_length bigint NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN cover_ms bigint NOT NULL DEFAULT -1;
-- when the video failed
ALTER TABLE job ADD COLUMN failed_at bigint;
CREATE INDEX job_failed ON job (failed_at) WHERE failed_at IS NOT NULL;
CREATE UNIQUE INDEX job_source ON job (source);

-- Which videos use a file below media/.  Written before the file is put into
-- its place, so a file without a row here belongs to nobody.
CREATE TABLE video_file (
    name     text NOT NULL,
    video_id bigint NOT NULL,
    PRIMARY KEY (name, video_id)
);
CREATE INDEX video_file_video ON video_file (video_id);

-- Files below media/ that a video used and no longer does; jobs/sweep removes
-- those that no other one uses, and then the row.  A name may be here twice:
-- the later row came after the first one's file was judged.
CREATE TABLE trash (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL
);

-- An upload in pieces (tus).  How much has come is the size of its file.
CREATE TABLE upload (
    -- random, and the name of the file below upload/
    name       text PRIMARY KEY,
    user_id    bigint NOT NULL,
    title      text NOT NULL,
    length     bigint NOT NULL,
    cover_ms   bigint NOT NULL DEFAULT -1,
    expires_at bigint NOT NULL,
    -- what it has become; a client that missed our last answer may still ask
    video_id   bigint
);
CREATE INDEX upload_expires ON upload (expires_at);
CREATE INDEX upload_user ON upload (user_id);

-- Deleting a video takes its likes along.
CREATE INDEX favorite_video ON favorite (video_id);

CREATE OR REPLACE VIEW video_now AS
SELECT v.id, v.author_id, v.title, v.state, v.reason, v.play_file, v.cover_file,
       v.created_at, v.published_at,
       v.favorite_count + l.favorites AS favorite_count,
       v.comment_count + l.comments   AS comment_count,
       v.small_file, v.reason_seen, v.reason_limit
FROM video v
CROSS JOIN LATERAL (
    SELECT coalesce(sum(favorites), 0) AS favorites, coalesce(sum(comments), 0) AS comments
    FROM video_ledger WHERE video_id = v.id
) l;

-- Deleted videos, to be looked at once more: a like that was under way when
-- the video went may have come in after it.
CREATE TABLE purge (
    video_id  bigint PRIMARY KEY,
    author_id bigint NOT NULL,
    due_at    bigint NOT NULL
);
CREATE INDEX purge_due ON purge (due_at);

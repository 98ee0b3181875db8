-- How many bytes of somebody's uploads are kept: those that wait, failed or have not come completely.

-- the author of the video; NULL: queued by a worker of before
ALTER TABLE job ADD COLUMN author_id bigint;
UPDATE job SET author_id = video.author_id FROM video WHERE video.id = job.video_id;
CREATE INDEX job_author ON job (author_id);

-- An upload in pieces counts as whole from its beginning.  A function, as videos_processing is.
CREATE FUNCTION upload_bytes(bigint) RETURNS bigint
LANGUAGE sql VOLATILE
AS $$ SELECT (SELECT coalesce(sum(source_length + cover_length), 0) FROM job
              WHERE author_id = $1)::bigint +
             (SELECT coalesce(sum(length), 0) FROM upload
              WHERE user_id = $1 AND video_id IS NULL)::bigint $$;

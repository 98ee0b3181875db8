-- Uploads in pieces that were sent in parts, each an upload of its own (the extension concatenation
-- of tus).

-- what its header Upload-Concat said: empty, 'partial', or 'final;' and the addresses of its parts
ALTER TABLE upload ADD COLUMN concat text NOT NULL DEFAULT '';

-- Parts are counted apart from what is to become a video (uploads_open).
CREATE OR REPLACE FUNCTION uploads_open(bigint) RETURNS bigint
LANGUAGE sql VOLATILE
AS $$ SELECT count(*) FROM upload WHERE user_id = $1 AND video_id IS NULL AND concat <> 'partial' $$;

CREATE FUNCTION uploads_partial(bigint) RETURNS bigint
LANGUAGE sql VOLATILE
AS $$ SELECT count(*) FROM upload WHERE user_id = $1 AND video_id IS NULL AND concat = 'partial' $$;

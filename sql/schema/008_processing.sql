-- How much of somebody's is on its way.  Functions, since a volatile one looks anew when it is
-- called: after a lock was waited for, which the statement around it does not.

CREATE FUNCTION videos_processing(bigint) RETURNS bigint
LANGUAGE sql VOLATILE
AS $$ SELECT count(*) FROM video WHERE author_id = $1 AND state = 'processing' $$;

CREATE FUNCTION uploads_open(bigint) RETURNS bigint
LANGUAGE sql VOLATILE
AS $$ SELECT count(*) FROM upload WHERE user_id = $1 AND video_id IS NULL $$;

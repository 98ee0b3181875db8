-- What a viewer likes and whom they follow.  Used by lib/flags.c.

-- name: likes_among read
-- $1 viewer, $2 array of videos.  Those that they like.
SELECT video_id AS id FROM favorite WHERE user_id = $1::bigint AND video_id = ANY ($2::bigint[]);

-- name: follows_among read
-- $1 viewer, $2 array of accounts.  Those that they follow.
SELECT to_user_id AS id FROM follow WHERE user_id = $1::bigint AND to_user_id = ANY ($2::bigint[]);

-- name: likes_all read
-- $1 viewer, $2 rows at most.
SELECT video_id AS id FROM favorite WHERE user_id = $1::bigint LIMIT $2::bigint;

-- name: follows_all read
-- $1 viewer, $2 rows at most.
SELECT to_user_id AS id FROM follow WHERE user_id = $1::bigint LIMIT $2::bigint;

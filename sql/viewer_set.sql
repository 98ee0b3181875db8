-- What a viewer likes and whom they follow.  Used by lib/model/viewer_set.c.

-- name: likes_among read
-- $1 viewer, $2 array of videos.  Those that they like.  Each is looked up by itself: a join, or
-- = ANY, reads all that the viewer likes, because on average that is not much.
SELECT id FROM unnest($2::bigint[]) AS wanted (id)
WHERE (SELECT true FROM favorite f WHERE f.user_id = $1::bigint AND f.video_id = wanted.id);

-- name: follows_among read
-- $1 viewer, $2 array of accounts.  Those that they follow, as above.
SELECT id FROM unnest($2::bigint[]) AS wanted (id)
WHERE (SELECT true FROM follow f WHERE f.user_id = $1::bigint AND f.to_user_id = wanted.id);

-- name: likes_all read
-- $1 viewer, $2 rows at most.
SELECT video_id AS id FROM favorite WHERE user_id = $1::bigint LIMIT $2::bigint;

-- name: follows_all read
-- $1 viewer, $2 rows at most.
SELECT to_user_id AS id FROM follow WHERE user_id = $1::bigint LIMIT $2::bigint;

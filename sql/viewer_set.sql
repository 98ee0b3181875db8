-- Likes and follows of a viewer.  Used by lib/model/viewer_set.c.

-- name: likes_among read
-- $1 viewer, $2 array of videos.  Those that the viewer likes.  The subquery looks up each id in the
-- index: for a join or = ANY the planner reads all likes of the viewer, expecting few on average.
SELECT id FROM unnest($2::bigint[]) AS wanted (id)
WHERE (SELECT true FROM favorite f WHERE f.user_id = $1::bigint AND f.video_id = wanted.id);

-- name: follows_among read
-- $1 viewer, $2 array of accounts.  Those that the viewer follows; see likes_among.
SELECT id FROM unnest($2::bigint[]) AS wanted (id)
WHERE (SELECT true FROM follow f WHERE f.user_id = $1::bigint AND f.to_user_id = wanted.id);

-- name: likes_all read
-- $1 viewer, $2 maximum number of rows.
SELECT video_id AS id FROM favorite WHERE user_id = $1::bigint LIMIT $2::bigint;

-- name: follows_all read
-- $1 viewer, $2 maximum number of rows.
SELECT to_user_id AS id FROM follow WHERE user_id = $1::bigint LIMIT $2::bigint;

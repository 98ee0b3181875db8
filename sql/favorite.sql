-- Likes.  Used by fcgi/favorite.c.

-- name: favorite_add write
-- $1 user, $2 video.  No row: the user can see no such video (authors see their own in any state).
WITH seen AS (
    SELECT id, author_id FROM video
    WHERE id = $2::bigint AND (state = 'ready' OR author_id = $1::bigint)
), added AS (
    INSERT INTO favorite (user_id, video_id) SELECT $1::bigint, id FROM seen
    ON CONFLICT DO NOTHING
    RETURNING video_id
), video_counted AS (
    INSERT INTO video_ledger (video_id, favorites) SELECT video_id, 1 FROM added
), accounts_counted AS (
    INSERT INTO account_ledger (account_id, favorited, favorites)
    SELECT author_id, 1, 0 FROM seen, added
    UNION ALL
    SELECT $1::bigint, 0, 1 FROM added
)
SELECT author_id, EXISTS (SELECT FROM added) AS changed FROM seen;

-- name: favorite_remove write
-- As favorite_add.
WITH seen AS (
    SELECT id, author_id FROM video
    WHERE id = $2::bigint AND (state = 'ready' OR author_id = $1::bigint)
), removed AS (
    DELETE FROM favorite WHERE user_id = $1::bigint AND video_id = (SELECT id FROM seen)
    RETURNING video_id
), video_counted AS (
    INSERT INTO video_ledger (video_id, favorites) SELECT video_id, -1 FROM removed
), accounts_counted AS (
    INSERT INTO account_ledger (account_id, favorited, favorites)
    SELECT author_id, -1, 0 FROM seen, removed
    UNION ALL
    SELECT $1::bigint, 0, -1 FROM removed
)
SELECT author_id, EXISTS (SELECT FROM removed) AS changed FROM seen;

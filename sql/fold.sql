-- Folds ledgers into counters.  Used by jobs/fold.c.
--
-- One statement deletes ledger rows and adds their sums, so that any snapshot sees a change either in
-- the ledger or in the counter.  The ids go into an array first: the planner assumes that an unknown
-- LIMIT returns a tenth of the table, and would join that many rows with a ledger that has grown while
-- fold was not running.

-- name: fold_accounts write
-- $1 maximum number of rows.  One row per changed account: whether its likes, its follows, or (a ledger
-- row of zeros) the account itself changed.
WITH taken AS (
    DELETE FROM account_ledger
    WHERE id = ANY (ARRAY (SELECT id FROM account_ledger ORDER BY id LIMIT $1::bigint
                           FOR UPDATE SKIP LOCKED))
    RETURNING account_id, follows, followers, favorited, works, favorites
), sums AS (
    SELECT account_id, sum(follows) AS follows, sum(followers) AS followers,
           sum(favorited) AS favorited, sum(works) AS works, sum(favorites) AS favorites,
           bool_or(favorites <> 0) AS liked, bool_or(follows <> 0) AS followed,
           bool_or((follows, followers, favorited, works, favorites) = (0, 0, 0, 0, 0)) AS changed
    FROM taken GROUP BY account_id ORDER BY account_id
), folded AS (
    UPDATE account a SET
        follow_count = a.follow_count + s.follows,
        follower_count = a.follower_count + s.followers,
        total_favorited = a.total_favorited + s.favorited,
        work_count = a.work_count + s.works,
        favorite_count = a.favorite_count + s.favorites
    FROM sums s WHERE a.id = s.account_id
)
SELECT account_id AS id, liked, followed, changed FROM sums;

-- name: fold_videos write
-- $1 maximum number of rows.  One row per changed video: whether its comments or its place in the feed
-- changed.
WITH taken AS (
    DELETE FROM video_ledger
    WHERE id = ANY (ARRAY (SELECT id FROM video_ledger ORDER BY id LIMIT $1::bigint
                           FOR UPDATE SKIP LOCKED))
    RETURNING video_id, favorites, comments
), sums AS (
    SELECT video_id, sum(favorites) AS favorites, sum(comments) AS comments,
           bool_or(comments <> 0) AS discussed,
           bool_or(favorites = 0 AND comments = 0) AS moved
    FROM taken GROUP BY video_id ORDER BY video_id
), folded AS (
    UPDATE video v SET
        favorite_count = v.favorite_count + s.favorites,
        comment_count = v.comment_count + s.comments
    FROM sums s WHERE v.id = s.video_id
)
SELECT video_id AS id, discussed, moved FROM sums;

-- name: fold_chats write
-- $1 maximum number of rows.  Deletes the rows only: one row per conversation with new messages.
WITH taken AS (
    DELETE FROM chat_ledger
    WHERE id = ANY (ARRAY (SELECT id FROM chat_ledger ORDER BY id LIMIT $1::bigint
                           FOR UPDATE SKIP LOCKED))
    RETURNING low_id, high_id
)
SELECT DISTINCT low_id, high_id FROM taken;

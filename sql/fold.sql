-- Folding ledgers into counters.  Used by jobs/fold.c.
--
-- One statement takes rows away and adds their sums, so a reader's snapshot
-- holds each change either in the ledger or in the counter.

-- name: fold_accounts write
-- $1 rows at most.  One row for each account touched.
WITH taken AS (
    DELETE FROM account_ledger
    WHERE id IN (SELECT id FROM account_ledger ORDER BY id LIMIT $1::bigint
                 FOR UPDATE SKIP LOCKED)
    RETURNING account_id, follows, followers, favorited, works, favorites
), sums AS (
    SELECT account_id, sum(follows) AS follows, sum(followers) AS followers,
           sum(favorited) AS favorited, sum(works) AS works, sum(favorites) AS favorites
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
SELECT account_id AS id FROM sums;

-- name: fold_videos write
-- $1 rows at most.  One row for each video touched.
WITH taken AS (
    DELETE FROM video_ledger
    WHERE id IN (SELECT id FROM video_ledger ORDER BY id LIMIT $1::bigint
                 FOR UPDATE SKIP LOCKED)
    RETURNING video_id, favorites, comments
), sums AS (
    SELECT video_id, sum(favorites) AS favorites, sum(comments) AS comments
    FROM taken GROUP BY video_id ORDER BY video_id
), folded AS (
    UPDATE video v SET
        favorite_count = v.favorite_count + s.favorites,
        comment_count = v.comment_count + s.comments
    FROM sums s WHERE v.id = s.video_id
)
SELECT video_id AS id FROM sums;

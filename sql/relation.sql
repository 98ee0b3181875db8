-- Follows.  Used by fcgi/relation.c.

-- name: follow_add write
-- $1 user, $2 user to follow.  One row: known: whether $2 exists; changed: whether this call changed it.
WITH target AS (
    SELECT id FROM account WHERE id = $2::bigint
), added AS (
    INSERT INTO follow (user_id, to_user_id) SELECT $1::bigint, id FROM target
    ON CONFLICT DO NOTHING
    RETURNING user_id, to_user_id
), counted AS (
    INSERT INTO account_ledger (account_id, follows, followers)
    SELECT user_id, 1, 0 FROM added
    UNION ALL
    SELECT to_user_id, 0, 1 FROM added
)
SELECT EXISTS (SELECT FROM target) AS known, EXISTS (SELECT FROM added) AS changed;

-- name: follow_remove write
-- As follow_add.
WITH target AS (
    SELECT id FROM account WHERE id = $2::bigint
), removed AS (
    DELETE FROM follow WHERE user_id = $1::bigint AND to_user_id = (SELECT id FROM target)
    RETURNING user_id, to_user_id
), counted AS (
    INSERT INTO account_ledger (account_id, follows, followers)
    SELECT user_id, -1, 0 FROM removed
    UNION ALL
    SELECT to_user_id, 0, -1 FROM removed
)
SELECT EXISTS (SELECT FROM target) AS known, EXISTS (SELECT FROM removed) AS changed;

-- name: follow_list read
-- $1 user, $2 key before, $3 rows.
SELECT id AS key, to_user_id AS user_id
FROM follow
WHERE user_id = $1::bigint AND id < $2::bigint
ORDER BY id DESC
LIMIT $3::bigint;

-- name: follower_list read
-- $1 user, $2 key before, $3 rows.
SELECT id AS key, user_id
FROM follow
WHERE to_user_id = $1::bigint AND id < $2::bigint
ORDER BY id DESC
LIMIT $3::bigint;

-- name: friend_list read
-- $1 user, $2 key before, $3 rows, $4 viewer.  message, from_user_id and written_at are NULL in another
-- user's list and without messages.  LATERAL looks up row by row, as far as the page reaches; joins would
-- start with all followers of a user.
SELECT l.id AS key, l.to_user_id AS user_id, m.content AS message, m.from_user_id,
       m.created_at AS written_at
FROM follow l
LEFT JOIN LATERAL (
    SELECT last.content, last.from_user_id, last.created_at
    FROM message last
    WHERE last.low_id = least(l.user_id, l.to_user_id)
          AND last.high_id = greatest(l.user_id, l.to_user_id) AND l.user_id = $4::bigint
    ORDER BY last.created_at DESC
    LIMIT 1
) m ON true
WHERE l.user_id = $1::bigint AND l.id < $2::bigint
      AND (SELECT true FROM follow back
           WHERE back.user_id = l.to_user_id AND back.to_user_id = l.user_id)
ORDER BY l.id DESC
LIMIT $3::bigint;

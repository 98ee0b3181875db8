-- Chat.  Used by fcgi/message.c.

-- name: message_add write
-- $1 from, $2 to, $3 text, $4 whether only friends may.  One row: known tells whether $2 exists,
-- sent whether the message was stored.
WITH target AS (
    SELECT id FROM account WHERE id = $2::bigint
), talk AS (
    INSERT INTO conversation AS c (low_id, high_id, last_at)
    SELECT least($1::bigint, id), greatest($1::bigint, id), now_ms() FROM target
    WHERE NOT $4::boolean OR (
        EXISTS (SELECT FROM follow WHERE user_id = $1::bigint AND to_user_id = $2::bigint)
        AND EXISTS (SELECT FROM follow WHERE user_id = $2::bigint AND to_user_id = $1::bigint))
    ON CONFLICT (low_id, high_id) DO UPDATE SET last_at = greatest(now_ms(), c.last_at + 1)
    RETURNING low_id, high_id, last_at
), sent AS (
    INSERT INTO message (low_id, high_id, created_at, from_user_id, content)
    SELECT low_id, high_id, last_at, $1::bigint, $3::text FROM talk
    RETURNING id
), told AS (
    INSERT INTO chat_ledger (low_id, high_id) SELECT low_id, high_id FROM talk
)
SELECT EXISTS (SELECT FROM target) AS known, EXISTS (SELECT FROM sent) AS sent;

-- name: message_last read
-- $1 and $2 the two.  One row: the time of their last message, 0 if there is none.
SELECT coalesce((SELECT last_at FROM conversation
                 WHERE low_id = least($1::bigint, $2::bigint)
                       AND high_id = greatest($1::bigint, $2::bigint)), 0) AS last_at;

-- name: message_history read
-- $1 viewer, $2 the other, $3 key before, $4 rows.  Newest first.
SELECT created_at AS key, id, from_user_id, content
FROM message
WHERE low_id = least($1::bigint, $2::bigint) AND high_id = greatest($1::bigint, $2::bigint)
      AND created_at < $3::bigint
ORDER BY created_at DESC
LIMIT $4::bigint;

-- name: message_poll read
-- $1 viewer, $2 the other, $3 seen up to, $4 rows.  What the other wrote since, oldest first.  A
-- time that is yet to come was made by a phone whose clock is ahead and says nothing: what was
-- handed out before stands in its place.
SELECT created_at AS key, id, from_user_id, content
FROM message
WHERE low_id = least($1::bigint, $2::bigint) AND high_id = greatest($1::bigint, $2::bigint)
      AND created_at > (
          SELECT CASE WHEN $3::bigint <= now_ms() THEN $3::bigint
                      WHEN low_id = $1::bigint THEN low_seen_at
                      ELSE high_seen_at END
          FROM conversation
          WHERE low_id = least($1::bigint, $2::bigint)
                AND high_id = greatest($1::bigint, $2::bigint))
      AND from_user_id = $2::bigint
ORDER BY created_at
LIMIT $4::bigint;

-- name: message_seen write
-- $1 viewer, $2 the other, $3 time of the newest message handed out.
UPDATE conversation SET
    low_seen_at = CASE WHEN low_id = $1::bigint
                       THEN greatest(low_seen_at, $3::bigint) ELSE low_seen_at END,
    high_seen_at = CASE WHEN high_id = $1::bigint
                        THEN greatest(high_seen_at, $3::bigint) ELSE high_seen_at END
WHERE low_id = least($1::bigint, $2::bigint) AND high_id = greatest($1::bigint, $2::bigint)
      AND CASE WHEN low_id = $1::bigint THEN low_seen_at ELSE high_seen_at END < $3::bigint;

-- Chat.  Used by fcgi/message.c and jobs/sweep.c.

-- name: message_add write
-- $1 from, $2 to, $3 text, $4 whether only friends may write.  One row: known: whether $2 exists; sent:
-- whether the message was stored.
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

-- name: message_state read
-- $1 viewer, $2 the other, $3 time named by the client, $4 device of the viewer.  No row: no messages.
-- One row: last_at: time of the last message; seen: time of the newest one delivered to the device (to
-- the viewer, for a new device); since: time after which the client wants messages of the other; unseen
-- and news: whether there are any after seen and after since.
--
-- $3 counts only if it is the time of a message that was delivered to this device.  Phones put their own
-- time on messages they send, which may equal that of a message they have not received; any other time
-- is ignored.  (A phone whose clock is behind may hit the time of a message it has, and then receives
-- later ones again.)
WITH talk AS (
    SELECT low_id AS low, high_id AS high, last_at,
           CASE WHEN low_id = $1::bigint THEN low_seen_at ELSE high_seen_at END AS person
    FROM conversation
    WHERE low_id = least($1::bigint, $2::bigint) AND high_id = greatest($1::bigint, $2::bigint)
), known AS (
    SELECT low, high, last_at,
           coalesce((SELECT seen_at FROM chat_device
                     WHERE user_id = $1::bigint AND other_id = $2::bigint
                           AND device = $4::bigint), person) AS seen,
           EXISTS (SELECT FROM message WHERE low_id = low AND high_id = high
                   AND created_at = $3::bigint) AS ours
    FROM talk
), asked AS (
    SELECT low, high, last_at, seen,
           CASE WHEN ours AND $3::bigint <= seen THEN $3::bigint ELSE seen END AS since
    FROM known
)
SELECT last_at, seen, since,
       EXISTS (SELECT FROM message WHERE low_id = low AND high_id = high AND created_at > seen
               AND from_user_id = $2::bigint) AS unseen,
       EXISTS (SELECT FROM message WHERE low_id = low AND high_id = high AND created_at > since
               AND from_user_id = $2::bigint) AS news
FROM asked;

-- name: message_history read
-- $1 viewer, $2 the other, $3 key before, $4 rows.  Newest first.
SELECT created_at AS key, id, from_user_id, content
FROM message
WHERE low_id = least($1::bigint, $2::bigint) AND high_id = greatest($1::bigint, $2::bigint)
      AND created_at < $3::bigint
ORDER BY created_at DESC
LIMIT $4::bigint;

-- name: message_poll read
-- $1 viewer, $2 the other, $3 time after which, $4 rows.  Messages of the other, oldest first.
SELECT created_at AS key, id, from_user_id, content
FROM message
WHERE low_id = least($1::bigint, $2::bigint) AND high_id = greatest($1::bigint, $2::bigint)
      AND created_at > $3::bigint AND from_user_id = $2::bigint
ORDER BY created_at
LIMIT $4::bigint;

-- name: message_seen write
-- $1 viewer, $2 the other, $3 time of the newest message delivered, $4 device, 0: unknown.
WITH person AS (
    UPDATE conversation SET
        low_seen_at = CASE WHEN low_id = $1::bigint
                           THEN greatest(low_seen_at, $3::bigint) ELSE low_seen_at END,
        high_seen_at = CASE WHEN high_id = $1::bigint
                            THEN greatest(high_seen_at, $3::bigint) ELSE high_seen_at END
    WHERE low_id = least($1::bigint, $2::bigint) AND high_id = greatest($1::bigint, $2::bigint)
          AND CASE WHEN low_id = $1::bigint THEN low_seen_at ELSE high_seen_at END < $3::bigint
)
INSERT INTO chat_device AS d (user_id, other_id, device, seen_at)
SELECT $1::bigint, $2::bigint, $4::bigint, $3::bigint WHERE $4::bigint > 0
ON CONFLICT (user_id, other_id, device) DO UPDATE SET seen_at = excluded.seen_at
WHERE d.seen_at < excluded.seen_at;

-- name: message_devices_gone write
-- $1 device.  Deletes what older devices have seen.
DELETE FROM chat_device WHERE device < $1::bigint;

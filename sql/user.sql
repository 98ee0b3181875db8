-- Accounts.  Used by fcgi/user.c and lib/account.c.

-- name: user_name_taken read
-- $1 name.  One row: taken.
SELECT EXISTS (SELECT FROM account WHERE name = $1::text) AS taken;

-- name: user_add write
-- $1 name, $2 password hash.  No row means the name is taken.
INSERT INTO account (name, password) VALUES ($1::text, $2::text)
ON CONFLICT (name) DO NOTHING
RETURNING id;

-- name: user_login read
-- $1 name.  No row means there is no such account.
SELECT id, password FROM account WHERE name = $1::text;

-- name: user_cards read
-- $1 array of ids.  Unknown ids have no row.
SELECT id, name, avatar, background, signature, follow_count::bigint, follower_count::bigint,
       total_favorited::bigint, work_count::bigint, favorite_count::bigint
FROM account_now WHERE id = ANY ($1::bigint[]);

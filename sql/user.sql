-- Accounts.  Used by fcgi/user.c, lib/card.c and lib/session.c.

-- name: user_name_taken read
-- $1 name.  One row: taken.
SELECT EXISTS (SELECT FROM account WHERE name = $1::text) AS taken;

-- name: user_add write
-- $1 name, $2 password hash.  No row means the name is taken.
INSERT INTO account (name, password) VALUES ($1::text, $2::text)
ON CONFLICT (name) DO NOTHING
RETURNING id, token_version;

-- name: user_login read
-- $1 name.  No row means there is no such account.
SELECT id, password, token_version FROM account WHERE name = $1::text;

-- name: user_password read
-- $1 user.  No row means there is no such account.
SELECT password FROM account WHERE id = $1::bigint;

-- name: user_password_set write
-- $1 user, $2 the version that the token at hand names, $3 password hash.  Ends all tokens; the row
-- has the version of the next ones.  No row means the token at hand has been ended meanwhile.
UPDATE account SET password = $3::text, token_version = token_version + 1
WHERE id = $1::bigint AND token_version = $2::bigint
RETURNING token_version;

-- name: user_logout write
-- $1 user, $2 the version that the token at hand names.  Ends all tokens.  No row as above.
UPDATE account SET token_version = token_version + 1
WHERE id = $1::bigint AND token_version = $2::bigint
RETURNING token_version;

-- name: user_tokens read
-- $1 user.  The version of tokens in force; no row means there is no such account.
SELECT token_version FROM account WHERE id = $1::bigint;

-- name: user_cards read
-- $1 array of ids.  Unknown ids have no row.
SELECT id, name, avatar, background, signature, follow_count::bigint, follower_count::bigint,
       total_favorited::bigint, work_count::bigint, favorite_count::bigint
FROM account_now WHERE id = ANY ($1::bigint[]);

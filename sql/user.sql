-- Accounts.  Used by fcgi/user.c, jobs/sweep.c, lib/model/fragment.c and lib/model/token_version.c.

-- name: user_name_taken read
-- $1 name, $2 and $3 its forms (lib/base/user_text.h).  One row: whether an account has the name or one
-- of its forms.
SELECT EXISTS (SELECT FROM account WHERE name = $1::text OR name_folded = $2::text
               OR name_looks = $3::text) AS taken;

-- name: user_add write
-- $1 name, $2 password hash, $3 and $4 the forms of the name.  No row: the name is taken.
INSERT INTO account (name, password, name_folded, name_looks)
VALUES ($1::text, $2::text, $3::text, $4::text)
ON CONFLICT DO NOTHING
RETURNING id, token_version;

-- name: user_login read
-- $1 name, $2 its folded form.  The account with exactly this name, else the one with this form.  No
-- row: there is none.
SELECT id, password, token_version FROM account
WHERE name = $1::text OR name_folded = $2::text
ORDER BY name = $1::text DESC
LIMIT 1;

-- name: user_unfolded read
-- $1 rows.  Accounts whose names have no forms yet, oldest first.
SELECT id, name FROM account WHERE name_folded IS NULL ORDER BY id LIMIT $1::bigint;

-- name: user_fold write
-- $1 JSON array of objects: id, name, folded, looks.  Stores the forms; if an older account has one of
-- them, stores a line feed and the id instead.  One row each: whether that was the case.
WITH given AS (
    SELECT id, name, folded, looks,
           row_number() OVER (PARTITION BY folded ORDER BY id) > 1
           OR EXISTS (SELECT FROM account WHERE name_folded = folded) AS folded_had,
           row_number() OVER (PARTITION BY looks ORDER BY id) > 1
           OR EXISTS (SELECT FROM account WHERE name_looks = looks) AS looks_had
    FROM json_to_recordset($1::json) AS g(id bigint, name text, folded text, looks text)
)
UPDATE account SET
    name_folded = CASE WHEN folded_had THEN E'\n' || account.id ELSE folded END,
    name_looks = CASE WHEN looks_had THEN E'\n' || account.id ELSE looks END
FROM given
WHERE account.id = given.id AND account.name = given.name AND coalesce(name_folded, '') = ''
RETURNING folded_had OR looks_had AS had;

-- name: user_password read
-- $1 user.  No row: there is no such account.
SELECT password FROM account WHERE id = $1::bigint;

-- name: user_password_set write
-- $1 user, $2 version of the token in use, $3 password hash.  Revokes all tokens; the row has the new
-- version.  No row: the token in use has been revoked meanwhile.
UPDATE account SET password = $3::text, token_version = token_version + 1
WHERE id = $1::bigint AND token_version = $2::bigint
RETURNING token_version;

-- name: user_logout write
-- $1 user, $2 version of the token in use.  Revokes all tokens.  No row: as above.
UPDATE account SET token_version = token_version + 1
WHERE id = $1::bigint AND token_version = $2::bigint
RETURNING token_version;

-- name: user_tokens read
-- $1 user.  The valid version of tokens.  No row: there is no such account.
SELECT token_version FROM account WHERE id = $1::bigint;

-- name: user_cards read
-- $1 array of ids.  No row for unknown ids.
SELECT id, name, avatar, background, signature, follow_count::bigint, follower_count::bigint,
       total_favorited::bigint, work_count::bigint, favorite_count::bigint
FROM account_now WHERE id = ANY ($1::bigint[]);

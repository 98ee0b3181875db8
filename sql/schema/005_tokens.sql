-- Tokens that can be taken back.

-- A token names the version that was in force when it was made, and is good
-- only as long as that is this one.  Logging out and a new password add one.
-- (Tokens of the time before this column name none, which counts as 0.)
ALTER TABLE account ADD COLUMN token_version bigint NOT NULL DEFAULT 0;

CREATE OR REPLACE VIEW account_now AS
SELECT a.id, a.name, a.avatar, a.background, a.signature,
       a.follow_count + l.follows       AS follow_count,
       a.follower_count + l.followers   AS follower_count,
       a.total_favorited + l.favorited  AS total_favorited,
       a.work_count + l.works           AS work_count,
       a.favorite_count + l.favorites   AS favorite_count,
       a.token_version
FROM account a
CROSS JOIN LATERAL (
    SELECT coalesce(sum(follows), 0) AS follows, coalesce(sum(followers), 0) AS followers,
           coalesce(sum(favorited), 0) AS favorited, coalesce(sum(works), 0) AS works,
           coalesce(sum(favorites), 0) AS favorites
    FROM account_ledger WHERE account_id = a.id
) l;

-- The version is cached with the rest of the account.
DROP TRIGGER account_changed ON account;
CREATE TRIGGER account_changed
AFTER DELETE OR UPDATE OF name, avatar, background, signature, token_version ON account
FOR EACH ROW EXECUTE FUNCTION account_changed();

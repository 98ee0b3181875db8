-- Tokens that can be taken back.

-- A token names the version that was in force when it was made, and is good
-- only as long as that is this one.  Logging out and a new password add one.
-- (Tokens of the time before this column name none, which counts as 0.)
ALTER TABLE account ADD COLUMN token_version bigint NOT NULL DEFAULT 0;

-- The version is cached, too.
DROP TRIGGER account_changed ON account;
CREATE TRIGGER account_changed
AFTER DELETE OR UPDATE OF name, avatar, background, signature, token_version ON account
FOR EACH ROW EXECUTE FUNCTION account_changed();

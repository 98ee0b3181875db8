-- Names that people would take for each other are one name: no two accounts share a form of it
-- (lib/writing.h), which the programs make; the database cannot.

-- NULL: not made yet, for an account that an older program or SQL has written (jobs/sweep makes it);
-- a line feed and the account's number: an older account has this form. Such accounts were there
-- before, and log in by their name as it is written.
ALTER TABLE account ADD COLUMN name_folded text COLLATE "C", ADD COLUMN name_looks text COLLATE "C";
CREATE UNIQUE INDEX account_name_folded ON account (name_folded);
CREATE UNIQUE INDEX account_name_looks ON account (name_looks);
CREATE INDEX account_unfolded ON account (id) WHERE name_folded IS NULL;

-- Whoever changes a name by SQL need not know of the forms.
CREATE FUNCTION account_renamed() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.name_folded = NULL;
    NEW.name_looks = NULL;
    RETURN NEW;
END
$$;
CREATE TRIGGER account_renamed
BEFORE UPDATE OF name ON account FOR EACH ROW
WHEN (NEW.name <> OLD.name) EXECUTE FUNCTION account_renamed();

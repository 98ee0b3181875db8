-- Whose turn it is: a queue of many files of one author, or of large ones, does not keep others
-- waiting.

-- Jobs of a stage are taken in this order.  The time at which the job was asked for, later by what
-- its author had in processing then and by what it holds (job_turn_at).
ALTER TABLE job ADD COLUMN turn_at bigint NOT NULL DEFAULT now_ms();
DROP INDEX job_turn;
CREATE INDEX job_turn ON job (stage, turn_at, lease_until) WHERE lease_until IS NOT NULL;

-- $1 how many of its author's are in processing, $2 bytes of the file.  Each of them counts as a
-- minute, a megabyte as a second.  So nobody waits for ever: what comes later by more than that
-- comes after.
CREATE FUNCTION job_turn_at(bigint, bigint) RETURNS bigint
LANGUAGE sql VOLATILE
AS $$ SELECT now_ms() + 60000 * $1 + $2 / 1000 $$;

-- A video is shown as soon as its small rendition is there; the full one follows.

-- 1: nothing plays yet; 2: the small rendition plays, the full one is to be made.  All jobs of
-- stage 1 come before those of stage 2.
ALTER TABLE job ADD COLUMN stage integer NOT NULL DEFAULT 1;
CREATE INDEX job_turn ON job (stage, lease_until) WHERE lease_until IS NOT NULL;

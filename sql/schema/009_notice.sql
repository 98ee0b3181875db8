-- What its author should know of a video that has not failed.

-- a word that the programs know (lib/notice.h), or empty
ALTER TABLE video ADD COLUMN notice text NOT NULL DEFAULT '';
-- what the notice's sentence tells, a codec; or 0
ALTER TABLE video ADD COLUMN notice_seen bigint NOT NULL DEFAULT 0;

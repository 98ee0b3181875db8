-- The schema itself.  Used by lib/db.c, before anything else is prepared.

-- name: schema_version read
-- One row: the newest migration applied.
SELECT max(version)::bigint AS version FROM schema_version;

-- The schema itself.  Used by lib/data/db.c, before anything else is prepared.

-- name: schema_version read
-- One row: the newest migration applied, and what no other database is called.
SELECT max(version)::bigint AS version,
       (SELECT to_hex(system_identifier) FROM pg_control_system()) || '-' ||
       (SELECT oid FROM pg_database WHERE datname = current_database()) AS site
FROM schema_version;

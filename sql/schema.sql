-- The schema's version.  Used by lib/data/db.c before it prepares other statements.

-- name: schema_version read
-- One row: the newest migration applied, and the unique name of the database.
SELECT max(version)::bigint AS version,
       (SELECT to_hex(system_identifier) FROM pg_control_system()) || '-' ||
       (SELECT oid FROM pg_database WHERE datname = current_database()) AS site
FROM schema_version;

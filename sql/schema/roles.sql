-- What the roles of a private database may do; spawn/migrate applies it after the migrations, each
-- time.  dousheng owns everything and is for migrations alone.

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
-- Not there in a schema that was made anew, as before a backup is restored.
GRANT USAGE ON SCHEMA public TO dousheng_app, dousheng_media;
REVOKE TEMPORARY ON DATABASE dousheng FROM PUBLIC;

-- Workers, and all jobs but transcode: rows, not tables.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO dousheng_app;
REVOKE INSERT, UPDATE, DELETE ON schema_version FROM dousheng_app;

-- transcode reads what strangers made: its own queue, and what becomes of a video.  No accounts, no
-- messages.  (video_ledger is written by a trigger of video.)
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM dousheng_media;
GRANT SELECT ON schema_version, video TO dousheng_media;
GRANT UPDATE (state, reason, reason_seen, reason_limit, notice, notice_seen, play_file, cover_file, small_file, published_at)
    ON video TO dousheng_media;
GRANT SELECT, UPDATE, DELETE ON job TO dousheng_media;
GRANT SELECT, INSERT, DELETE ON video_file TO dousheng_media;
GRANT SELECT (id), INSERT ON trash TO dousheng_media;
GRANT INSERT ON account_ledger, video_ledger TO dousheng_media;

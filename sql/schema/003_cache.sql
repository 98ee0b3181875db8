-- What the cache has to know beside the counters.
--
-- A ledger's row with all zeros says that copies are out of date; chats have
-- no counter, so theirs says only that.

CREATE TABLE chat_ledger (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    low_id  bigint NOT NULL,
    high_id bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- Whatever makes a video come, change or go, the feed and its card are out of
-- date.  (Rare against likes and comments, which do not fire this.)
CREATE FUNCTION video_changed() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO video_ledger (video_id) VALUES (coalesce(NEW.id, OLD.id));
    RETURN NULL;
END
$$;
CREATE TRIGGER video_changed
AFTER INSERT OR DELETE OR UPDATE OF state, title, play_file, cover_file, small_file, published_at
ON video FOR EACH ROW EXECUTE FUNCTION video_changed();

-- Deleting a video takes its comments along, also those that were taken back:
-- comment_order does not hold these, and without them each deletion read the
-- whole table.
CREATE INDEX comment_gone ON comment (video_id) WHERE deleted_at IS NOT NULL;

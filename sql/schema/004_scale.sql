-- Deleting a video takes its comments along, also those that were taken back:
-- comment_order does not hold these, and without them each deletion read the
-- whole table.
CREATE INDEX comment_gone ON comment (video_id) WHERE deleted_at IS NOT NULL;

-- Lists come out of their index alone, a page of it for a hundred rows: rows
-- themselves lie in the order of time, each in another page of the table.
-- (Likes and follows wait while these are built: some seconds a million rows.)
CREATE UNIQUE INDEX favorite_page ON favorite (user_id, id) INCLUDE (video_id);
DROP INDEX favorite_order;
CREATE UNIQUE INDEX follow_page ON follow (user_id, id) INCLUDE (to_user_id);
DROP INDEX follow_order;
CREATE UNIQUE INDEX follower_page ON follow (to_user_id, id) INCLUDE (user_id);
DROP INDEX follow_followers;

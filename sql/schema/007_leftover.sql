-- Deleting a video takes as long as it has likes: they lie all over their
-- table.  Now the video goes at once, and jobs/sweep removes the rest.

-- Deleted videos of which something may be left.
CREATE TABLE leftover (
    video_id  bigint PRIMARY KEY,
    author_id bigint NOT NULL,
    -- its author has lost so many likes already, without those that were removed since
    likes     bigint NOT NULL,
    -- looked at after this time
    due_at    bigint NOT NULL,
    -- and once more after this one: what was under way when the video went has ended then
    until_at  bigint NOT NULL
);
CREATE INDEX leftover_due ON leftover (due_at);

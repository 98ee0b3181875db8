-- What each device was handed out of a chat.  A phone that names the time of its own clock does not
-- say what it has; and what one device got, another of the same person may not have.

CREATE TABLE chat_device (
    user_id  bigint NOT NULL,
    other_id bigint NOT NULL,
    -- named by its token: seconds of the login times 2^20, and chance
    device   bigint NOT NULL,
    -- time of the newest message that it was handed out
    seen_at  bigint NOT NULL,
    PRIMARY KEY (user_id, other_id, device)
);
-- They go when their tokens have expired.
CREATE INDEX chat_device_age ON chat_device (device);

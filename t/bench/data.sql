-- data.sql: data of the benchmarks: 1,000 users, 2,000 videos, 20 follows
-- and 100 likes each, one conversation of 1,000 messages.  User 1 is the viewer.
INSERT INTO account (name, password, name_folded, name_looks)
SELECT 'bench' || n, '', 'bench' || n, 'bench' || n FROM generate_series(1, 1000) n;

INSERT INTO video (author_id, title, state, play_file, cover_file, published_at)
SELECT 1 + n % 1000, 'A video of the benchmark, number ' || n, 'ready',
       'ab/0123456789abcdef0123456789abcdef01234567.mp4',
       'cd/0123456789abcdef0123456789abcdef01234567.jpg', 1700000000000 + n
FROM generate_series(1, 2000) n;

INSERT INTO follow (user_id, to_user_id)
SELECT u, 1 + (u + step * 37) % 1000
FROM generate_series(1, 1000) u, generate_series(1, 20) step ON CONFLICT DO NOTHING;

INSERT INTO favorite (user_id, video_id)
SELECT u, 1 + (u * 7 + step * 13) % 2000
FROM generate_series(1, 1000) u, generate_series(1, 100) step ON CONFLICT DO NOTHING;

INSERT INTO conversation (low_id, high_id, last_at) VALUES (1, 2, 1700000001000);
INSERT INTO message (low_id, high_id, created_at, from_user_id, content)
SELECT 1, 2, 1700000000000 + n, 1 + n % 2, 'message ' || n FROM generate_series(1, 1000) n;

-- Set the counters from the facts, so that nothing is left to fold.
UPDATE account SET
    follow_count = (SELECT count(*) FROM follow WHERE user_id = account.id),
    follower_count = (SELECT count(*) FROM follow WHERE to_user_id = account.id),
    favorite_count = (SELECT count(*) FROM favorite WHERE user_id = account.id),
    work_count = 2;
UPDATE video SET favorite_count = (SELECT count(*) FROM favorite WHERE video_id = video.id);
ANALYZE account, video, follow, favorite, conversation, message;

-- record.sql: the writes of t/stress/load (the table record) against the rows.
-- Prints a line for each that is lost, or there twice.
CREATE TEMP TABLE found (kind text, a bigint, b bigint, word text, n bigint);
INSERT INTO found SELECT 'like', user_id, video_id, '', count(*) FROM favorite GROUP BY 2, 3;
INSERT INTO found SELECT 'follow', user_id, to_user_id, '', count(*) FROM follow GROUP BY 2, 3;
INSERT INTO found SELECT 'comment', 0, 0, content, count(*) FROM comment GROUP BY content;
INSERT INTO found SELECT 'message', 0, 0, content, count(*) FROM message GROUP BY content;
INSERT INTO found SELECT 'register', 0, 0, name, count(*) FROM account GROUP BY name;
INSERT INTO found SELECT 'publish', 0, 0, title, count(*) FROM video GROUP BY title;
SELECT CASE WHEN coalesce(n, 0) = 0 THEN 'lost' ELSE 'doubled' END, record.*, n
FROM record LEFT JOIN found USING (kind, a, b, word)
WHERE coalesce(n, 0) > 1 OR (outcome = '+' AND coalesce(n, 0) <> 1);

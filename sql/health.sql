-- How the queue and the ledgers are.  Used by fcgi/health.c and fcgi/metrics.c.

-- name: health_state read
-- One row: jobs that wait (those whose process died among them), are worked on, have failed; for how
-- long the oldest video waits of which nothing plays yet, in ms; rows that jobs/fold has not folded yet.  Counted are 100,000 at
-- most, of jobs those that wait before those that have failed: who asks must not wait for more.
SELECT count(*) FILTER (WHERE NOT taken AND lease_until IS NOT NULL OR lease_until < now_ms())
           AS waiting,
       count(*) FILTER (WHERE taken AND lease_until >= now_ms()) AS running,
       count(*) FILTER (WHERE lease_until IS NULL) AS failed,
       coalesce(now_ms() - min(queued_at) FILTER (
           WHERE stage = 1 AND (NOT taken AND lease_until IS NOT NULL OR lease_until < now_ms())), 0)
           AS oldest_ms,
       (SELECT count(*) FROM (SELECT FROM account_ledger ORDER BY id LIMIT 100000) l) AS account_ledger,
       (SELECT count(*) FROM (SELECT FROM video_ledger ORDER BY id LIMIT 100000) l) AS video_ledger,
       (SELECT count(*) FROM (SELECT FROM chat_ledger ORDER BY id LIMIT 100000) l) AS chat_ledger
FROM (SELECT * FROM job ORDER BY lease_until LIMIT 100000) first;

-- State of the queue and the ledgers.  Used by fcgi/health.c and fcgi/metrics.c.

-- name: health_state read
-- One row: jobs that wait (including those whose process died), run, failed; waiting time in ms of the
-- oldest video without any rendition; ledger rows not folded yet.  Counts at most 100,000 rows of each,
-- waiting jobs before failed ones, so that the query stays fast.
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

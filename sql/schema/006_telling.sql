-- What a job tells: since when it waits, and which trace it belongs to.

-- a W3C traceparent, of the request that brought the upload; or empty
ALTER TABLE job ADD COLUMN trace text NOT NULL DEFAULT '';
-- when it was asked for, the last time
ALTER TABLE job ADD COLUMN queued_at bigint NOT NULL DEFAULT now_ms();

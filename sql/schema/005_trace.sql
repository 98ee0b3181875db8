-- Tracing: a job continues the trace of the request that brought its upload.

-- a W3C traceparent, or empty
ALTER TABLE job ADD COLUMN trace text NOT NULL DEFAULT '';

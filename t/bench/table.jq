# table.jq: bench.json as the table in docs/performance.md.
def row: "| " + join(" | ") + " |";
(["scenario", "clients", "bytes", "req/s", "to empty", "to static", "p50 ms", "p99 ms",
  "CPU nginx", "worker", "Redis", "PostgreSQL", "trips Redis", "PostgreSQL"] | row),
("|---|" + "--:|" * 13),
(.scenarios[] | [.name, .clients, .bytes, .rate, .ratio, .static_ratio, .p50_ms, .p99_ms,
  .cpu_s_per_1000.nginx, .cpu_s_per_1000.worker, .cpu_s_per_1000.redis, .cpu_s_per_1000.postgres,
  .round_trips.redis, .round_trips.postgres] | map(tostring) | row)

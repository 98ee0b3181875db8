# Every named statement uses indexes, at any table size.
load ../lib/common

setup_file() {
    instance_up explain
    # Stop the jobs and autovacuum: jobs would wait for our locks, and autovacuum changes the statistics.
    workers transcode fold sweep | xargs kill -s STOP
    "$T/bench/load" 1/1000
    superuser -c "ALTER SYSTEM SET autovacuum = off" -c "SELECT pg_reload_conf()"
}

teardown_file() {
    workers transcode fold sweep | xargs kill -s CONT
    instance_down
}

# psql as the superuser, who may change the planner's statistics.
superuser() {
    local as=()
    [ "$EUID" != 0 ] || as=(setpriv --reuid=postgres --regid=postgres --init-groups --)
    "${as[@]}" psql -XqAt -v ON_ERROR_STOP=1 -h "$DOUSHENG_HOME/run/postgres" -U postgres -d dousheng "$@"
}

# All tables that grow: all but the list of migrations.
big_tables() {
    superuser -c "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        AND relname <> 'schema_version' ORDER BY 1"
}

indexes() {
    superuser -c "SELECT json_object_agg(c.relname, json_build_object('table', t.relname,
        'unique', i.indisunique AND i.indpred IS NULL, 'columns', (
            SELECT json_agg(a.attname ORDER BY k.n) FROM unnest(i.indkey) WITH ORDINALITY k (attnum, n)
            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum)))
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
        WHERE t.relnamespace = 'public'::regnamespace"
}

# Fills the queue tables, which are empty when the jobs are done.  Not committed, so that the jobs do not
# see the rows.
fill_queues() {
    cat <<-'EOSQL'
	INSERT INTO account_ledger (account_id) SELECT n FROM generate_series(1, 1000) n;
	INSERT INTO video_ledger (video_id) SELECT n FROM generate_series(1, 1000) n;
	INSERT INTO chat_ledger (low_id, high_id) SELECT n, n + 1 FROM generate_series(1, 1000) n;
	INSERT INTO job (video_id, source, source_offset, source_length, lease_until, failed_at)
	SELECT n, 'source ' || n, 0, 1, CASE WHEN n % 2 = 0 THEN n END, CASE WHEN n % 2 = 1 THEN n END
	FROM generate_series(1, 1000) n;
	INSERT INTO upload (name, user_id, title, length, expires_at)
	SELECT 'upload ' || n, n % 100, '', 1, n FROM generate_series(1, 1000) n;
	INSERT INTO trash (name) SELECT 'file ' || n FROM generate_series(1, 1000) n;
	INSERT INTO leftover (video_id, author_id, likes, due_at, until_at)
	SELECT n, n, n, n, n FROM generate_series(1, 1000) n;
	INSERT INTO chat_device (user_id, other_id, device, seen_at)
	SELECT n % 100, n, 1800000000000000 + n, n FROM generate_series(1, 1000) n;
	INSERT INTO purge (video_id, author_id, due_at) SELECT n, n, n FROM generate_series(1, 1000) n;
	ANALYZE;
	EOSQL
}

# Multiplies the planner's row counts by a thousand until the end of the transaction.  relpages stays:
# the planner uses the file's size, and relpages only for the rows per page.  Columns with more than 100
# distinct values get a distinct count that scales with the rows.  (Inserting real rows would take
# minutes, and a table of 1,000 rows is rightly scanned.)
believe_large() {
    cat <<-'EOSQL'
	UPDATE pg_statistic s SET stadistinct = -stadistinct / reltuples FROM pg_class c
	WHERE c.oid = s.starelid AND relnamespace = 'public'::regnamespace AND stadistinct > 100
	      AND stadistinct < reltuples;
	UPDATE pg_class SET reltuples = 1000 * greatest(reltuples, 1000), relpages = greatest(relpages, 1)
	WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace;
	EOSQL
}

# Prints each statement of sql/ as PREPARE and EXPLAIN.
explained() {
    awk '
        function finish(  n, args) {
            if (name == "") return
            sub(/;[ \n]*$/, "", text)
            while (text ~ "\\$" (n + 1) "([^0-9]|$)") args = args (n++ ? ", " : "") "NULL"
            print "PREPARE " name " AS " text ";"
            printf "\\echo {\"name\": \"%s\", \"kind\": \"%s\", \"plan\":\n", name, kind
            print "EXPLAIN (FORMAT JSON, VERBOSE) EXECUTE " name (n ? "(" args ")" : "") ";"
            print "\\echo }"
            name = text = ""
        }
        FNR == 1 { finish() }
        /^-- name: / { finish(); name = $3; kind = $4; next }
        /^--/ { next }
        { text = text $0 "\n" }
        END { finish() }' "$T"/../sql/*.sql
}

# The planner settings of the workers' connections.
worker_settings() { grep -ohE -- '-c (plan_cache_mode|jit|enable_[a-z]+)=[a-z_]+' "$T/../lib/data/db.c"; }

# planned COMMANDS [SETTING...]: runs psql commands where all tables look large.
planned() {
    { echo 'BEGIN;'; fill_queues; echo "${damage:-}"; believe_large; "$1"; echo 'ROLLBACK;'; } |
        PGOPTIONS="${*:2}" superuser -f -
}

# breaches [SETTING...]: prints the statements that scan or sort, a line each: "name: reason".
breaches() {
    planned explained "$@" >"$BATS_TEST_TMPDIR/plans" && indexes >"$BATS_TEST_TMPDIR/indexes" &&
        jq -r --argjson big "$(big_tables | jq -Rn '[inputs]')" \
            --slurpfile indexes "$BATS_TEST_TMPDIR/indexes" -f "$T/data/explain.jq" "$BATS_TEST_TMPDIR/plans"
}

empty_tables() {
    echo "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        AND pg_relation_size(oid) = 0;"
}

@test "every growing table of the test data has rows" {
    is "$(planned empty_tables)" ""
}

@test "the counters of the test data match its facts" {
    is "$(drift)" ""
}

@test "plans of all statements use indexes with the settings of the workers" {
    mapfile -t settings < <(worker_settings)
    is "${#settings[@]}" 4
    is "$(breaches "${settings[@]}")" ""
    is "$(grep -c '"name":' "$BATS_TEST_TMPDIR/plans")" "$(cat "$T"/../sql/*.sql | grep -c '^-- name: ')"
}

@test "the planner prefers indexes even when scans are allowed" {
    mapfile -t settings < <(worker_settings)
    is "$(breaches "${settings[@]}" -c enable_seqscan=on)" ""
}

# without DAMAGE: prints the statements with breaches after this change.
without() { damage="$1;" breaches "${settings[@]}" | cut -d: -f1 | sort -u | xargs; }

@test "a missing index is detected" {
    mapfile -t settings < <(worker_settings)
    is "$(without "DROP INDEX video_feed")" "feed_page job_ready"
    is "$(without "DROP INDEX favorite_video")" "leftover_next purge_next"
    is "$(without "ALTER TABLE message DROP CONSTRAINT message_pkey")" \
        "friend_list message_history message_poll message_state"
}

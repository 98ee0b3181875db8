# fault.bash: functions that inject a fault under load.  `load ../lib/fault` after `load ../lib/common` and `load ../lib/publish`.
#
#   fault_up NAME [SETTING=VALUE...]    an instance with the watchdog (spawn/watchdog), and a video
#   under_load                          starts clients
#   ...                                 break, repair
#   wait_recovered                      marks the time of the repair, waits until all pools serve
#   assert_consistent [SLOWEST_ERROR_MS]    stops the clients and checks everything
#
# shellcheck shell=bash disable=SC2154

fault_up() {
    export DOUSHENG_WATCH=${DOUSHENG_WATCH:-yes}
    instance_up "crash-fault-$1" processing_max=1000 "${@:2}"
    people ann bob
    video=$(publish_ready "$ann" first)
    warm_up
    export video processes_before memory_before
}

# Workers allocate their memory and open their connections during the first requests.
warm_up() {
    CLIP=$CHECK/clip.mp4 "$OUT/stress/load" soak 8 1 /dev/null >/dev/null || return
    processes_before=$(count_workers) memory_before=$(memory)
}

under_load() {
    record=$BATS_TEST_TMPDIR/record
    CLIP=$CHECK/clip.mp4 PAUSE=${PAUSE:-30} "$OUT/stress/load" "${1:-faults}" "${2:-8}" 600 "$record" \
        >"$record.out" 2>"$record.err" </dev/null 3>&- &
    loader=$!
    sleep 1
}

# One request to each pool, uncached where possible.
assert_serving() {
    must get feed token="$ann" && must get user token="$ann" && must get relation/follow/list token="$ann" &&
        must get message/chat token="$ann" to_user_id="$bob_id" && like "$bob" "$video" &&
        must get publish/limits && registers
}
registers() { must post user/register username="$(unique recovered)" password="$PASSWORD"; }

# Waits until requests succeed.  assert_consistent reads from the record how long that really took.
wait_recovered() {
    repaired=$(now_ms)
    wait_for 20 assert_serving
}

# Prints the milliseconds from the repair to the last failed request.
recovery() {
    local last
    last=$(tallied last_failure_ms)
    echo $((last > repaired ? last - repaired : 0))
}

# tallied NAME: prints a figure of the finished load.
tallied() { sed -n "s/^$1 //p" "$record.out"; }

# end_load: stops the clients and prints their figures.
end_load() {
    sleep 0.7
    kill -s TERM "$loader" || cat "$record.err"
    wait "$loader" || true
    cat "$record.out" "$record.err"
    echo "# $BATS_TEST_DESCRIPTION: $(tallied acknowledged) acknowledged, $(tallied refused) refused," \
        "$(tallied unknown) unknown; $(tallied failed_reads) of $(tallied reads) reads failed;" \
        "slowest error $(tallied slowest_error_ms) ms; last failure $(recovery) ms after the repair" >&3
}

# Prints the number of processes of each pool and job.
count_workers() {
    local name
    for name in feed lists account publish social chat transcode fold sweep; do
        printf '%s %s\n' "$name" "$(workers "$name" | wc -l)"
    done
}
as_many() { [ "$(count_workers)" = "$processes_before" ]; }

# Prints the private memory of all workers in KB.
memory() { workers | xargs -I{} sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' /proc/{}/status | awk '{ n += $1 } END { print n }'; }

# Prints the largest number of open files of a worker, without sockets.
most_files() {
    local pid
    for pid in $(workers); do
        find "/proc/$pid/fd" -type l ! -lname 'socket:*' 2>/dev/null | wc -l
    done | sort -n | tail -n 1
}

# rows_agree: every acknowledged change is stored exactly once.
rows_agree() {
    is "$({
        echo 'CREATE TEMP TABLE record (kind text, a bigint, b bigint, word text, outcome text);'
        echo 'COPY record FROM STDIN;'
        cat "$record"
        printf '\\.\n'
        cat "$T/fault/record.sql"
    } | psql -XqAt -v ON_ERROR_STOP=1 -h "$DOUSHENG_HOME/run/postgres" -U dousheng -d dousheng)" ""
}

# counters_agree: like drift, but with aggregates instead of a query per row, for thousands of rows.
counters_agree() {
    is "$(sql "WITH liked AS (SELECT video_id id, count(*) n FROM favorite GROUP BY 1),
        likes AS (SELECT user_id id, count(*) n FROM favorite GROUP BY 1),
        favorited AS (SELECT author_id id, sum(n) n FROM liked JOIN video USING (id) GROUP BY 1),
        works AS (SELECT author_id id, count(*) n FROM video WHERE state <> 'failed' GROUP BY 1),
        follows AS (SELECT user_id id, count(*) n FROM follow GROUP BY 1),
        followers AS (SELECT to_user_id id, count(*) n FROM follow GROUP BY 1),
        discussed AS (SELECT video_id id, count(*) n FROM comment WHERE deleted_at IS NULL GROUP BY 1),
        people AS (SELECT a.id || concat_ws(' ', ':', favorite_count, l.n, total_favorited, d.n, work_count, w.n,
                follow_count, f.n, follower_count, g.n) AS id FROM account_now a LEFT JOIN likes l USING (id) LEFT JOIN favorited d USING (id)
            LEFT JOIN works w USING (id) LEFT JOIN follows f USING (id) LEFT JOIN followers g USING (id)
            WHERE (favorite_count, total_favorited, work_count, follow_count, follower_count) IS DISTINCT FROM
            (coalesce(l.n, 0), coalesce(d.n, 0), coalesce(w.n, 0), coalesce(f.n, 0), coalesce(g.n, 0))),
        videos AS (SELECT v.id FROM video_now v LEFT JOIN liked l USING (id) LEFT JOIN discussed d USING (id)
            WHERE (favorite_count, comment_count) IS DISTINCT FROM (coalesce(l.n, 0), coalesce(d.n, 0)))
        SELECT 'account ' || id FROM people UNION ALL SELECT 'video ' || id FROM videos")" ""
}

# no_alert [EXPECTED]: fails on alerts of nginx, except those about killed processes, and on sanitizer
# reports.
no_alert() {
    is "$(grep -hE '\[(alert|emerg)\]' "$DOUSHENG_HOME/log/nginx-error.log" |
        grep -vE "exited on signal (9|15)|kill\([0-9]+, [0-9]+\) failed${1:+|$1}")" ""
    is "$(grep -rhE 'Sanitizer|runtime error:' "$DOUSHENG_HOME/log")" ""
}

# Orphaned files are removed by sweep after 15 minutes, in the spool after a day.  Makes them look
# older and restarts sweep.
swept() {
    find "$DOUSHENG_HOME"/{upload,spool,work} -mindepth 1 -maxdepth 1 -exec touch -d '2 days ago' {} +
    workers sweep | xargs kill -s KILL
    wait_for 5 as_many
}

# assert_consistent [SLOWEST_ERROR_MS [EXPECTED-ALERT]]
assert_consistent() {
    local limit=${1:-3200}
    end_load
    is "$(tallied not_base_form)" 0
    [ "$(tallied slowest_error_ms)" -le "$limit" ] || is "slowest error $(tallied slowest_error_ms) ms" "$limit ms"
    [ "$(tallied acknowledged)" -gt 100 ]
    # make fault sets 5 s; machines that run make check may be loaded.
    [ "$(recovery)" -le "${RECOVERY_MS:-60000}" ] || is "$(recovery) ms" "${RECOVERY_MS:-60000} ms"
    wait_for 10 as_many || is "$(count_workers)" "$processes_before"
    timeout 60 "$T/../spawn/status" 3>&- >/dev/null
    wait_settled
    rows_agree
    counters_agree
    swept
    wait_for 10 files_agree || files_agree
    no_alert "${2:-}"
    [ "$(most_files)" -le 8 ] || is "$(most_files) files" "8 files"
    [ "$(memory)" -le $((memory_before * 3 / 2)) ] || is "$(memory) KB" "$memory_before KB, and half as much more"
}

# Health and metrics: /healthz/, /readyz/, /metrics/.
# shellcheck disable=SC2034,SC2046
load ../lib/common

setup_file() {
    instance_up crash-metrics database_timeout_ms=8000 \
        ops_networks="198.51.100.0/24 2001:db8::/32"
    people alice
    video=$(publish_ready "$alice" counted)
    export video
}

teardown_file() {
    instance_down
}

teardown() {
    [ -n "${BATS_TEST_COMPLETED:-}" ] || { kill -s CONT $(workers) $(workers transcode fold) 2>/dev/null || true; }
}

# scrape: saves the metrics in the file metrics.
scrape() {
    curl -sS --noproxy '*' -m 10 -f "$(base)/metrics" >"$BATS_TEST_TMPDIR/metrics"
}

# value NAME[{LABELS}]: prints the sum of the scraped lines with all these labels.
value() {
    awk -v name="${1%%\{*}" -v labels="$(sed 's/^[^{]*{*//; s/}$//' <<<"$1")" '
        BEGIN { n = split(labels, wanted, ",") }
        $0 !~ "^" name "[{ ]" { next }
        { for (i = 1; i <= n; i++) if (!index($0, wanted[i])) next; sum += $NF }
        END { printf "%.10g", sum }' "$BATS_TEST_TMPDIR/metrics"
}

now_value() { scrape && value "$1"; }

# grown NAME BEFORE BY: the value has grown by BY.
grown() { scrape && is "$(value "$1")" "$(($2 + $3))"; }

@test "promtool accepts the metrics of a busy instance" {
    must get feed
    request GET /metrics -D "$BATS_TEST_TMPDIR/headers"
    is "$http" 200
    grep -qi '^content-type: text/plain; version=0.0.4; charset=utf-8' "$BATS_TEST_TMPDIR/headers"
    printf '%s\n' "$reply" | promtool check metrics >"$BATS_TEST_TMPDIR/lint" 2>&1
    is "$(cat "$BATS_TEST_TMPDIR/lint")" ""
    # Every metric of `describe metrics` has a value with its labels.
    while IFS='|' read -r name labels; do
        line=$(grep -m 1 -oE "^$name(_count)?(\{[^}]*\})? " <<<"$reply") || is "no value" "$name"
        is "$name $(grep -oE '[a-z]+="' <<<"$line" | tr -d '="' | paste -sd,)" "$name $labels"
    done < <("$BIN/worker" describe metrics | awk -F'\t' '{ print $1 "|" $4 }')
    request GET /metrics/
    is "$http" 200
}

@test "requests are counted by route and code, and once in the histogram" {
    scrape
    good=$(value 'dousheng_requests_total{route="/douyin/user/",code="0"}')
    bad=$(value 'dousheng_requests_total{route="/douyin/comment/list/",code="1001"}')
    none=$(value 'dousheng_requests_total{route="/douyin/publish/limits/",code="405"}')
    for _ in {1..1000}; do printf 'url = "%s/douyin/user/?token=%s"\noutput = /dev/null\n' "$(base)" "$alice"; done |
        curl -sS --no-progress-meter --noproxy '*' -Z --parallel-max 8 -K -
    for _ in 1 2 3; do get comment/list; done
    request DELETE publish/limits
    wait_for 2 grown 'dousheng_requests_total{route="/douyin/user/",code="0"}' "$good" 1000
    wait_for 2 grown 'dousheng_requests_total{route="/douyin/comment/list/",code="1001"}' "$bad" 3
    wait_for 2 grown 'dousheng_requests_total{route="/douyin/publish/limits/",code="405"}' "$none" 1
    for route in /douyin/user/ /douyin/comment/list/ /douyin/user/register/; do
        all=$(value "dousheng_requests_total{route=\"$route\"}")
        is "$(value "dousheng_request_duration_seconds_count{route=\"$route\"}")" "$all"
        is "$(value "dousheng_request_duration_seconds_bucket{route=\"$route\",le=\"+Inf\"}")" "$all"
        [ "$(value "dousheng_request_duration_seconds_bucket{route=\"$route\",le=\"0.0001\"}")" -le "$all" ]
    done
    # Hashing a password takes a tenth of a second.
    is "$(value 'dousheng_request_duration_seconds_bucket{route="/douyin/user/register/",le="0.01"}')" 0
}

@test "counts of a killed worker stay, and it is not busy any more" {
    before=$(now_value 'dousheng_requests_total{route="/douyin/user/"}')
    must get user token="$alice"
    wait_for 2 grown 'dousheng_requests_total{route="/douyin/user/"}' "$before" 1
    before=$((before + 1))
    starts=$(value 'dousheng_process_starts_total{service="feed"}')
    social=$(workers social | wc -l)
    # Kill a worker while it waits for a like.
    MODE=EXCLUSIVE lock_table favorite
    curl -s --noproxy '*' -m 60 -o /dev/null "$(base)/douyin/favorite/action/" -d "token=$alice" \
        -d "video_id=$video" -d action_type=1 3>&- &
    wait_for 1 eval '[ "$(now_value "dousheng_processes{service=\"social\",state=\"busy\"}")" = 1 ]'
    for pid in $(workers feed social); do kill -s KILL "$pid"; done
    unlock # a worker that starts would wait for the lock, too
    wait_for 5 eval '[ "$(now_value "dousheng_processes{service=\"social\",state=\"idle\"}")" = "$social" ]'
    wait_for 5 eval '[ "$(now_value "dousheng_processes{service=\"feed\",state=\"idle\"}")" = 4 ]'
    is "$(value 'dousheng_processes{state="busy",service="social"}')" 0
    is "$(value 'dousheng_requests_total{route="/douyin/user/"}')" "$before"
    is "$(value 'dousheng_process_starts_total{service="feed"}')" $((starts + 4))
    must get user token="$alice"
    wait_for 2 grown 'dousheng_requests_total{route="/douyin/user/"}' "$before" 1
}

@test "lookups, statements, uploads, videos, ledgers and jobs are measured" {
    scrape
    hits=$(value 'dousheng_cache_lookups_total{result="hit"}')
    bytes=$(value dousheng_upload_bytes_total) ready=$(value 'dousheng_videos_total{result="ready"}')
    must get user token="$alice"
    must get user token="$alice"
    kill -s STOP $(workers transcode fold)
    wait_for 2 eval 'scrape && [ "$(value "dousheng_cache_lookups_total{result=\"hit\"}")" -ge $((hits + 2)) ]'
    [ "$(value 'dousheng_cache_lookups_total{kind="user_tokens",result="hit"}')" -ge 2 ]
    fails grep -n '(null)' "$BATS_TEST_TMPDIR/metrics"
    next=$(publish "$CHECK/clip.mp4" "$alice" bytes)
    like "$alice" "$video"
    scrape
    is "$(value dousheng_upload_bytes_total)" $((bytes + $(stat -Lc %s "$CHECK/clip.mp4")))
    is "$(value 'dousheng_jobs{state="waiting"}')" 1
    [ "$(value 'dousheng_ledger_rows{ledger="video"}')" -ge 1 ]
    [ "$(value 'dousheng_database_round_trips_total{service="publish"}')" -ge 2 ]
    kill -s CONT $(workers transcode fold)
    wait_ready "$next"
    wait_for 5 eval '[ "$(now_value "dousheng_videos_total{result=\"ready\"}")" = $((ready + 1)) ]'
    wait_for 5 eval '[ "$(now_value dousheng_ledger_rows)" = 0 ]'
}

@test "health and metrics answer while all other workers are busy" {
    kill -s STOP $(workers feed lists account publish social chat)
    request GET /healthz
    is "$http" 200
    request GET /readyz
    is "$http" 200
    scrape
    kill -s CONT $(workers feed lists account publish social chat)
}

@test "readyz names the failed component: queue, cache or database" {
    request GET /readyz
    is "$http $(got '"\(.ready) \(.degraded) \(.checks | map_values(.ok) | tojson)"')" \
        '200 true false {"database":true,"cache":true,"disk":true,"queue":true,"programs":true}'
    sql "INSERT INTO job (video_id, source, source_offset, source_length, lease_until, queued_at)
        VALUES (99999, 'x', 0, 1, 9e15, now_ms() - 1000000)"
    request GET /readyz
    is "$http $(got '"\(.ready) \(.checks.queue.ok) \(.checks.database.ok)"')" "503 false false true"
    [ "$(now_value dousheng_job_oldest_seconds | cut -d. -f1)" -ge 1000 ]
    sql "DELETE FROM job"
    kill_server KILL redis
    request GET /readyz
    is "$http $(got '"\(.ready) \(.degraded) \(.checks.cache.ok)"')" "200 true true false"
    errors=$(now_value dousheng_database_errors_total)
    is "$(value 'dousheng_up{part="cache"}')" 0
    kill_server INT postgres
    request GET /readyz -m 3
    is "$http $(got '"\(.ready) \(.checks.database.ok) \(.status_code)"')" "503 false false 5003"
    request GET /healthz -m 3
    is "$http" 200
    is "$(now_value 'dousheng_up{part="database"}')" 0
    [ "$(value dousheng_database_errors_total)" -gt "$errors" ]
    [ "$(value dousheng_cache_errors_total)" -gt 0 ]
    up
    wait_for 5 eval '[ "$(now_value dousheng_up)" = 2 ]'
}

@test "health and metrics are hidden from other hosts, also behind a local proxy" {
    for path in /metrics /metrics/ /readyz; do
        expect_error ERR_NOT_FOUND path request GET "$path" -H 'Host: video.example.org'
        for header in 'X-Forwarded-For: 203.0.113.9' 'Forwarded: for=203.0.113.9' 'Via: 1.1 proxy'; do
            expect_error ERR_NOT_FOUND path request GET "$path" -H "$header"
        done
        # As nginx's proxy_pass sends it by default.
        expect_error ERR_NOT_FOUND path request GET "$path" --http1.0
    done
    request GET /healthz -H 'Host: video.example.org'
    is "$http" 200
    address=$(hostname -I | tr ' ' '\n' | grep -m 1 '\.') || skip "this machine has no other address"
    ask() { curl -s --noproxy '*' -m 5 -o /dev/null -w '%{http_code}' "http://$address:$DOUSHENG_PORT$1"; }
    is "$(ask /metrics) $(ask /readyz) $(ask /healthz)" "404 404 200"
    echo "ops_networks = 198.51.100.0/24 $address/32" >>"$DOUSHENG_HOME/dousheng.conf"
    echo "disk_min_mb = 1073741824" >>"$DOUSHENG_HOME/dousheng.conf"
    timeout 500 "$T/../spawn/reload" 3>&-
    is "$(ask /metrics) $(ask /readyz) $(ask /healthz)" "200 503 200"
    request GET /readyz
    is "$(got '"\(.checks.disk.ok) \(.checks.queue.ok)"')" "false true"
}

@test "the alert rules are valid and fire when they should" {
    promtool check rules "$T/../spawn/prometheus-alerts.yml"
    promtool test rules "$T/operate/alerts.yml"
}

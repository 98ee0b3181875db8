# The clock of workers and jobs jumps a day ahead, a day back, and is corrected, by libfaketime.
# PostgreSQL, Redis and nginx keep the machine's clock.
# bats file_tags=on-demand
load ../lib/common
load ../lib/publish
load ../lib/fault

setup_file() {
    FAKE=$(find /usr/lib -name libfaketime.so.1 2>/dev/null | head -n 1)
    export FAKE
    [ -n "$FAKE" ] || return 0
    export FAKETIME_TIMESTAMP_FILE=$CHECK/faketime FAKETIME_CACHE_DURATION=1 FAKETIME_DONT_FAKE_MONOTONIC=1
    echo +0 >"$FAKETIME_TIMESTAMP_FILE"
    chmod 644 "$FAKETIME_TIMESTAMP_FILE"
    DOUSHENG_WATCH=no fault_up clock
    # Restart pools and jobs with it, but not the servers.
    for name in feed lists account publish social chat transcode fold sweep; do kill -s KILL "$(pid_of "$name")"; done
    LD_PRELOAD=$FAKE up >/dev/null
}

setup() { [ -n "$FAKE" ] || skip "libfaketime is not installed"; }
teardown_file() { [ -z "$FAKE" ] || instance_down; }

moved_to() {
    echo "$1" >"$FAKETIME_TIMESTAMP_FILE"
    sleep 1.5
}

@test "the server survives a clock one day ahead, one day back and right again" {
    grep -q faketime "/proc/$(workers feed | head -n 1)/maps"
    under_load
    moved_to +1d
    assert_serving
    moved_to -1d
    assert_serving
    id=$(comment "$ann" "$video" "in time")
    is "$(sql "SELECT abs(created_at - now_ms()) < 60000 FROM comment WHERE id = $id")" t
    moved_to +0
    wait_recovered
    wait_ready "$(publish "$CHECK/clip.mp4" "$ann" in-time)"
    assert_consistent
    is "$(tallied refused) $(tallied unknown) $(tallied failed_reads)" "0 0 0"
}

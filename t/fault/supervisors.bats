# Killed supervisors, and the watchdog that restarts them.
# bats file_tags=slow
load ../lib/common
load ../lib/publish
load ../lib/fault

setup_file() { fault_up supervisors; }
teardown_file() { instance_down; }

@test "workers of killed supervisors serve until they are replaced" {
    under_load
    for name in feed lists account publish social chat transcode fold sweep; do kill -s KILL "$(pid_of "$name")"; done
    wait_recovered
    wait_for 5 "$T/../spawn/status"
    wait_recovered
    assert_consistent
    is "$(tallied refused) $(tallied unknown) $(tallied failed_reads)" "0 0 0"
}

@test "the standby takes over from a killed watchdog and restarts services" {
    first=$(pid_of watch)
    kill -s KILL "$first"
    wait_for 3 eval '[ "$(pid_of watch)" != "$first" ] && ! gone "$(pid_of watch)"'
    kill -s KILL "$(pid_of fold)"
    wait_for 5 "$T/../spawn/status"
    wait_for 5 eval '[ "$(pgrep -f "spawn/watchdog $DOUSHENG_HOME/" | wc -l)" = 2 ]'
}

@test "under systemd the watchdog is one process that exits with success after down" {
    "$T/../spawn/watchdog" stay </dev/null >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
    unit=$!
    wait_for 30 eval '[ "$(pid_of watch)" = "$unit" ] && "$T/../spawn/status"'
    kill -s KILL "$(pid_of fold)"
    wait_for 10 "$T/../spawn/status"
    # A forked child has its name until it calls exec().
    wait_for 5 eval 'is "$(pgrep -f "spawn/watchdog $DOUSHENG_HOME/")" "$(pid_of watch)"'
    is "$(grep -o '[a-z]* has died' "$BATS_TEST_TMPDIR/said")" "fold has died"
    down
    wait "$unit"
}

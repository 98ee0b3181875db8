# A power cut: all processes are killed at once, then up.
# bats file_tags=on-demand
load ../lib/common
load ../lib/publish
load ../lib/fault

setup_file() { fault_up all; }
teardown_file() { instance_down; }

@test "after a kill of everything and a restart no acknowledged write is lost" {
    under_load
    # shellcheck disable=SC2046
    kill -s KILL $(pgrep -f "spawn/watchdog $DOUSHENG_HOME/") $(find /proc/[0-9]*/cwd -lname "$DOUSHENG_HOME*" 2>/dev/null |
        cut -d/ -f3 | grep -vx $$)
    sleep 2
    is "$(find /proc/[0-9]*/cwd -lname "$DOUSHENG_HOME*" 2>/dev/null)" ""
    up
    wait_recovered
    assert_consistent
}

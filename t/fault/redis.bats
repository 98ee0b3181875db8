# Redis killed: requests succeed without it, and it is restarted.
# bats file_tags=slow
load ../lib/common
load ../lib/publish
load ../lib/fault

setup_file() { fault_up redis; }
teardown_file() { instance_down; }

@test "replies stay correct while Redis is killed repeatedly" {
    under_load
    for _ in 1 2 3; do
        before=$(pid_of redis)
        kill -s KILL "$before"
        wait_for 5 eval '[ "$(pid_of redis)" != "$before" ] && ! gone "$(pid_of redis)"'
        sleep 0.3
    done
    wait_recovered
    assert_consistent
    is "$(tallied refused) $(tallied unknown) $(tallied failed_reads)" "0 0 0"
}

# nginx killed: the master, and its workers.
# bats file_tags=on-demand
load ../lib/common
load ../lib/publish
load ../lib/fault

setup_file() { fault_up nginx; }
teardown_file() { instance_down; }

@test "service resumes after nginx's master and workers are killed" {
    under_load
    master=$(pid_of nginx)
    # shellcheck disable=SC2046
    kill -s KILL "$master" $(pgrep -P "$master")
    wait_recovered
    assert_consistent
}

@test "after nginx's master alone is killed a new one takes over the port" {
    under_load
    before=$(pid_of nginx)
    kill -s KILL "$before"
    wait_for 5 eval '[ "$(pid_of nginx)" != "$before" ]'
    wait_recovered
    assert_consistent
}

@test "service continues after a worker of nginx is killed" {
    under_load
    kill -s KILL "$(pgrep -P "$(pid_of nginx)" | head -n 1)"
    wait_recovered
    assert_consistent
}

# Stopped processes (SIGSTOP): others serve, and nobody waits for long.
# bats file_tags=on-demand
load ../lib/common
load ../lib/publish
load ../lib/fault

setup_file() { fault_up stopped; }
teardown_file() { instance_down; }

@test "service continues while a worker of each pool and of nginx is stopped for 30 s" {
    under_load
    stopped=$(for pool in feed lists account publish social chat; do workers "$pool" | head -n 1; done)
    # shellcheck disable=SC2086
    kill -s STOP $stopped
    wait_recovered
    # shellcheck disable=SC2086
    sleep 30 && kill -s CONT $stopped 2>/dev/null || true
    assert_consistent
}

@test "service continues while a supervisor is stopped for 10 s and its workers are killed" {
    under_load
    pid=$(pid_of social)
    kill -s STOP "$pid"
    workers social | xargs kill -s KILL
    wait_recovered
    assert_consistent 6500
}

# PostgreSQL killed, or its connections cut.
# bats file_tags=slow
load ../lib/common
load ../lib/publish
load ../lib/fault

setup_file() { fault_up postgres; }
teardown_file() { instance_down; }

@test "after a kill of the postmaster requests get 503 until it is restarted" {
    under_load
    kill -s KILL "$(pid_of postgres)"
    wait_recovered
    assert_consistent
}

@test "a stopped child of a killed postmaster is ended too" {
    like "$ann" "$video"
    child=$(sql "SELECT min(pid) FROM pg_stat_activity WHERE usename LIKE 'dousheng_%' AND pid <> pg_backend_pid()")
    kill -s STOP "$child"
    kill -s KILL "$(pid_of postgres)"
    wait_for 10 assert_serving
    gone "$child"
}

@test "service continues while all connections are cut repeatedly" {
    under_load
    for _ in {1..5}; do
        sql "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename LIKE 'dousheng%' AND pid <> pg_backend_pid()"
        sleep 0.3
    done
    wait_recovered
    assert_consistent
}

# PostgreSQL killed, or its connections cut.
load ../lib/common
load ../lib/publish
load ../lib/fault

setup_file() { fault_up postgres; }
teardown_file() { instance_down; }

@test "the postmaster killed: 503 meanwhile, and it comes back by itself" {
    under_load
    kill -s KILL "$(pid_of postgres)"
    back
    whole
}

@test "the postmaster killed while one of its children stands still: that one is ended, too" {
    like "$ann" "$video"
    child=$(sql "SELECT min(pid) FROM pg_stat_activity WHERE usename LIKE 'dousheng_%' AND pid <> pg_backend_pid()")
    kill -s STOP "$child"
    kill -s KILL "$(pid_of postgres)"
    wait_for 10 serves
    gone "$child"
}

@test "all connections cut, again and again" {
    under_load
    for _ in {1..5}; do
        sql "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename LIKE 'dousheng%' AND pid <> pg_backend_pid()"
        sleep 0.3
    done
    back
    whole
}

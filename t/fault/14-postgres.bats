# PostgreSQL killed, or its connections cut.
# bats file_tags=short
load ../lib
load ../publish
load fault

setup_file() { fault_up postgres; }
teardown_file() { instance_down; }

@test "the postmaster killed: 503 meanwhile, and it comes back by itself" {
    under_load
    kill -s KILL "$(pid_of postgres)"
    back
    whole
}

@test "all connections cut, again and again" {
    under_load
    for _ in {1..5}; do
        sql "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()"
        sleep 0.3
    done
    back
    whole
}

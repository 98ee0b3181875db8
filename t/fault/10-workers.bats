# Workers and jobs killed: their supervisors start others.
# bats file_tags=short
load ../lib
load ../publish
load fault

setup_file() { fault_up workers; }
teardown_file() { instance_down; }

@test "each worker and job killed, one after the other" {
    under_load
    for pid in $(workers feed account publish social chat transcode fold sweep); do
        kill -s KILL "$pid"
        sleep 0.1
    done
    back
    whole
}

@test "all workers and jobs killed at once" {
    under_load
    workers feed account publish social chat transcode fold sweep | xargs kill -s KILL
    back
    whole
}

# Killed workers and jobs: their supervisors restart them.
# bats file_tags=slow
load ../lib/common
load ../lib/publish
load ../lib/fault

setup_file() { fault_up workers; }
teardown_file() { instance_down; }

@test "service continues while each worker and job is killed in turn" {
    under_load
    for pid in $(workers feed lists account publish social chat transcode fold sweep); do
        kill -s KILL "$pid"
        sleep 0.1
    done
    wait_recovered
    assert_consistent
}

@test "service resumes after all workers and jobs are killed at once" {
    under_load
    workers feed lists account publish social chat transcode fold sweep | xargs kill -s KILL
    wait_recovered
    assert_consistent
}

@test "a missing program is retried once a second, and logged" {
    log=$DOUSHENG_HOME/log/supervisors.log
    mv "$DOUSHENG_HOME/app/bin/worker" "$BATS_TEST_TMPDIR/worker"
    : >"$log"
    workers social | head -n 1 | xargs kill -s KILL
    wait_for 10 grep -q 'bin/worker keeps exiting .* once a second' "$log"
    sleep 1
    [ "$(grep -c respawn "$log")" -lt 60 ] || is "$(grep -c respawn "$log") respawns" "one each second"
    mv "$BATS_TEST_TMPDIR/worker" "$DOUSHENG_HOME/app/bin/worker"
    wait_for 5 as_many
}

# Workers limited to 32 open files may be slower, but lose no request and do not spin.
# bats file_tags=on-demand
load ../lib/common
load ../lib/publish
load ../lib/fault

setup_file() { fault_up descriptors; }
teardown_file() { instance_down; }

# limit_workers N: sets the soft limit, as the workers' user, because root of a container may not.
limit_workers() {
    local pid as=()
    for pid in $(workers); do
        [ "$EUID" != 0 ] || as=(setpriv --reuid=dousheng --regid=dousheng --clear-groups)
        "${as[@]}" prlimit --pid "$pid" --nofile="$1:"
    done
}

# Prints the CPU time of all workers in hundredths of a second.
worked() { workers | xargs -I{} cat /proc/{}/stat | awk '{ n += $14 + $15 } END { print n + 0 }'; }

@test "the server works with 32 descriptors under a load of 100 clients" {
    files=$(awk '/^Max open files/ { print $4 }' "/proc/$(workers feed | head -n 1)/limits")
    limit_workers 32
    under_load faults 100
    sleep 4
    end_load
    is "$(tallied not_base_form)" 0
    is "$(tallied unknown)" 0
    before=$(worked)
    sleep 2
    [ $(($(worked) - before)) -le 40 ]
    limit_workers "$files"
    under_load
    wait_recovered
    assert_consistent
}

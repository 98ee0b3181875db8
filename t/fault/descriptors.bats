# Workers that may open 32 files only: slower, perhaps; no request is lost, and nothing spins.
# bats file_tags=on-demand
load ../lib/common
load ../lib/publish
load ../lib/fault

setup_file() { fault_up descriptors; }
teardown_file() { instance_down; }

# limit_workers N: the soft limit; the hard one stays.
# Root of a container may not do it; their own user may.
limit_workers() {
    local pid as=()
    for pid in $(workers); do
        [ "$EUID" != 0 ] || as=(setpriv --reuid=dousheng --regid=dousheng --clear-groups)
        "${as[@]}" prlimit --pid "$pid" --nofile="$1:"
    done
}

# Hundredths of a second of processor time of all workers.
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

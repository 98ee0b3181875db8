# Workers that may open 32 files only: slower, perhaps; no request is lost, and nothing spins.
load ../lib
load ../publish
load fault

setup_file() { fault_up descriptors; }
teardown_file() { instance_down; }

# limit_workers N: the soft limit; the hard one stays.
limit_workers() { workers | xargs -I{} prlimit --pid {} --nofile="$1:"; }

# Hundredths of a second of processor time of all workers.
worked() { workers | xargs -I{} cat /proc/{}/stat | awk '{ n += $14 + $15 } END { print n + 0 }'; }

@test "32 descriptors, under load of 100 clients" {
    files=$(prlimit --pid "$(workers feed | head -n 1)" --nofile --noheadings --raw --output SOFT)
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
    back_within 5
    whole
}

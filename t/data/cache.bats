# The cache under load while Redis is flushed, paused, stopped and killed.  make stress runs it longer;
# make test-lease-mutation shows that it detects missing leases.
# bats file_tags=slow
load ../lib/common

setup_file() {
    instance_up crash-cache
}

teardown_file() {
    instance_down
}

@test "under load readers see their own writes, nobody sees stale data, and all agrees with the facts" {
    cd "$T/.."
    timeout --foreground 600 "$OUT/stress/stress" 6 3>&-
}

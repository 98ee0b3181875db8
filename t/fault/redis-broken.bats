# A Redis that misbehaves: flushed, full, read-only, with foreign keys.  No reply changes and no request
# fails.
# bats file_tags=on-demand
load ../lib/common
load ../lib/publish
load ../lib/fault

setup_file() { fault_up redis-broken; }
teardown_file() { instance_down; }

redis() { "$REDIS_CLI" -s "$DOUSHENG_HOME/run/redis/redis.sock" "$@"; }

# no_failure: assert_consistent, and no request failed.
no_failure() {
    assert_consistent
    is "$(tallied refused) $(tallied unknown) $(tallied failed_reads)" "0 0 0"
}

# Cached replies about ann match the database, also right after a change.
true_card() {
    follow "$(login_new eve)" "$ann_id"
    for _ in {1..8}; do
        is "$(field .user.follower_count user user_id="$ann_id")" "$(sql "SELECT follower_count FROM account_now WHERE id = $ann_id")"
    done
}

@test "replies stay correct during ten FLUSHALLs" {
    under_load
    for _ in {1..10}; do redis flushall && sleep 0.1; done
    true_card
    wait_recovered
    no_failure
}

@test "replies stay correct while Redis is out of memory" {
    under_load
    redis config set maxmemory-policy noeviction
    redis config set maxmemory 1mb
    true_card
    sleep 1
    true_card
    redis config set maxmemory 64mb
    redis config set maxmemory-policy allkeys-lfu
    true_card
    wait_recovered
    no_failure
}

@test "copies that a read-only Redis cannot delete are not trusted" {
    true_card
    under_load
    redis replicaof 127.0.0.1 1
    true_card
    sleep 1
    true_card
    redis replicaof no one
    true_card
    wait_recovered
    no_failure
}

@test "replies stay correct with keys of other types" {
    under_load
    for key in $(redis --scan | head -n 300); do
        printf 'DEL %s\nLPUSH %s x\n' "$key" "$key"
    done | redis >/dev/null
    true_card
    sleep 0.5
    redis flushall # as its operator would
    true_card
    wait_recovered
    no_failure
}

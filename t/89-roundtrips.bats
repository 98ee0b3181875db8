# What a warm answer costs: round trips to Redis and PostgreSQL, by their own statistics.
load lib

setup_file() {
    instance_up roundtrips
    people alice bob
    follow "$alice" "$bob_id"
    video=$(publish_ready "$bob" warm)
    like "$alice" "$video"
    say "$bob" "$alice_id" hello
    seen=$(field '.message_list[-1].create_time' message/chat token="$alice" to_user_id="$bob_id")
    export video seen
    # Nobody but the workers asks from now on.
    wait_for 10 eval '[ "$(sql "SELECT count(*) FROM account_ledger")" = 0 ]'
    sleep 0.3
    for pid in $(workers fold transcode sweep); do kill -s STOP "$pid"; done
}

teardown_file() {
    for pid in $(workers fold transcode sweep); do kill -s CONT "$pid"; done
    instance_down
}

# How often Redis has read from a connection: a pipeline is one read.
reads() {
    sleep 0.1 # that whoever asked last is gone, which is a read too
    redis-cli -s "$DOUSHENG_HOME/run/redis/redis.sock" info stats |
        sed -n 's/^total_reads_processed:\([0-9]*\).*/\1/p'
}

# When a statement began last, in any session of ours.
last_statement() { sql "SELECT max(query_start) FROM pg_stat_activity WHERE application_name = 'dousheng'"; }

# warm METHOD PATH KEY=VALUE...: each worker of the pool is connected, and all is cached.
warm() {
    local query
    query=$(IFS='&' && printf '%s' "${*:3}")
    for _ in {1..80}; do printf 'url = "%s/douyin/%s/?%s"\noutput = /dev/null\n' "$(base)" "$2" "$query"; done |
        curl -sS --no-progress-meter --noproxy '*' -m 30 --parallel --parallel-max 16 -K -
}

# costs N METHOD PATH KEY=VALUE...: each of ten such requests takes N round trips to Redis, and none
# of them a statement.
costs() {
    local each=$1 before own statement
    shift
    warm "$@"
    statement=$(last_statement)
    before=$(reads)
    own=$(($(reads) - before)) # asking is a read too
    before=$(reads)
    for _ in {1..10}; do must api "$@"; done
    is "$(($(reads) - before - own))" $((10 * each))
    is "$(last_statement)" "$statement"
}

@test "a warm feed of somebody takes two round trips to Redis, and no statement" {
    costs 2 GET feed token="$alice"
    is "$(got ".video_list[] | select(.id == $video).is_favorite")" true
}

@test "the information about a user takes one" {
    costs 1 GET user token="$alice"
    costs 1 GET user token="$alice" user_id="$bob_id"
    is "$(got .user.is_follow)" true
}

@test "a poll of a chat with nothing new takes one" {
    costs 1 GET message/chat token="$alice" to_user_id="$bob_id" pre_msg_time="$seen"
    is "$(got .message_list)" "[]"
}

@test "a like takes two, and one statement, also right behind another like of the same user" {
    warm GET relation/follow/list token="$alice" # of the same pool
    must post favorite/action token="$alice" video_id="$video" action_type=2
    before=$(reads)
    own=$(($(reads) - before)) before=$(reads)
    for n in {1..10}; do must post favorite/action token="$alice" video_id="$video" action_type=$((1 + n % 2)); done
    # Who asks, and what it makes out of date.  A token that had to be looked up would cost three more.
    is "$(($(reads) - before - own))" 20
}

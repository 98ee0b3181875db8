# Round trips of warm requests to Redis and PostgreSQL, by the servers' own statistics.
load ../lib/common

setup_file() {
    instance_up roundtrips
    people alice bob cid
    # Cid likes and follows more than is cached whole.
    sql "INSERT INTO favorite (user_id, video_id) SELECT $cid_id, 1000000 + n FROM generate_series(1, 1500) n;
        INSERT INTO follow (user_id, to_user_id) SELECT $cid_id, 1000000 + n FROM generate_series(1, 1500) n"
    follow "$alice" "$bob_id"
    video=$(publish_ready "$bob" warm)
    like "$alice" "$video"
    say "$bob" "$alice_id" hello
    seen=$(field '.message_list[-1].create_time' message/chat token="$alice" to_user_id="$bob_id")
    export video seen
    # From now on only the workers use Redis and PostgreSQL.
    wait_for 10 eval '[ "$(sql "SELECT count(*) FROM account_ledger")" = 0 ]'
    sleep 0.3
    for pid in $(workers fold transcode sweep); do kill -s STOP "$pid"; done
}

teardown_file() {
    for pid in $(workers fold transcode sweep); do kill -s CONT "$pid"; done
    instance_down
}

# One connection for all queries, because connecting and disconnecting would be counted as reads.
setup() {
    coproc redis { "$REDIS_CLI" -s "$DOUSHENG_HOME/run/redis/redis.sock" 3>&-; }
    questions=${redis[1]} answers=${redis[0]}
}
teardown() { echo quit >&"$questions"; }

# Sets reads, how often Redis has read from a connection (a pipeline is one read), and connections,
# how many it has accepted.  Each call is two reads: the command, and the echo after its reply.
count_reads() {
    local line
    printf 'info stats\necho end\n' >&"$questions"
    while IFS=$' \r' read -r line <&"$answers" && [ "$line" != end ]; do
        case $line in
        total_reads_processed:*) reads=${line#*:} ;;
        total_connections_received:*) connections=${line#*:} ;;
        esac
    done
}

# reads_of COMMAND...: sets reads to those of the workers while it runs.  A worker that connects
# only now reads more than one that is warm: then the command is repeated.
reads_of() {
    local before connected
    for _ in {1..20}; do
        count_reads
        before=$reads connected=$connections
        "$@" || return
        count_reads
        reads=$((reads - before - 2))
        [ "$connections" != "$connected" ] || return 0
    done
    echo "workers connected during each of 20 runs"
    return 1
}

# The start of the last statement in any session of the workers.
last_statement() { sql "SELECT max(query_start) FROM pg_stat_activity WHERE application_name = 'dousheng'"; }

# warm METHOD PATH KEY=VALUE...: connects every worker of the pool and fills the cache.
warm() {
    local query
    query=$(IFS='&' && printf '%s' "${*:3}")
    for _ in {1..80}; do printf 'url = "%s/douyin/%s/?%s"\noutput = /dev/null\n' "$(base)" "$2" "$query"; done |
        curl -sS --no-progress-meter --noproxy '*' -m 30 --parallel --parallel-max 16 -K -
}

ten() { for _ in {1..10}; do must api "$@" || return; done; }

# costs N METHOD PATH KEY=VALUE...: each of ten such requests takes N round trips to Redis, and none
# of them a statement.
costs() {
    local each=$1
    shift
    warm "$@" || return
    reads_of ten_and_statements "$@" && is "$reads" $((10 * each)) && is "$statement_after" "$statement_before"
}
ten_and_statements() {
    statement_before=$(last_statement)
    ten "$@" && statement_after=$(last_statement)
}

@test "a warm personalized feed takes two Redis round trips and no statement" {
    costs 2 GET feed token="$alice"
    is "$(got ".video_list[] | select(.id == $video).is_favorite")" true
}

@test "a warm feed of a user with many likes and follows takes two Redis round trips" {
    like "$cid" "$video"
    costs 2 GET feed token="$cid"
    is "$(got ".video_list[] | select(.id == $video).is_favorite")" true
}

@test "user information takes one Redis round trip" {
    costs 1 GET user token="$alice"
    costs 1 GET user token="$alice" user_id="$bob_id"
    is "$(got .user.is_follow)" true
}

@test "a poll of a chat without news takes one Redis round trip" {
    costs 1 GET message/chat token="$alice" to_user_id="$bob_id" pre_msg_time="$seen"
    is "$(got .message_list)" "[]"
}

@test "a poll after one's own messages with a phone's time takes one Redis round trip" {
    for _ in 1 2; do
        say "$alice" "$bob_id" mine
        phone=$(($(now_ms) - 7))
        for _ in 1 2 3; do must get message/chat token="$alice" to_user_id="$bob_id" pre_msg_time="$phone"; done
        costs 1 GET message/chat token="$alice" to_user_id="$bob_id" pre_msg_time="$phone"
        is "$(got .message_list)" "[]"
    done
}

@test "a like takes two Redis round trips and one statement, also right after another" {
    warm GET relation/follow/list token="$alice" # of the same pool
    must post favorite/action token="$alice" video_id="$video" action_type=2
    # One for the viewer, one for the invalidation.  Looking up the token would cost three more.
    reads_of likes
    is "$reads" 20
}
likes() {
    local n
    for n in {1..10}; do must post favorite/action token="$alice" video_id="$video" action_type=$((1 + n % 2)) || return; done
}

# Redis holds copies only: stopped, hanging, flushed or restarted, it changes no reply.
# bats file_tags=slow
load ../lib/common

setup_file() {
    instance_up crash-redis
    people alice bob
    video=$(publish_ready "$alice" cached)
    export video
}

teardown_file() {
    instance_down
}

# Clean up after a failed test.
teardown() {
    [ -n "${BATS_TEST_COMPLETED:-}" ] || { kill -s CONT "$(pid_of redis)" && up; }
}

redis() { "$REDIS_CLI" -s "$DOUSHENG_HOME/run/redis/redis.sock" "$@"; }
card_key() { printf '%s:u:%s:card' "$(redis get "$(epoch_key)" | cut -d: -f1)" "$alice_id"; }
# The fold job may delete a copy again right after it was cached.
is_cached() { card && is "$(redis exists "$(card_key)")" 1; }
name_of() { field .user.name user user_id="$1"; }

# Every endpoint answers correctly.
all_answer() {
    local name token comment
    must get feed token="$alice"
    is "$(got ".video_list[] | select(.id == $video).author.id")" "$alice_id"
    name=$(unique carol)
    token=$(register "$name")
    must post user/login username="$name" password="$PASSWORD"
    is "$(field .user.name user token="$token")" "$name"
    must upload "$CHECK/clip.mp4" "$token" new
    is "$(field '.video_list | length' publish/list token="$token")" 1
    like "$token" "$video"
    is "$(field '.video_list[0].is_favorite' favorite/list token="$token")" true
    comment=$(comment "$token" "$video" hello)
    is "$(field '.comment_list[0].user.name' comment/list video_id="$video")" "$name"
    must post comment/action token="$token" video_id="$video" action_type=2 comment_id="$comment"
    followers=$(field .user.follower_count user user_id="$alice_id")
    follow "$token" "$alice_id"
    is "$(field .user.follower_count user user_id="$alice_id")" $((followers + 1))
    is "$(field '.user_list[0].id' relation/follow/list token="$token")" "$alice_id"
    is "$(field '.user_list[0].name' relation/follower/list user_id="$alice_id")" "$name"
    must get relation/friend/list token="$token"
    say "$token" "$alice_id" hi
    is "$(field '.message_list[0].content' message/chat token="$token" to_user_id="$alice_id")" hi
    unlike "$token" "$video"
}

# card prints alice's cached fields from replies, right_card from the database.
card() { field '.user | [.name, .follow_count, .follower_count, .total_favorited, .work_count, .favorite_count] | tojson' user user_id="$alice_id"; }
right_card() {
    sql "SELECT json_build_array(name, follow_count, follower_count, total_favorited, work_count, favorite_count)
        FROM account_now WHERE id = $alice_id" | jq -c .
}

# given_up EPOCH: this cache epoch has been replaced.
given_up() { [ "$(redis get "$(epoch_key)" | tr -d '\n')" != "$1" ] && is "$(redis ping)" PONG; }

right() { is "$(card)" "$(right_card)"; }
still_right() { for _ in {1..20}; do right || return; done; }

@test "Redis is actually used" {
    wait_for 5 is_cached
    is "$(redis config get maxmemory-policy | tail -n 1)" allkeys-lfu
}

@test "FLUSHALL at any moment changes no reply" {
    all_answer
    redis flushall
    all_answer
    (while redis flushall >/dev/null; do sleep 0.01; done) 3>&- &
    flusher=$!
    all_answer
    is "$(card)" "$(right_card)"
    kill "$flusher"
}

is_named() { is "$(name_of "$1")" "$2"; }

@test "changes that an operator makes by SQL are visible within a second" {
    is_named "$bob_id" "$(sql "SELECT name FROM account WHERE id = $bob_id")"
    name=$(unique renamed)
    sql "UPDATE account SET name = '$name', avatar = '/static/avatar-1.png' WHERE id = $bob_id"
    wait_for 1 is_named "$bob_id" "$name"
    people cid
    name_of "$cid_id" # caches the account
    sql "DELETE FROM account WHERE id = $cid_id"
    wait_for 1 expect_error ERR_USER_UNKNOWN user_id get user user_id="$cid_id"
}

@test "deleting a video in any way invalidates its cached comments" {
    gone=$(publish_ready "$alice" gone)
    comment "$alice" "$gone" hello >/dev/null
    wait_for 5 eval '[ "$(sql "SELECT count(*) FROM video_ledger")" = 0 ]'
    is "$(field '.comment_list[0].content' comment/list video_id="$gone")" hello
    sql "DELETE FROM video WHERE id = $gone"
    wait_for 2 expect_error ERR_VIDEO_UNKNOWN video_id get comment/list video_id="$gone"
}

@test "requests are answered while Redis hangs, and nothing is stale afterwards" {
    card # now it is cached
    epoch=$(redis get "$(epoch_key)")
    redis_pid=$(pid_of redis)
    kill -s STOP "$redis_pid"
    all_answer
    sql "UPDATE account SET name = '$(unique hung)' WHERE id = $alice_id"
    is "$(card)" "$(right_card)"
    kill -s CONT "$redis_pid"
    sleep 1
    wait_for 1 given_up "$epoch"
    still_right
    all_answer
}

@test "a write while Redis hangs is visible to all readers within a second after Redis resumes" {
    card
    kill -s STOP "$(pid_of redis)"
    result=0
    follow "$(login_new dora)" "$alice_id" || result=$?
    kill -s CONT "$(pid_of redis)"
    is "$result" 0
    wait_for 1 right
    still_right
}

# likes_of N: sends N writes to all workers concurrently.
likes_of() {
    local n
    for ((n = 0; n < $1; n++)); do
        printf 'favorite/action?token=%s&video_id=%s&action_type=%s\n' "$alice" "$video" $((1 + n % 2))
    done | flood 8
}

@test "while Redis hangs writes keep a tenth of their rate, and nobody reads stale data" {
    likes_of 50
    usual=$(now_ms)
    is "$(likes_of 400)" "400 0"
    usual=$(($(now_ms) - usual))
    wait_for 5 is_cached
    # Only the workers themselves repair their lost invalidations.
    fold=$(workers fold)
    kill -s STOP "$fold" "$(pid_of redis)"
    hung=$(now_ms)
    result=$(likes_of 400)
    follow "$bob" "$alice_id"
    hung=$(($(now_ms) - hung))
    kill -s CONT "$(pid_of redis)"
    for _ in {1..40}; do right || break; done
    kill -s CONT "$fold"
    right
    echo "400 writes took $usual ms, $hung ms while it hung"
    is "$result" "400 0"
    [ "$hung" -lt $((usual * 10)) ]
}

@test "commands that Redis rejects are logged and counted" {
    before=$(request GET /metrics >/dev/null && awk '/^dousheng_cache_refusals_total/ { n += $2 } END { print n }' <<<"$reply")
    redis acl setuser default -mget
    all_answer
    redis acl setuser default +mget
    grep -q 'Redis refuses .*NOPERM' "$DOUSHENG_HOME"/log/{feed,account,publish,social,chat}.log
    after=$(request GET /metrics >/dev/null && awk '/^dousheng_cache_refusals_total/ { n += $2 } END { print n }' <<<"$reply")
    [ "$after" -gt "$before" ]
    wait_for 5 is_cached
}

@test "a fold batch that waits longer than a request invalidates no copies" {
    wait_for 5 eval '[ "$(sql "SELECT count(*) FROM account_ledger")" = 0 ]'
    epoch=$(redis get "$(epoch_key)")
    lock_table account_ledger
    sleep 4
    unlock
    follow "$(login_new fay)" "$alice_id"
    wait_for 5 eval '[ "$(sql "SELECT count(*) FROM account_ledger")" = 0 ]'
    is "$(redis get "$(epoch_key)")" "$epoch"
    fails grep -h 'fold_accounts: ' "$DOUSHENG_HOME/log/fold.log"
}

@test "requests are answered without Redis, and nothing is stale after its restart" {
    card
    redis save
    epoch=$(redis get "$(epoch_key)")
    kill_server KILL redis
    all_answer
    sql "UPDATE account SET name = '$(unique away)' WHERE id = $alice_id"
    is "$(card)" "$(right_card)"
    # As an external server might, it restarts with its saved data.
    up
    is "$(redis ping)" PONG
    wait_for 1 given_up "$epoch"
    still_right
    all_answer
    wait_for 5 is_cached
}

@test "foreign values under our keys do no harm" {
    wait_for 5 is_cached
    key=$(card_key)
    redis del "$key"
    redis lpush "$key" no string
    must get user user_id="$alice_id"
    shape user_reply
    redis set "$(epoch_key)" short
    all_answer
    wait_for 5 is_cached
    redis del "$(epoch_key)"
    redis lpush "$(epoch_key)" no string
    all_answer
    wait_for 5 is_cached
    redis flushall
}

@test "a database number that Redis does not have is an error, not database 0" {
    port=$(free_port)
    "$REDIS_SERVER" --port "$port" --bind 127.0.0.1 --databases 2 --save '' >/dev/null 3>&- &
    wait_for 10 "$REDIS_CLI" -p "$port" ping
    for number in 9 1; do
        echo "redis_url = redis://127.0.0.1:$port/$number" >>"$DOUSHENG_HOME/dousheng.conf"
        up
        must get user user_id="$alice_id"
        must get user user_id="$alice_id"
        is "$("$REDIS_CLI" -p "$port" -n 0 dbsize)" 0
        sed -i '/^redis_url/d' "$DOUSHENG_HOME/dousheng.conf"
    done
    [ "$("$REDIS_CLI" -p "$port" -n 1 dbsize)" -ge 2 ]
    wait_for 2 grep -qh 'Redis refuses SELECT' "$DOUSHENG_HOME"/log/*.log
    kill $!
    up
}

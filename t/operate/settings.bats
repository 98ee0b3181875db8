# Settings that change replies.
load ../lib/common

setup_file() {
    instance_up settings message_policy=friends language=zh base_url=https://dousheng.example \
        default_signature="no words" token_days=1 postgres_memory_mb=48
    people alice bob
}

teardown_file() {
    instance_down
}

@test "message_policy=friends allows messages only between friends" {
    expect_error ERR_NOT_FRIENDS to_user_id post message/action token="$alice" to_user_id="$bob_id" action_type=1 content=x
    follow "$alice" "$bob_id"
    expect_error ERR_NOT_FRIENDS to_user_id post message/action token="$alice" to_user_id="$bob_id" action_type=1 content=x
    expect_error ERR_NOT_FRIENDS to_user_id post message/action token="$bob" to_user_id="$alice_id" action_type=1 content=x
    is "$(sql "SELECT count(*) FROM message")" 0
    follow "$bob" "$alice_id"
    say "$alice" "$bob_id" now
    is "$(field '.message_list[].content' message/chat token="$bob" to_user_id="$alice_id")" now
    unfollow "$bob" "$alice_id"
    expect_error ERR_NOT_FRIENDS to_user_id post message/action token="$alice" to_user_id="$bob_id" action_type=1 content=x
    expect_error ERR_USER_UNKNOWN to_user_id post message/action token="$alice" to_user_id=999999999 action_type=1 content=x
}

@test "language=zh applies to clients that request no language" {
    is "$(field .status_msg feed)" 成功
    is "$(field .status_msg user)" 缺少参数：user_id
    must request GET feed -H 'Accept-Language: en-US,en;q=0.9'
    is "$(got .status_msg)" success
    must request GET feed -H 'Accept-Language: fr, zh;q=0.1'
    is "$(got .status_msg)" 成功
    request GET /nowhere
    is "$(got .status_msg)" 路径不存在
}

@test "base_url is the prefix of all URLs" {
    must get user token="$alice"
    is "$(got .user.avatar | cut -d/ -f1-3)" https://dousheng.example
}

@test "default_signature is shown for users without a signature" {
    is "$(field .user.signature user token="$alice")" "no words"
    sql "UPDATE account SET signature = 'my words' WHERE id = $alice_id"
    wait_for 2 eval '[ "$(field .user.signature user token="$alice")" = "my words" ]'
}

@test "token_days sets the lifetime of tokens" {
    payload=$(cut -d. -f2 <<<"$alice" | tr _- /+)
    is "$(base64 -d <<<"$payload==" 2>/dev/null | jq '.exp - .iat')" 86400
}

# default_memory MB: prints PostgreSQL's memory on a machine with MB.
default_memory() {
    (
        # shellcheck source=spawn/lib.sh
        . "$T/../spawn/lib.sh"
        # shellcheck source=spawn/services.sh
        . "$T/../spawn/services.sh"
        most=$1
        setting() { echo 0; }
        machine_memory() { echo "$most"; }
        postgres_memory
    )
}

@test "postgres_memory_mb sets PostgreSQL's memory, by default an eighth of the machine's" {
    is "$(sql "SHOW shared_buffers")" 48MB
    is "$(default_memory 512) $(default_memory 8192) $(default_memory 262144)" "128 1024 4096"
}

@test "the environment overrides the settings file" {
    is "$("$BIN/worker" describe value token_days)" 1
    is "$(DOUSHENG_TOKEN_DAYS=3 "$BIN/worker" describe value token_days)" 3
}

@test "an invalid setting makes the start fail with a message" {
    for bad in token_days=0 token_days=x language=fr nonsense=1 upload_max_mb=-1; do
        mkdir -p "$BATS_TEST_TMPDIR/home"
        echo "${bad/=/ = }" >"$BATS_TEST_TMPDIR/home/dousheng.conf"
        DOUSHENG_HOME=$BATS_TEST_TMPDIR/home run "$BIN/worker" describe value token_days
        [ "$status" != 0 ]
        [[ $output == *"${bad%%=*}"* ]]
    done
}

@test "a setting of an earlier version is rejected with its new name" {
    mkdir -p "$BATS_TEST_TMPDIR/home"
    for pair in rate_api:rate_read rate_account:rate_register; do
        echo "${pair%:*} = 0" >"$BATS_TEST_TMPDIR/home/dousheng.conf"
        DOUSHENG_HOME=$BATS_TEST_TMPDIR/home run "$BIN/worker" describe value token_days
        [ "$status" != 0 ]
        [[ $output == *"${pair#*:}"* ]]
    done
}

@test "invalid addresses make the start fail with a message" {
    local value
    for value in redis_url=rediss://cache.example:6380 redis_url=http://cache.example redis_url=redis://::1 \
        redis_url=redis://:a%4@b base_url=dousheng.example base_url=https://dousheng.example/ \
        'base_url=https://a"b.example' 'base_url=https://a;b.example' 'base_url=https://a b.example'; do
        mkdir -p "$BATS_TEST_TMPDIR/home"
        printf '%s = %s\n' "${value%%=*}" "${value#*=}" >"$BATS_TEST_TMPDIR/home/dousheng.conf"
        DOUSHENG_HOME=$BATS_TEST_TMPDIR/home run "$BIN/worker" describe value base_url
        echo "$value: $output"
        [ "$status" = 1 ]
        [[ $output == *"dousheng.conf, line 1: ${value%%=*} "* ]]
    done
    [[ $value == *' b.'* ]]
}

@test "redis_url accepts a user, special characters and an IPv6 address" {
    port=$(free_port)
    mkdir "$BATS_TEST_TMPDIR/redis"
    cat >"$BATS_TEST_TMPDIR/redis/conf" <<-EOF
		bind ::1
		port $port
		dir $BATS_TEST_TMPDIR/redis
		user lin on >p@w:/%+ ~* &* +@all
		user default off
	EOF
    "$REDIS_SERVER" "$BATS_TEST_TMPDIR/redis/conf" >"$BATS_TEST_TMPDIR/redis/log" 2>&1 3>&- &
    server=$!
    ask() { REDISCLI_AUTH='p@w:/%+' "$REDIS_CLI" --user lin -h ::1 -p "$port" "$@"; }
    wait_for 5 eval '[ "$(ask ping)" = PONG ]'
    sed -i '/^redis_url/d' "$DOUSHENG_HOME/dousheng.conf"
    echo "redis_url = redis://lin:p%40w%3a%2F%25+@[::1]:$port/3" >>"$DOUSHENG_HOME/dousheng.conf"
    up
    must get user token="$alice"
    [ "$(ask -n 3 dbsize)" -gt 0 ]
    is "$(bash -c '. "$0/lib.sh" && find_worker && ask_redis ping' "$T/../spawn")" PONG
    sed -i '/^redis_url/d' "$DOUSHENG_HOME/dousheng.conf"
    up
    kill "$server"
}

# Chat.
load ../lib/common

setup_file() {
    instance_shared
    people alice bob carol
}

# chat TOKEN OTHER [KEY=VALUE...]: prints the contents of the messages.
chat() { field '.message_list[].content' message/chat token="$1" to_user_id="$2" "${@:3}"; }

@test "the conversation contains both sides, oldest first" {
    say "$alice" "$bob_id" one
    say "$bob" "$alice_id" two
    say "$alice" "$bob_id" three
    must get message/chat token="$alice" to_user_id="$bob_id"
    shape messages_reply
    is "$(got '.message_list[].content' | xargs)" "one two three"
    is "$(got '.message_list[] | "\(.from_user_id) \(.to_user_id)"' | xargs)" \
        "$alice_id $bob_id $bob_id $alice_id $alice_id $bob_id"
    is "$(got '[.message_list[].create_time] | . == unique')" true
    mine=$(got .message_list)
    must get message/chat token="$bob" to_user_id="$alice_id" pre_msg_time=0
    is "$(got .message_list)" "$mine"
    now=$(date +%s%3N)
    [ "$(got '.message_list[-1].create_time')" -gt $((now - 10000)) ]
}

@test "a poll returns only received messages that are strictly newer" {
    must get message/chat token="$bob" to_user_id="$alice_id"
    first=$(got '.message_list[0].create_time') last=$(got '.message_list[-1].create_time')
    is "$(chat "$bob" "$alice_id" pre_msg_time="$first")" three
    is "$(chat "$bob" "$alice_id" pre_msg_time="$last")" ""
    say "$bob" "$alice_id" own
    is "$(chat "$bob" "$alice_id" pre_msg_time="$last")" ""
    say "$alice" "$bob_id" four
    must get message/chat token="$bob" to_user_id="$alice_id" pre_msg_time="$last"
    shape messages_reply
    is "$(got '.message_list[].content')" four
    is "$(chat "$bob" "$alice_id" pre_msg_time="$(got '.message_list[-1].create_time')")" ""
}

@test "a pre_msg_time that is no message's time returns what was not delivered yet" {
    must get message/chat token="$alice" to_user_id="$bob_id"
    last=$(got '.message_list[-1].create_time')
    for time in $((last - 1)) $((last + 1)) 1000000000000 1 $(($(date +%s) - 3600)) "1.6e+09" "$(date +%s%3N)"; do
        is "$(chat "$alice" "$bob_id" pre_msg_time="$time")" ""
        say "$bob" "$alice_id" "news for $time"
        is "$(chat "$alice" "$bob_id" pre_msg_time="$time")" "news for $time"
        is "$(chat "$alice" "$bob_id" pre_msg_time="$time")" ""
    done
}

@test "a phone whose time equals that of its own message misses nothing" {
    must get message/chat token="$bob" to_user_id="$alice_id"
    say "$alice" "$bob_id" before
    say "$bob" "$alice_id" mine
    hit=$(sql "SELECT max(created_at) FROM message WHERE from_user_id = $bob_id")
    is "$(chat "$bob" "$alice_id" pre_msg_time="$hit")" before
    is "$(chat "$bob" "$alice_id" pre_msg_time="$hit")" ""
}

@test "a phone whose time equals that of a message delivered to another device misses nothing" {
    name=$(unique ella)
    one=$(register "$name")
    ella_id=$(id_of "$one")
    must post user/login username="$name" password="$PASSWORD"
    other=$(got .token)
    say "$alice" "$ella_id" begin
    for token in "$one" "$other"; do is "$(chat "$token" "$alice_id")" begin; done
    say "$alice" "$ella_id" first
    say "$alice" "$ella_id" second
    hit=$(sql "SELECT max(created_at) FROM message WHERE low_id = $alice_id AND high_id = $ella_id")
    is "$(chat "$one" "$alice_id" pre_msg_time="$(now_ms)" | xargs)" "first second"
    is "$(chat "$other" "$alice_id" pre_msg_time="$hit" | xargs)" "first second"
    is "$(chat "$other" "$alice_id" pre_msg_time="$hit")" ""
}

@test "each device gets all messages, as does a new login or an older token" {
    name=$(unique dora)
    first=$(register "$name")
    dora_id=$(id_of "$first")
    must post user/login username="$name" password="$PASSWORD"
    second=$(got .token)
    old=$(jwt '{"sub":"'"$dora_id"'","exp":'$(($(date +%s) + 3600))'}')
    say "$alice" "$dora_id" one
    for token in "$first" "$second" "$old"; do is "$(chat "$token" "$alice_id")" one; done
    say "$alice" "$dora_id" two
    is "$(chat "$first" "$alice_id" pre_msg_time="$(date +%s%3N)")" two
    is "$(chat "$second" "$alice_id" pre_msg_time="$(date +%s%3N)")" two
    say "$alice" "$dora_id" three
    is "$(chat "$old" "$alice_id" pre_msg_time="$(date +%s%3N)")" three
    must post user/login username="$name" password="$PASSWORD"
    is "$(chat "$(got .token)" "$alice_id" pre_msg_time="$(date +%s%3N)")" ""
    "$REDIS_CLI" -s "$DOUSHENG_HOME/run/redis/redis.sock" flushall
    is "$(chat "$second" "$alice_id" pre_msg_time="$(date +%s%3N)" | xargs)" three
    is "$(chat "$second" "$alice_id" pre_msg_time="$(date +%s%3N)")" ""
}

@test "the app loses and repeats no message, whatever its phone's clock says" {
    for offset in 0 1 2 400 -60000 3600000 -3600000; do
        people anna bert
        must post user/login username="$(sql "SELECT name FROM account WHERE id = $bert_id")" password="$PASSWORD"
        perl "$T/api/chat.pl" "$(base)" "$((2026 + (offset < 0 ? -offset : offset) % 1000))" "$offset" "$anna" "$anna_id" "$bert" "$bert_id" "$(got .token)"
    done
}

@test "delivery state is deleted when the device's token has expired" {
    gone=$((($(date +%s) - 8 * 86400) * 1048576))
    sql "INSERT INTO chat_device VALUES ($alice_id, 1, $gone, 1)"
    [ "$(sql "SELECT count(*) FROM chat_device WHERE user_id = $alice_id AND other_id = $bob_id")" -gt 0 ]
    kill -s KILL "$(workers sweep)" # it looks at its start
    wait_for 10 eval '[ "$(sql "SELECT count(*) FROM chat_device WHERE device = $gone")" = 0 ]'
    [ "$(sql "SELECT count(*) FROM chat_device WHERE user_id = $alice_id AND other_id = $bob_id")" -gt 0 ]
}

# Polls as a phone does whose clock is a day ahead and that sends its own times.
@test "a pre_msg_time in the future hides and repeats nothing" {
    must get message/chat token="$bob" to_user_id="$alice_id"
    future=$((($(date +%s) + 86400) * 1000))
    is "$(chat "$bob" "$alice_id" pre_msg_time=$future)" ""
    say "$alice" "$bob_id" ahead-1
    is "$(chat "$bob" "$alice_id" pre_msg_time=$future)" ahead-1
    is "$(chat "$bob" "$alice_id" pre_msg_time=$((future + 1000)))" ""
    say "$alice" "$bob_id" ahead-2
    say "$alice" "$bob_id" ahead-3
    is "$(chat "$bob" "$alice_id" pre_msg_time=$((future + 2000)) | xargs)" "ahead-2 ahead-3"
    is "$(chat "$bob" "$alice_id" pre_msg_time=$((future / 1000)))" ""
}

@test "an unknown conversation is empty, and conversations of others are unreadable" {
    must get message/chat token="$carol" to_user_id="$bob_id"
    shape messages_reply
    is "$(got .message_list)" "[]"
    is "$(chat "$carol" "$bob_id" pre_msg_time=1)" ""
}

@test "concurrent messages are neither lost nor reordered" {
    before=$(chat "$alice" "$bob_id" | wc -l)
    for i in {1..60}; do
        printf 'message/action?token=%s&to_user_id=%s&action_type=1&content=a%s\n' "$alice" "$bob_id" "$i"
        printf 'message/action?token=%s&to_user_id=%s&action_type=1&content=b%s\n' "$bob" "$alice_id" "$i"
    done >"$BATS_TEST_TMPDIR/all"
    must get message/chat token="$alice" to_user_id="$bob_id"
    since=$(got '.message_list[-1].create_time') received=
    flood 16 <"$BATS_TEST_TMPDIR/all" >"$BATS_TEST_TMPDIR/codes" &
    sender=$!
    # Meanwhile bob's app polls from the last time it knows.
    for ((round = 0, idle = 0; idle < 3 && round < 500; round++)); do
        get message/chat token="$bob" to_user_id="$alice_id" pre_msg_time="$since" >/dev/null
        list=$(got '.message_list[] | "\(.create_time) \(.content)"')
        if [ -n "$list" ]; then
            received+=$list$'\n' since=$(tail -n 1 <<<"$list" | cut -d' ' -f1) idle=0
        elif ! kill -0 "$sender" 2>/dev/null; then
            idle=$((idle + 1))
        fi
    done
    wait "$sender"
    is "$(cat "$BATS_TEST_TMPDIR/codes")" "120 0"
    is "$(cut -d' ' -f2 <<<"$received" | sort -V | xargs)" "$(echo a{1..60})"
    must get message/chat token="$alice" to_user_id="$bob_id"
    is "$(got '.message_list | length')" $((before + 120))
    is "$(got '[.message_list[].create_time] | . == unique')" true
    is "$(got '[.message_list[].id] | unique | length')" $((before + 120))
}

@test "messages are returned in the order in which they were sent" {
    people dora
    for i in {1..20}; do say "$dora" "$carol_id" "$i"; done
    is "$(chat "$carol" "$dora_id" | xargs)" "$(echo {1..20})"
}

@test "a page is counted from the end of the conversation" {
    must get message/chat token="$alice" to_user_id="$bob_id"
    all=$(got '[.message_list[].id] | tojson')
    must get message/chat token="$alice" to_user_id="$bob_id" count=5
    late=$(got '[.message_list[].id] | tojson')
    is "$late" "$(jq -c '.[-5:]' <<<"$all")"
    must get message/chat token="$alice" to_user_id="$bob_id" count=5 cursor="$(got .next_cursor)"
    is "$(got '[.message_list[].id] | tojson')" "$(jq -c '.[-10:-5]' <<<"$all")"
}

@test "a poll continues after the page that the last poll returned" {
    people erin frank
    for word in one two three; do say "$erin" "$frank_id" "$word"; done
    said=() cursor=0
    for _ in {1..3}; do
        must get message/chat token="$frank" to_user_id="$erin_id" pre_msg_time=1 count=1 cursor="$cursor"
        said+=("$(got '.message_list[0].content')")
        cursor=$(got .next_cursor)
    done
    is "${said[*]} $cursor" "one two three 0"
}

@test "the message length limit is 1,000 characters" {
    text=$(printf '信%.0s' {1..1000})
    say "$carol" "$alice_id" "$text"
    is "$(chat "$alice" "$carol_id")" "$text"
    expect_error ERR_PARAM_LENGTH content post message/action token="$carol" \
        to_user_id="$alice_id" action_type=1 content="$text."
}

@test "invalid messages store nothing" {
    before=$(facts)
    act() { post message/action token="$alice" "$@"; }
    expect_error ERR_MESSAGE_SELF to_user_id act to_user_id="$alice_id" action_type=1 content=x
    expect_error ERR_USER_UNKNOWN to_user_id act to_user_id=999999999 action_type=1 content=x
    expect_error ERR_PARAM_RANGE action_type act to_user_id="$bob_id" action_type=2 content=x
    expect_error ERR_PARAM_MISSING content act to_user_id="$bob_id" action_type=1
    expect_error ERR_PARAM_MISSING content act to_user_id="$bob_id" action_type=1 content=
    expect_error ERR_PARAM_MISSING to_user_id act action_type=1 content=x
    expect_error ERR_UNAUTHENTICATED token post message/action to_user_id="$bob_id" action_type=1 content=x
    expect_error ERR_UNAUTHENTICATED token get message/chat to_user_id="$bob_id"
    shape no_messages
    expect_error ERR_PARAM_MISSING to_user_id get message/chat token="$alice"
    shape no_messages
    is "$(facts)" "$before"
}

# Logs of workers and jobs, and their rotation.
load ../lib/common

setup_file() {
    instance_up logs log_level=debug slow_ms=1000 database_timeout_ms=20000
    people alice
}

teardown_file() {
    instance_down
}

log() { printf '%s/log/%s.log' "$DOUSHENG_HOME" "$1"; }

# asked GET|POST PATH [CURL-OPTION...]: sets line, the log line of this request in the log of POOL.
asked() {
    request "$@" -D "$BATS_TEST_TMPDIR/headers"
    id=$(tr -d '\r' <"$BATS_TEST_TMPDIR/headers" | sed -n 's/^X-Request-Id: //Ip')
    [[ $id =~ ^[0-9a-f]{32}$ ]]
    wait_for 3 grep -qE "\"message\":\"request\".*$id" "$(log "${POOL:-feed}")"
    line=$(grep -F "\"request_id\":\"$id\"" "$(log "${POOL:-feed}")" | grep -F '"message":"request"')
    echo "$line"
}

# has JQ: the filter is true for the line.
has() { jq -es "length == 1 and (.[0] | $1)" <<<"$line" >/dev/null || is "$line" "$1"; }

@test "the log line of a request names route, user, result and durations" {
    asked GET user -G -d "token=$alice"
    has '.level == "debug" and .program == "worker" and .message == "request" and .pid > 0'
    has '.method == "GET" and .route == "/douyin/user/" and .status == 200 and .code == 0'
    has ".viewer == $alice_id"
    has '(.time | test("^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$"))'
    has '.us >= .database_us + .cache_us and .cache_trips >= 1 and .cache_us > 0'
    has '(.steps | length) == .database_trips + .cache_trips and .steps[0].part == "cache"'
    wait_for 3 grep -qE " GET /douyin/user/ 200 .* $id\$" "$(log nginx-access)"
}

@test "failures, anonymous requests and unknown methods are logged" {
    POOL=lists asked GET comment/list
    has '.viewer == 0 and .status == 200 and .code == 1001 and .database_trips == 0'
    asked DELETE feed
    has '.status == 405 and .code == 405 and .method == "DELETE"'
}

# let_go_late TABLE: unlocks it a second after somebody waits for it.
let_go_late() {
    wait_for 10 waited_for "$1" && sleep 1.1
    unlock
}
waited_for() { [ "$(sql "SELECT count(*) FROM pg_locks WHERE relation = '$1'::regclass AND NOT granted AND pid IN
    (SELECT pid FROM pg_stat_activity WHERE query LIKE '%password%')")" != 0 ]; }

@test "a slow request is marked, with the durations of its statements" {
    lock_table account
    let_go_late account 3>&- &
    POOL=account asked POST user/login -d username=nobody -d password=x
    wait $!
    has '.level == "warn" and .slow == true and .us >= 1000000'
    has '[.steps[] | select(.part == "database" and .us > 0).name] == ["user_login"]'
    asked GET publish/limits
    has '.slow == null'
}

@test "a traceparent is continued; without a valid one the trace id is the request id" {
    trace=0af7651916cd43dd8448eb211c80319c span=00f067aa0ba902b7
    asked GET user -H "traceparent: 00-$trace-$span-01"
    has ".trace_id == \"$trace\" and .request_id == \"$id\" and .span_id != \"$span\""
    for bad in "ff-$trace-$span-01" "00-$trace-0000000000000000-01" "00-${trace^^}-$span-01" "00-$trace-$span-01-x"; do
        asked GET user -H "traceparent: $bad"
        has ".trace_id == \"$id\""
    done
    asked GET user
    has ".trace_id == \"$id\""
}

@test "transcode continues the trace of the upload" {
    trace=4bf92f3577b34da6a3ce929d0e0e4736
    must upload "$CHECK/clip.mp4" "$alice" traced -H "traceparent: 00-$trace-00f067aa0ba902b7-01"
    wait_for 30 grep -q "\"trace_id\":\"$trace\".*\"outcome\":\"ready\"" "$(log transcode)"
    line=$(grep "$trace" "$(log transcode)")
    has '[.steps[] | select(.part == "program").name] | sort | unique == ["ffmpeg", "ffprobe"]'
    has '.program_us > 0 and .us >= .program_us'
}

# chat: polls, four at a time, until the file stop exists; prints a line for each.
chat() {
    for _ in {1..100}; do
        printf 'url = "%s/douyin/message/chat/?token=%s&to_user_id=1"\noutput = /dev/null\n' "$(base)" "$alice"
    done >"$BATS_TEST_TMPDIR/urls"
    until [ -e "$BATS_TEST_TMPDIR/stop" ]; do
        curl -sS --no-progress-meter --noproxy '*' -Z --parallel-max 4 -w '%{http_code}\n' -K "$BATS_TEST_TMPDIR/urls"
    done
}

# logged LOG: prints the number of lines about chats in the log and its rotated files.
logged() { zcat -f "$(log "$1")"* | grep -c /message/chat/; }

# all_left: all writers have switched to the new logs; workers write to their stderr.
all_left() {
    local pid
    for pid in $(workers chat); do [ "$(readlink "/proc/$pid/fd/2")" = "$(log chat)" ] || return; done
    for pid in $(pgrep -P "$(pid_of nginx)"); do
        [ -z "$(find "/proc/$pid/fd" -lname "$(log nginx-access).1")" ] || return
    done
}

@test "rotation during requests loses no log line" {
    chat >"$BATS_TEST_TMPDIR/answers" 3>&- &
    for _ in 1 2; do
        wait_for 5 [ -s "$(log chat)" ]
        # The next rotation is a day later.
        wait_for 5 all_left
        logrotate -f -s "$BATS_TEST_TMPDIR/state" "$DOUSHENG_HOME/logrotate.conf"
    done
    wait_for 5 [ -s "$(log chat)" ]
    touch "$BATS_TEST_TMPDIR/stop"
    wait $!
    asked=$(grep -c 200 "$BATS_TEST_TMPDIR/answers")
    wait_for 3 eval '[ "$(logged chat)" = "$asked" ]' || is "$(logged chat)" "$asked"
    wait_for 3 eval '[ "$(logged nginx-access)" = "$asked" ]' || is "$(logged nginx-access)" "$asked"
    for file in "$(log chat)"{.1,.2.gz}; do [ -s "$file" ]; done
    is "$(stat -c %U:%a "$(log chat)")" "$(stat -c %U:%a "$(log chat).1")"
    is "$(find "$DOUSHENG_HOME/log/" -name 'nginx-access*' -perm /007)" ""
    # multiwatch appends to an existing log.
    kill -s TERM "$(workers chat | head -n 1)"
    wait_for 5 grep -q respawn "$(log supervisors)"
    is "$(find /proc/"$(pid_of chat)"/fd -lname '*.log.*')" ""
}

@test "log rotation works if the name of the source folder has shell and sed characters" {
    mkdir "$BATS_TEST_TMPDIR/a & b, \\c"
    cp -r "$T/../spawn" "$BATS_TEST_TMPDIR/a & b, \\c"
    # A fake that records that it was called.
    printf '#!/bin/sh\necho "$DOUSHENG_HOME" >"%s"\n' "$BATS_TEST_TMPDIR/called" >"$BATS_TEST_TMPDIR/a & b, \\c/spawn/reopen"
    bash -c '. "$0/spawn/lib.sh"; . "$0/spawn/install.sh"; install_logrotate' "$BATS_TEST_TMPDIR/a & b, \\c"
    cp "$DOUSHENG_HOME/logrotate.conf" "$BATS_TEST_TMPDIR/conf"
    bash -c '. "$0/spawn/lib.sh"; . "$0/spawn/install.sh"; install_logrotate' "$(realpath "$T/..")"
    echo told >>"$(log watch)"
    logrotate -f -s "$BATS_TEST_TMPDIR/state" "$BATS_TEST_TMPDIR/conf"
    is "$(cat "$BATS_TEST_TMPDIR/called")" "$DOUSHENG_HOME"
    is "$(zcat -f "$(log watch)"* | grep -c told)" 1
    [ ! -s "$(log watch)" ]
    "$T/../spawn/reopen"
}

@test "every log line is JSON, or text if so configured" {
    text=$(zcat -f "$DOUSHENG_HOME"/log/{feed,lists,account,publish,social,chat,transcode,fold,sweep}.log*)
    [ "$(wc -l <<<"$text")" -gt 100 ]
    is "$(jq -c 'select((.time and .level and .program and .pid and .message) | not)' <<<"$text")" ""
    DOUSHENG_LOG_FORMAT=text DATABASE_URL=host=/nowhere timeout 100 "$BIN/sweep" 2>"$BATS_TEST_TMPDIR/said" 3>&- &
    wait_for 5 grep -qE '^20[0-9T:.-]*Z warn sweep\[[0-9]+\] database: ' "$BATS_TEST_TMPDIR/said"
    kill $!
    fails grep '{' "$BATS_TEST_TMPDIR/said"
}

@test "a missing journal makes up fail with a message" {
    [ ! -S /run/systemd/journal/stdout ] || skip "there is one"
    echo "log_to = journal" >>"$DOUSHENG_HOME/dousheng.conf"
    run up
    [ "$status" != 0 ]
    [[ $output == *journal* ]]
}

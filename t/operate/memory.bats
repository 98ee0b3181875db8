# A worker's memory stays small, whatever the requests.
# bats file_tags=slow
load ../lib/common

setup_file() {
    instance_shared
    people alice bob
    video=$(publish_ready "$alice" small)
    export video
    sql "INSERT INTO comment (video_id, user_id, content)
        SELECT $video, $alice_id, repeat('字', 100) FROM generate_series(1, 1000)"
}

many() { wrk -t1 -c32 -d1s "$(base)/douyin/$1" | grep -E 'Requests/sec|Non-2xx'; }

# Thousands of requests to each pool, among them the largest and the most expensive.
work() {
    local i
    many "feed/?token=$alice"
    many "user/?token=$alice"
    many "message/chat/?token=$alice&to_user_id=$bob_id&pre_msg_time=1"
    many "relation/follow/list/?token=$alice"
    for i in {1..1000}; do
        echo "favorite/action?token=$bob&video_id=$video&action_type=$((i % 2 + 1))"
        echo "message/action?token=$alice&to_user_id=$bob_id&action_type=1&content=$i"
        echo "comment/action?token=$bob&video_id=$video&action_type=1&comment_text=$i"
    done | flood 16
    curl -sS -m 60 -o /dev/null "$(base)/douyin/comment/list/?video_id=$video&n=[1-20]" \
        "$(base)/douyin/message/chat/?token=$bob&to_user_id=$alice_id&n=[1-20]"
    for i in {1..4}; do register "$(unique size)" >/dev/null; done
    for i in {1..4}; do must upload "$CHECK/clip.mp4" "$bob" "$i"; done
}

# sizes: prints "PID kilobytes" of each worker, its private memory only.  Pages of programs and libraries
# are shared, and how many are mapped depends on the kernel's page cache.
sizes() {
    local pid
    for pid in $(workers); do
        printf '%s %s\n' "$pid" "$(awk '/^RssAnon:/ { print $2 }' "/proc/$pid/status")"
    done
}

# bats test_tags=release-only
@test "a worker's own memory stays under 4 MB and does not grow over ten thousand requests" {
    [ -z "$DEV" ] || skip "sanitizers need memory of their own"
    work
    sizes | sort >"$BATS_TEST_TMPDIR/first"
    work
    sizes | sort >"$BATS_TEST_TMPDIR/second"
    join "$BATS_TEST_TMPDIR"/{first,second}
    is "$(wc -l <"$BATS_TEST_TMPDIR/second")" "$(join "$BATS_TEST_TMPDIR"/{first,second} | wc -l)"
    is "$(awk '$2 >= 4096' "$BATS_TEST_TMPDIR/second")" ""
    is "$(join "$BATS_TEST_TMPDIR"/{first,second} | awk '$3 > $2 + 512')" ""
}

@test "a worker has few open files besides the connections of nginx" {
    kept=$((64 * $(pgrep -P "$(pid_of nginx)" | wc -l)))
    for pid in $(workers); do
        n=$(find "/proc/$pid/fd" -mindepth 1 | wc -l)
        [ "$n" -le $((kept + 12)) ] || is "$n" "$kept + 12"
    done
}

# The feed.
load ../lib/common

setup_file() {
    instance_shared
    people alice bob
    publish_ready "$alice" "in the feed"
    old_videos "$bob_id" 35
}

ready() { sql "SELECT $1 FROM video WHERE state = 'ready' ORDER BY published_at DESC $2"; }

@test "the feed has at most 30 videos, newest first" {
    must get feed
    shape feed_reply
    is "$(got '.video_list[].id')" "$(ready id 'LIMIT 30')"
}

@test "next_time pages through all videos once and then starts over" {
    must get feed
    ids=$(got '.video_list[].id')
    for _ in {1..20}; do
        must get feed latest_time="$(got .next_time)"
        shape feed_reply
        [ "$(got '.video_list | length')" -gt 0 ] || break
        ids+=$'\n'$(got '.video_list[].id')
    done
    is "$ids" "$(ready id)"
    is "$(got .video_list)" "[]"
    now=$(date +%s%3N) next=$(got .next_time)
    [ "$next" -gt $((now - 5000)) ]
    [ "$next" -le $((now + 1000)) ]
    is "$(field '.video_list | length' feed latest_time="$((next + 1000))")" 30
}

@test "next_time is the time of the oldest video shown and excludes it from the next page" {
    must get feed
    oldest=$(got '.video_list[-1].id') next=$(got .next_time)
    is "$(sql "SELECT published_at FROM video WHERE id = $oldest")" "$next"
    must get feed latest_time="$next"
    is "$(got "[.video_list[] | select(.id == $oldest)] | length")" 0
    must get feed latest_time=$((next + 1))
    is "$(got '.video_list[0].id')" "$oldest"
}

@test "a useless latest_time means now" {
    newest=$(ready id 'LIMIT 1')
    for value in "" 0 -5 abc 2006-01-02T15:04:05.999Z 9999999999999 4102444800 1e30 1e400 1.5 \
        99999999999999999999 "$(date +%s%3N)x" %00 🕒; do
        must get feed latest_time="$value"
        is "$value $(got '.video_list[0].id')" "$value $newest"
    done
}

@test "latest_time may be in seconds or a number with an exponent" {
    old=$(sql "INSERT INTO video (author_id, title, state, published_at)
        VALUES ($bob_id, 'ancient', 'ready', 1500000000000) RETURNING id")
    # Changes by SQL are visible once the ledger is folded.
    wait_for 5 eval '[ "$(field ".video_list[0].id" feed latest_time=1500000001)" = "$old" ]'
    is "$(field '.video_list' feed latest_time=1500000000)" "[]"
    is "$(field '.video_list[0].id' feed latest_time=1500000000001)" "$old"
    is "$(field '.video_list[0].id' feed latest_time=1.6e+12)" "$old"
    is "$(field '.video_list[0].id' feed latest_time=1.6e+09)" "$old"
    sql "DELETE FROM video WHERE id = $old"
}

@test "is_favorite and is_follow are the viewer's; an invalid token counts as no viewer" {
    video=$(ready id 'LIMIT 1')
    like "$alice" "$video"
    follow "$alice" "$bob_id"
    flags='.video_list[0] | "\(.is_favorite) \(.author.is_follow)"'
    is "$(field "$flags" feed token="$alice")" "true true"
    is "$(field "$flags" feed token="$bob")" "false false"
    is "$(field "$flags" feed)" "false false"
    is "$(field "$flags" feed token=broken)" "false false"
    unlike "$alice" "$video"
    unfollow "$alice" "$bob_id"
    is "$(field "$flags" feed token="$alice")" "false false"
}

@test "the feed shows only ready videos" {
    sql "INSERT INTO video (author_id, title, state, published_at)
        SELECT $bob_id, 'unseen', state, 9000000000000
        FROM unnest('{processing,failed}'::text[]) AS state"
    is "$(field '[.video_list[] | select(.title == "unseen")] | length' feed token="$bob")" 0
    sql "DELETE FROM video WHERE title = 'unseen'"
}

@test "an empty feed is an empty list" {
    must get feed latest_time=1
    shape feed_reply
    is "$(got .video_list)" "[]"
}

# pages: prints the titles "ahead ..." found by paging from the newest video to an empty page.
pages() {
    local at='' n
    for ((n = 0; n < 12; n++)); do
        must get feed ${at:+latest_time="$at"} >&2 || return
        [ "$(got '.video_list | length')" != 0 ] || return 0
        got '.video_list[] | select(.title | startswith("ahead ")) | .title'
        at=$(got .next_time)
    done
    return 1
}

# A server whose clock was fast has stored publication times in the future.
@test "paging passes videos whose publication time is in the future" {
    sql "INSERT INTO video (author_id, title, state, published_at)
        SELECT $bob_id, 'ahead ' || n, 'ready', now_ms() + 3600000 + n FROM generate_series(1, 95) n"
    wait_for 5 eval '[ "$(field ".video_list[0].title" feed)" = "ahead 95" ]'
    is "$(pages | xargs)" "$(seq -f 'ahead %g' 95 -1 1 | xargs)"
    # A phone's time means now, also if it lies among those times.
    for ahead in 0 60000 3600000 7200000; do
        is "$(field '.video_list[0].title' feed latest_time=$(($(date +%s%3N) + ahead)))" \
            "$([ $ahead = 0 ] && sql "SELECT title FROM video WHERE state = 'ready' AND published_at < now_ms() ORDER BY published_at DESC LIMIT 1" || echo ahead 95)"
    done
    must get feed latest_time=1
    [ "$(got .next_time)" -gt "$(sql 'SELECT max(published_at) FROM video')" ]
    sql "DELETE FROM video WHERE title LIKE 'ahead %'"
    wait_for 5 eval '[[ $(field ".video_list[0].title" feed) != ahead* ]]'
}

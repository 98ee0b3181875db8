# Counters are exact at every moment, under any concurrency, folded or not.
load ../lib/common

setup_file() {
    instance_shared
    people author
    video=$(publish_ready "$author" counted)
    # 40 users with their tokens, one per line.
    for id in $(crowd 40); do
        printf '%s %s\n' "$id" "$(token_of "$id")"
    done >"$BATS_FILE_TMPDIR/crowd"
    export video
}

teardown() {
    thaw
}

# Ledgers grow while the fold job is stopped.
freeze() { for pid in $(workers fold); do kill -s STOP "$pid"; done; }
thaw() { for pid in $(workers fold); do kill -s CONT "$pid"; done; }
folded() { [ "$(sql 'SELECT (SELECT count(*) FROM account_ledger) + (SELECT count(*) FROM video_ledger)')" = 0 ]; }

# each_one LINE: prints LINE for each user, with ID and TOKEN filled in.
each_one() {
    while read -r id token; do
        sed "s/ID/$id/g; s/TOKEN/$token/g" <<<"$1"
    done <"$BATS_FILE_TMPDIR/crowd"
}

# storm: sends the requests of its input in random order, and checks for drift meanwhile.
storm() {
    local looks=0 sender
    shuf >"$BATS_TEST_TMPDIR/lines"
    flood 32 <"$BATS_TEST_TMPDIR/lines" >"$BATS_TEST_TMPDIR/codes" &
    sender=$!
    while kill -0 "$sender" 2>/dev/null || [ "$looks" -lt 3 ]; do
        is "$(drift)" "" || return
        looks=$((looks + 1))
    done
    wait "$sender"
    is "$(cat "$BATS_TEST_TMPDIR/codes")" "$(wc -l <"$BATS_TEST_TMPDIR/lines") 0"
}

# api_says: prints the counters of the video and its author in replies.
api_says() {
    must get publish/list user_id="$author_id"
    got ".video_list[] | select(.id == $video) | \"\(.favorite_count) \(.comment_count) \(.author.total_favorited)\""
}

@test "concurrent and repeated likes and unlikes of one video are counted exactly" {
    {
        each_one "favorite/action?token=TOKEN&video_id=$video&action_type=1"
        each_one "favorite/action?token=TOKEN&video_id=$video&action_type=1"
        each_one "favorite/action?token=TOKEN&video_id=$video&action_type=2"
    } | storm
    n=$(sql "SELECT count(*) FROM favorite WHERE video_id = $video")
    api_says
    is "$(api_says | tail -n 1)" "$n 0 $n"
    each_one "favorite/action?token=TOKEN&video_id=$video&action_type=1" | storm
    is "$(api_says | tail -n 1)" "40 0 40"
    wait_for 10 folded
    is "$(drift)" ""
    is "$(api_says | tail -n 1)" "40 0 40"
    is "$(sql "SELECT favorite_count FROM video WHERE id = $video")" 40
    is "$(sql "SELECT total_favorited FROM account WHERE id = $author_id")" 40
}

@test "counters are exact while the fold job is stopped" {
    freeze
    each_one "favorite/action?token=TOKEN&video_id=$video&action_type=2" | storm
    is "$(api_says | tail -n 1)" "0 0 0"
    is "$(sql "SELECT favorite_count FROM video WHERE id = $video")" 40
    is "$(sql "SELECT count(*) FROM video_ledger WHERE video_id = $video")" 40
    thaw
    wait_for 10 folded
    is "$(api_says | tail -n 1)" "0 0 0"
    is "$(sql "SELECT favorite_count FROM video WHERE id = $video")" 0
}

@test "users read their own writes, folded or not" {
    people eve
    freeze
    card() { field '.user | "\(.follow_count) \(.work_count) \(.favorite_count)"' user token="$eve"; }
    others() { field '.user | "\(.follower_count) \(.total_favorited)"' user user_id="$author_id"; }
    is "$(card), $(others)" "0 0 0, 0 0" # now they are cached
    like "$eve" "$video"
    is "$(card), $(others)" "0 0 1, 0 1"
    follow "$eve" "$author_id"
    is "$(card), $(others)" "1 0 1, 1 1"
    must upload "$CHECK/clip.mp4" "$eve" new
    is "$(card), $(others)" "1 1 1, 1 1"
    unlike "$eve" "$video"
    unfollow "$eve" "$author_id"
    is "$(card), $(others)" "0 1 0, 0 0"
}

@test "the same like sent concurrently counts once" {
    read -r id token <"$BATS_FILE_TMPDIR/crowd"
    for _ in {1..60}; do echo "favorite/action?token=$token&video_id=$video&action_type=1"; done | storm
    is "$(api_says | tail -n 1)" "1 0 1"
    for _ in {1..60}; do echo "favorite/action?token=$token&video_id=$video&action_type=2"; done | storm
    is "$(api_says | tail -n 1)" "0 0 0"
    is "$(field .user.favorite_count user user_id="$id")" 0
}

@test "concurrent follows by one user and of one user are counted exactly" {
    {
        each_one "relation/action?token=TOKEN&to_user_id=$author_id&action_type=1"
        each_one "relation/action?token=TOKEN&to_user_id=$author_id&action_type=2"
        each_one "relation/action?token=TOKEN&to_user_id=$author_id&action_type=1"
        each_one "relation/action?token=$author&to_user_id=ID&action_type=1"
    } | storm
    is "$(field .user.follow_count user user_id="$author_id")" 40
    is "$(field .user.follower_count user user_id="$author_id")" \
        "$(sql "SELECT count(*) FROM follow WHERE to_user_id = $author_id")"
    each_one "relation/action?token=TOKEN&to_user_id=$author_id&action_type=1" | storm
    is "$(field '.user | "\(.follow_count) \(.follower_count)"' user user_id="$author_id")" "40 40"
    wait_for 10 folded
    is "$(drift)" ""
    is "$(field '.user | "\(.follow_count) \(.follower_count)"' user user_id="$author_id")" "40 40"
}

@test "comments, and concurrent deletions of one, are counted exactly" {
    each_one "comment/action?token=TOKEN&video_id=$video&action_type=1&comment_text=x" | storm
    is "$(api_says | tail -n 1)" "0 40 0"
    sql "SELECT user_id, id FROM comment WHERE video_id = $video AND deleted_at IS NULL" |
        tr '|' ' ' | sort >"$BATS_TEST_TMPDIR/comments"
    join <(sort "$BATS_FILE_TMPDIR/crowd") "$BATS_TEST_TMPDIR/comments" >"$BATS_TEST_TMPDIR/all"
    is "$(wc -l <"$BATS_TEST_TMPDIR/all")" 40
    while read -r _ token comment; do
        for _ in 1 2; do
            echo "comment/action?token=$token&video_id=$video&action_type=2&comment_id=$comment"
        done
    done <"$BATS_TEST_TMPDIR/all" | flood 32 >"$BATS_TEST_TMPDIR/codes"
    is "$(sort -n "$BATS_TEST_TMPDIR/codes")" "40 0"$'\n'"40 1203"
    is "$(api_says | tail -n 1)" "0 0 0"
    wait_for 10 folded
    is "$(api_says | tail -n 1)" "0 0 0"
}

@test "killing the fold job loses and doubles nothing" {
    each_one "favorite/action?token=TOKEN&video_id=$video&action_type=1" | flood 32 &
    for _ in {1..10}; do
        kill -s KILL "$(workers fold | head -n 1)" || true
        sleep 0.1
        is "$(drift)" ""
    done
    wait $!
    wait_for 15 folded
    is "$(drift)" ""
    is "$(api_says | tail -n 1)" "40 0 40"
}

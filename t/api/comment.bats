# Comments.
load ../lib/common

setup_file() {
    instance_shared
    people alice bob
    video=$(publish_ready "$alice" commented)
    export video
}

count() { field ".video_list[] | select(.id == $video).comment_count" publish/list user_id="$alice_id"; }
delete() { post comment/action token="$1" video_id="$video" action_type=2 comment_id="$2"; }

@test "posting a comment returns it" {
    day=$(date +%m-%d)
    must post comment/action token="$bob" video_id="$video" action_type=1 comment_text="well done"
    shape comment_reply
    is "$(got '.comment | "\(.content) \(.user.id)"')" "well done $bob_id"
    [[ " $day $(date +%m-%d) " == *" $(got .comment.create_date) "* ]]
    is "$(count)" 1
    id=$(got .comment.id)
    must delete "$bob" "$id"
    is "$(count)" 0
}

@test "comments are listed newest first, with is_follow as the viewer sees it" {
    first=$(comment "$alice" "$video" one) second=$(comment "$bob" "$video" two)
    must get comment/list video_id="$video"
    shape comments_reply
    is "$(got '.comment_list[] | "\(.id) \(.content)"')" "$second two"$'\n'"$first one"
    follow "$alice" "$bob_id"
    is "$(field '[.comment_list[].user.is_follow]|tojson' comment/list video_id="$video" token="$alice")" "[true,false]"
    is "$(field '[.comment_list[].user.is_follow]|tojson' comment/list video_id="$video" token="$bob")" "[false,false]"
    unfollow "$alice" "$bob_id"
    is "$(count)" 2
    must delete "$alice" "$first"
    must delete "$bob" "$second"
    is "$(field .comment_list comment/list video_id="$video")" "[]"
}

@test "deleting a comment removes it from replies and keeps its row" {
    id=$(comment "$bob" "$video" regret)
    must delete "$bob" "$id"
    is "$(got 'has("comment")')" false
    is "$(sql "SELECT content, deleted_at > created_at - 1 FROM comment WHERE id = $id")" "regret|t"
    expect_error ERR_COMMENT_UNKNOWN comment_id delete "$bob" "$id"
    is "$(count)" 0
}

@test "only its author can delete a comment, not even the video's author" {
    id=$(comment "$bob" "$video" mine)
    expect_error ERR_NOT_COMMENT_AUTHOR comment_id delete "$alice" "$id"
    is "$(count)" 1
    must delete "$bob" "$id"
}

@test "a comment can only be deleted under its own video" {
    id=$(comment "$bob" "$video" here)
    other=$(old_videos "$alice_id" 1)
    expect_error ERR_COMMENT_UNKNOWN comment_id post comment/action token="$bob" video_id="$other" \
        action_type=2 comment_id="$id"
    is "$(count)" 1
    must delete "$bob" "$id"
}

@test "lists are paged by count and cursor" {
    for i in 1 2 3 4 5; do comment "$bob" "$video" "$i"; done
    must get comment/list video_id="$video" count=2
    is "$(got '.comment_list[].content' | xargs)" "5 4"
    must get comment/list video_id="$video" count=2 cursor="$(got .next_cursor)"
    is "$(got '.comment_list[].content' | xargs)" "3 2"
    must get comment/list video_id="$video" count=2 cursor="$(got .next_cursor)"
    is "$(got '.comment_list[].content' | xargs)" 1
    is "$(got .next_cursor)" 0
    must get comment/list video_id="$video" count=5
    is "$(got .next_cursor)" 0
}

@test "a page of long comments is limited by bytes, and next_cursor continues after it" {
    long=$(old_videos "$alice_id" 1)
    sql "INSERT INTO comment (video_id, user_id, content) SELECT $long, $bob_id, n || repeat('😀', 490) FROM generate_series(1, 1000) n"
    cursor=0 pages=0
    : >"$BATS_TEST_TMPDIR/seen"
    while :; do
        must get comment/list video_id="$long" count=1000 cursor="$cursor" >/dev/null
        [ "$(wc -c <<<"$reply")" -lt 540000 ] && [ "$(got '.comment_list | length')" -gt 0 ]
        got '.comment_list[].content' | tr -d '😀' >>"$BATS_TEST_TMPDIR/seen"
        pages=$((pages + 1)) cursor=$(got .next_cursor)
        [ "$cursor" != 0 ] || break
    done
    is "$pages" 5
    is "$(cat "$BATS_TEST_TMPDIR/seen")" "$(seq 1000 -1 1)"
    must post publish/delete token="$alice" video_id="$long"
}

@test "the comment length limit is 500 characters" {
    text=$(printf '😀%.0s' {1..500})
    id=$(comment "$bob" "$video" "$text")
    is "$(field '.comment_list[0].content' comment/list video_id="$video")" "$text"
    must delete "$bob" "$id"
    expect_error ERR_PARAM_LENGTH comment_text post comment/action token="$bob" video_id="$video" \
        action_type=1 comment_text="$text."
}

@test "invalid comments store nothing" {
    id=$(comment "$bob" "$video" stays)
    before=$(facts)
    act() { post comment/action token="$bob" "$@"; }
    expect_error ERR_PARAM_MISSING comment_text act video_id="$video" action_type=1
    expect_error ERR_PARAM_MISSING comment_text act video_id="$video" action_type=1 comment_text=
    expect_error ERR_PARAM_MISSING comment_id act video_id="$video" action_type=2
    expect_error ERR_COMMENT_UNKNOWN comment_id act video_id="$video" action_type=2 comment_id=999999999
    expect_error ERR_PARAM_RANGE action_type act video_id="$video" action_type=3 comment_text=x
    expect_error ERR_VIDEO_UNKNOWN video_id act video_id=999999999 action_type=1 comment_text=x
    expect_error ERR_UNAUTHENTICATED token post comment/action video_id="$video" action_type=1 comment_text=x
    expect_error ERR_VIDEO_UNKNOWN video_id get comment/list video_id=999999999
    shape no_comments
    expect_error ERR_PARAM_MISSING video_id get comment/list
    is "$(facts)" "$before"
}

@test "deleting a video deletes its comments, including the withdrawn ones" {
    gone=$(old_videos "$alice_id" 1)
    comment "$bob" "$gone" stays
    must post comment/action token="$bob" video_id="$gone" action_type=2 \
        comment_id="$(comment "$bob" "$gone" back)"
    is "$(sql "SELECT count(*) FROM comment WHERE video_id = $gone")" 2
    must post publish/delete token="$alice" video_id="$gone"
    wait_for 5 eval 'is "$(sql "SELECT count(*) FROM comment WHERE video_id = $gone")" 0'
}

@test "only its author can like, comment on and view a video while it is processed" {
    for state in processing failed; do
        own=$(sql "INSERT INTO video (author_id, title, state) VALUES ($alice_id, 'early', '$state') RETURNING id")
        drift=$(drift) # which what was written by hand has left
        like "$alice" "$own"
        early=$(comment "$alice" "$own" first)
        is "$(field '.comment_list[].content' comment/list token="$alice" video_id="$own")" first
        own='select(.id == '"$own"') | "\(.favorite_count) \(.comment_count) \(.is_favorite)"'
        is "$(field ".video_list[] | $own" publish/list token="$alice" count=1)" "1 1 true"
        own=$(sql "SELECT max(id) FROM video")
        for token in "$bob" ""; do
            expect_error ERR_VIDEO_UNKNOWN video_id get comment/list token="$token" video_id="$own"
        done
        expect_error ERR_VIDEO_UNKNOWN video_id post favorite/action token="$bob" video_id="$own" action_type=1
        expect_error ERR_VIDEO_UNKNOWN video_id post comment/action token="$bob" video_id="$own" action_type=1 comment_text=x
        must post comment/action token="$alice" video_id="$own" action_type=2 comment_id="$early"
        unlike "$alice" "$own"
        is "$(field .comment_list comment/list token="$alice" video_id="$own")" "[]"
        is "$(drift)" "$drift"
        sql "DELETE FROM video WHERE id = $own"
    done
}

# Likes.
load ../lib/common

setup_file() {
    instance_shared
    people alice bob
    video=$(publish_ready "$alice" liked)
    export video
}

# seen_by TOKEN: prints favorite_count and is_favorite of the video.
seen_by() {
    field ".video_list[] | select(.id == $video) | \"\(.favorite_count) \(.is_favorite)\"" \
        publish/list user_id="$alice_id" token="$1"
}

@test "a like counts for the video, its author and the user who likes" {
    like "$bob" "$video"
    is "$(seen_by "$bob")" "1 true"
    is "$(seen_by "$alice")" "1 false"
    is "$(field .user.total_favorited user user_id="$alice_id")" 1
    is "$(field .user.favorite_count user token="$bob")" 1
    unlike "$bob" "$video"
    is "$(seen_by "$bob")" "0 false"
    is "$(field .user.total_favorited user user_id="$alice_id")" 0
    is "$(field .user.favorite_count user token="$bob")" 0
}

@test "liking twice counts once" {
    like "$bob" "$video"
    like "$bob" "$video"
    is "$(seen_by "$bob")" "1 true"
    unlike "$bob" "$video"
    unlike "$bob" "$video"
    is "$(seen_by "$bob")" "0 false"
    is "$(sql "SELECT count(*) FROM favorite WHERE video_id = $video")" 0
}

@test "users may like their own videos" {
    like "$alice" "$video"
    is "$(seen_by "$alice")" "1 true"
    is "$(field '.user | "\(.total_favorited) \(.favorite_count)"' user token="$alice")" "1 1"
    unlike "$alice" "$video"
}

@test "likes are listed newest first, with flags as the viewer sees them" {
    mapfile -t old < <(old_videos "$alice_id" 3)
    for v in "$video" "${old[@]}"; do like "$bob" "$v"; done
    must get favorite/list token="$bob"
    shape videos_reply
    is "$(got '.video_list[].id' | xargs)" "${old[2]} ${old[1]} ${old[0]} $video"
    is "$(got 'all(.video_list[]; .is_favorite)')" true
    unlike "$bob" "$video"
    like "$bob" "$video"
    is "$(field '.video_list[0].id' favorite/list token="$bob")" "$video"
    must get favorite/list user_id="$bob_id" token="$alice"
    is "$(got '.video_list | length')" 4
    is "$(got 'any(.video_list[]; .is_favorite)')" false
    must get favorite/list user_id="$bob_id"
    is "$(got '.video_list | length')" 4

    must get favorite/list token="$bob" count=3
    is "$(got '.video_list[].id' | xargs)" "$video ${old[2]} ${old[1]}"
    must get favorite/list token="$bob" count=3 cursor="$(got .next_cursor)"
    is "$(got '.video_list[].id' | xargs)" "${old[0]}"
    is "$(got .next_cursor)" 0
}

@test "a video that is no longer ready is missing from the list of likes" {
    like "$bob" "$video"
    is "$(field ".video_list[] | select(.id == $video) | .author.id" favorite/list token="$bob")" "$alice_id"
    sql "UPDATE video SET state = 'failed' WHERE id = $video"
    wait_for 5 eval '[ "$(field "[.video_list[] | select(.id == $video)] | length" favorite/list token="$bob")" = 0 ]'
    is "$(field "[.video_list[] | select(.id == $video)] | length" publish/list token="$alice")" 1
    sql "UPDATE video SET state = 'ready' WHERE id = $video"
    wait_for 5 eval '[ "$(field "[.video_list[] | select(.id == $video)] | length" favorite/list token="$bob")" = 1 ]'
    unlike "$bob" "$video"
}

@test "a user without likes has an empty list" {
    must get favorite/list token="$(login_new carol)"
    shape videos_reply
    is "$(got .video_list)" "[]"
    assert_empty_without_login favorite/list videos_reply .video_list
}

@test "invalid likes store nothing" {
    before=$(facts)
    expect_error ERR_VIDEO_UNKNOWN video_id post favorite/action token="$bob" video_id=999999999 action_type=1
    expect_error ERR_VIDEO_UNKNOWN video_id post favorite/action token="$bob" video_id=999999999 action_type=2
    expect_error ERR_PARAM_RANGE action_type post favorite/action token="$bob" video_id="$video" action_type=3
    expect_error ERR_PARAM_RANGE action_type post favorite/action token="$bob" video_id="$video" action_type=0
    expect_error ERR_UNAUTHENTICATED token post favorite/action video_id="$video" action_type=1
    expect_error ERR_UNAUTHENTICATED token post favorite/action token=broken video_id="$video" action_type=1
    is "$(facts)" "$before"
}

# liked VIDEO: prints is_favorite in the feed, asked twice: from PostgreSQL and from the cache.
liked() {
    local twice
    "$REDIS_CLI" -s "$DOUSHENG_HOME/run/redis/redis.sock" flushall >/dev/null
    twice=$(for _ in 1 2; do field ".video_list[] | select(.id == $1).is_favorite" feed token="$cid"; done | sort -u)
    printf '%s' "$twice"
}

@test "is_favorite is correct for few likes, for distant ids, and for more likes than are cached whole" {
    people cid
    # Two ids above 2^40 and a small one.
    far=(1099511627780 1099511627781)
    sql "INSERT INTO video (id, author_id, title, state, play_file, cover_file, published_at)
        SELECT id, $bob_id, 'far', 'ready', '00/none.mp4', '00/none.jpg', now_ms() + id - ${far[0]}
        FROM unnest(ARRAY[${far[0]}, ${far[1]}]) id"
    is "$(liked "$video") $(liked "${far[0]}")" "false false"
    sql "INSERT INTO favorite (user_id, video_id) SELECT $cid_id, (2::bigint ^ n)::bigint + 1 FROM generate_series(20, 40) n"
    like "$cid" "$video"
    is "$(liked "$video") $(liked "${far[0]}") $(liked "${far[1]}")" "true false false"
    like "$cid" "${far[1]}"
    is "$(liked "$video") $(liked "${far[0]}") $(liked "${far[1]}")" "true false true"
    sql "INSERT INTO favorite (user_id, video_id) SELECT $cid_id, 1000000 + n * 300 FROM generate_series(1, 5000) n"
    is "$(liked "$video") $(liked "${far[0]}") $(liked "${far[1]}")" "true false true"
    # Now only the answers looked up so far are cached: those of one page, then also of another.
    flags='.video_list[] | select(.id == '$video' or .id == '${far[0]}') | .is_favorite'
    is "$(field "$flags" feed token="$cid" | xargs)" "false true"
    is "$(field ".video_list[0].is_favorite" publish/list user_id="$bob_id" token="$cid")" true
    like "$cid" "${far[0]}"
    is "$(field "$flags" feed token="$cid" | xargs)" "true true"
    unlike "$cid" "${far[0]}"
    is "$(field "$flags" feed token="$cid" | xargs)" "false true"
    # Remove what SQL inserted by SQL and the rest by the API, so that counters stay exact.
    unlike "$cid" "$video"
    unlike "$cid" "${far[1]}"
    sql "DELETE FROM favorite WHERE user_id = $cid_id; DELETE FROM video WHERE id >= ${far[0]}"
}

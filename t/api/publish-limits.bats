# Limits of a publication: GET publish/limits says them, and a refusal names the limit and the value.
# shellcheck disable=SC2030,SC2031
load ../lib/common
load ../lib/publish

setup_file() {
    instance_up publish-limits upload_max_mb=1 video_max_seconds=3 video_max_side=640 processing_max=2
    people ann bob
    cd "$BATS_FILE_TMPDIR" || return
    make_clip ok.mp4
    encode long.mp4 -f lavfi -i testsrc2=s=64x64:r=5:d=5 -c:v libx264 -preset ultrafast -pix_fmt yuv420p
    encode tall.mp4 -f lavfi -i testsrc2=s=64x700:r=5:d=1 -c:v libx264 -preset ultrafast -pix_fmt yuv420p
    { cat ok.mp4 && head -c 2000000 /dev/zero; } >big.mp4
}

teardown_file() { instance_down; }

# A test that failed must not leave the transcoder stopped.
setup() {
    kill -s CONT "$(workers transcode)"
    cd "$BATS_FILE_TMPDIR" && sql "DELETE FROM video WHERE title = 'stuck'" && wait_settled 20
}

zh=(-H 'Accept-Language: zh')

@test "publish/limits announces the limits" {
    must get publish/limits
    is "$(got '"\(.max_bytes) \(.max_seconds) \(.max_side) \(.max_processing)"')" "1048576 3 640 2"
    [ "$(got .chunk_bytes)" -le 100000000 ]
}

@test "nginx's error for an oversized upload names the limit" {
    expect_error ERR_TOO_LARGE "1 MB (2" upload big.mp4 "$ann" big
    expect_error ERR_TOO_LARGE "1 MB (2" request POST publish/action -F data=@big.mp4 "${zh[@]}"
    [[ $reply == *上限* ]]
}

@test "the error for an overlong video names limit and value" {
    video=$(publish_id long.mp4 "$ann" long)
    failed_as "$video" too_long "5 s" "3 s"
    is "$(own "$ann" "$video" .reason "${zh[@]}")" "视频时长 5 秒，最长允许 3 秒。"
}

@test "the error for oversized dimensions names limit and value, before any transcoding" {
    video=$(publish_id tall.mp4 "$ann" tall)
    failed_as "$video" too_large 700 640
    fails compgen -G "$DOUSHENG_HOME/work/$video-*"
}

@test "the error for too many pixels names limit and value, before any frame is decoded" {
    new_settings video_max_gigapixels=1 log_level=debug
    encode heavy.mp4 -f lavfi -i color=s=640x640:r=1000:d=2.9 -c:v libx264 -preset ultrafast -pix_fmt yuv420p
    video=$(publish_id heavy.mp4 "$ann" heavy)
    failed_as "$video" too_heavy "2 thousand million" "at most 1 are"
    [[ $(own "$ann" "$video" .reason "${zh[@]}") == 视频所有画面的像素总和为\ 2\ 十亿，最多允许\ 1\ 十亿，* ]]
    is "$(grep "\"video\":$video,\"outcome\":\"too_heavy\"" "$DOUSHENG_HOME/log/transcode.log" | grep -c '"name":"ffmpeg"')" 0
    new_settings video_max_gigapixels=2
    must post publish/retry token="$ann" video_id="$video"
    wait_ready "$video"
    new_settings video_max_gigapixels=100 log_level=info
}

@test "the error for too many videos in processing names limit and value" {
    sql "INSERT INTO video (author_id, title, state) SELECT $bob_id, 'stuck', 'processing' FROM generate_series(1, 2)"
    expect_error ERR_TOO_MANY_PROCESSING "2 / 2" upload ok.mp4 "$bob" third
    request POST /douyin/upload/ -H 'Tus-Resumable: 1.0.0' -H 'Upload-Length: 9' \
        -H "Upload-Metadata: title dA==" -H "Authorization: Bearer $bob"
    is "$http $(got .status_code)" "400 1305"
    [[ $reply == *"2 / 2"* ]]
    publish_id ok.mp4 "$ann" others-may
    sql "DELETE FROM video WHERE title = 'stuck'"
    is "$(find "$DOUSHENG_HOME/upload" -type f -newer big.mp4 -size 0 | wc -l)" 0
}

# many N: publishes N videos of bob concurrently.
many() {
    seq 1 "$1" | xargs -P "$1" -I{} curl -s --noproxy '*' -o /dev/null -F data=@ok.mp4 -F "token=$bob" -F title=many \
        "$(base)/douyin/publish/action/"
}
all_wait() { is "$(sql "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INSERT INTO video %'")" 2; }

@test "the limit of videos in processing holds for concurrent uploads" {
    kill -s STOP "$(workers transcode)"
    many 1
    # If they were counted without the lock, both workers of the pool would find room for one.
    MODE=EXCLUSIVE lock_table video
    many 12 3>&- &
    wait_for 10 all_wait
    unlock
    wait $!
    many=$(sql "SELECT count(*) FROM video WHERE title = 'many'")
    kill -s CONT "$(workers transcode)"
    is "$many" 2
}

# begin BYTES TOKEN: creates a resumable upload.
begin() {
    request POST /douyin/upload/ -H 'Tus-Resumable: 1.0.0' -H "Upload-Length: $1" -H "Upload-Metadata: title cXVvdGE=" -H "Authorization: Bearer $2"
}

@test "kept bytes of failed and unfinished uploads are limited per user" {
    new_settings account_max_mb=1 processing_max=20
    people cid dan
    { head -c 3000 ok.mp4 && head -c 700000 /dev/zero; } >failing.mp4
    video=$(publish_id failing.mp4 "$cid" quota)
    wait_for 30 is_state "$video" failed
    expect_error ERR_QUOTA "0 / 1 MB" upload failing.mp4 "$cid" quota
    begin 700000 "$cid"
    is "$http $(got .status_code)" "400 1311"
    begin 100000 "$cid"
    is "$http" 201
    must upload failing.mp4 "$dan" other-quota
    must post publish/delete token="$cid" video_id="$video"
    begin 950000 "$cid" # the unfinished one still counts
    is "$http $(got .status_code)" "400 1311"
    begin 700000 "$cid"
    is "$http" 201
}

@test "media files and database rows agree" { fsck_clean && is "$(drift)" ""; }

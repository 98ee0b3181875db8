# Limits of uploads, before and after the upload; the states of a video, retry and deletion.
# shellcheck disable=SC2030,SC2031
load ../lib/common
load ../lib/publish

setup_file() {
    instance_up limits upload_max_mb=1 video_max_seconds=3 video_max_side=640 processing_max=2 keep_original=yes
    people ann bob
    cd "$BATS_FILE_TMPDIR" || return
    make_clip ok.mp4
    encode long.mp4 -f lavfi -i testsrc2=s=64x64:r=5:d=5 -c:v libx264 -preset ultrafast -pix_fmt yuv420p
    encode tall.mp4 -f lavfi -i testsrc2=s=64x700:r=5:d=1 -c:v libx264 -preset ultrafast -pix_fmt yuv420p
    { cat ok.mp4 && head -c 2000000 /dev/zero; } >big.mp4
    head -c 3000 ok.mp4 >broken.mp4
}

teardown_file() { instance_down; }

# Remove what a failed test has left, so that the next one does not fail too.
setup() {
    kill -s CONT "$(workers transcode)"
    cd "$BATS_FILE_TMPDIR" && sql "DELETE FROM video WHERE title = 'stuck'" && wait_settled 20
}

zh=(-H 'Accept-Language: zh')

# works_are N: ann's work_count; after a failure it is right once the ledger is folded.
works_are() { is "$(field .user.work_count user token="$ann")" "$1"; }

# failed_as VIDEO REASON TEXT...: the video failed for this reason, whose text contains each TEXT.
failed_as() {
    local text
    wait_for 30 is_state "$1" failed && is "$(sql "SELECT reason FROM video WHERE id = $1")" "$2" || return
    text=$(own "$ann" "$1" '"\(.status) \(.reason)"')
    shift 2
    for word; do [[ $text == "failed "*"$word"* ]] || { echo "$text has no $word" && return 1; }; done
}

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

@test "authors see status, progress and reason; others see only ready videos" {
    kill -s STOP "$(workers transcode)"
    video=$(publish_id ok.mp4 "$ann" seen)
    is "$(own "$ann" "$video" '"\(.status) \(.progress) \(.reason)"')" "processing 0 "
    sql "UPDATE job SET progress = 42 WHERE video_id = $video"
    is "$(own "$ann" "$video" .progress)" 42
    must get publish/list user_id="$ann_id" token="$bob"
    is "$(got '[.video_list[] | select(.title == "seen" or has("status"))] | length')" 0
    kill -s CONT "$(workers transcode)"
    wait_ready "$video"
    is "$(own "$ann" "$video" '"\(.status) \(.progress) \(.reason)"')" "ready 100 "
    must get publish/list user_id="$ann_id" token="$bob"
    is "$(got '[.video_list[] | select(.title == "seen")] | length')" 1
    is "$(got '[.video_list[] | select(has("status") or .title == "long")] | length')" 0
}

# codec FOURCC: prints the number that the database stores.
codec() { perl -e 'print unpack "N", shift' -- "$1"; }

@test "only the author sees the notice about a ready video, in both languages" {
    video=$(publish_id ok.mp4 "$ann" noticed)
    wait_ready "$video"
    is "$(own "$ann" "$video" '.notice == ""')" true
    sql "UPDATE video SET notice = 'sound_unreadable', notice_seen = $(codec apac) WHERE id = $video"
    [[ $(own "$ann" "$video" .notice) == *"Apple Positional Audio (APAC)"* ]]
    [[ $(own "$ann" "$video" .notice "${zh[@]}") == 声音*APAC*。 ]]
    sql "UPDATE video SET notice = 'full_coming', notice_seen = 0 WHERE id = $video"
    [[ $(own "$ann" "$video" .notice) == *"still being made."* ]]
    must get publish/list user_id="$ann_id" token="$bob"
    is "$(got '[.video_list[] | select(has("notice"))] | length')" 0
}

@test "the reason names an undecodable codec without printing unsafe characters" {
    for pair in "vvc1 VVC (H.266)" "xy_1 xy_1" '<"\> unknown'; do
        sql "UPDATE video SET state = 'failed', reason = 'unreadable_codec', reason_seen = $(codec "${pair:0:4}"),
            notice = 'full_coming' WHERE id = $(sql "SELECT max(id) FROM video WHERE title = 'noticed'")"
        text=$(own "$ann" "$(sql "SELECT max(id) FROM video WHERE title = 'noticed'")" '"\(.reason)|\(.notice)|"')
        [[ $text == *"(codec: ${pair:5})"*"||" ]] || { echo "$text" && return 1; }
    done
    sql "UPDATE video SET state = 'ready', reason = '', reason_seen = 0, notice = '' WHERE title = 'noticed'"
}

@test "a retry counts against the limit of videos in processing" {
    people eve
    failed=$(sql "WITH added AS (
        INSERT INTO video (author_id, title, state, reason)
        SELECT $eve_id, 'failed ' || n, 'failed', 'internal' FROM generate_series(1, 9) n RETURNING id
    ), jobs AS (
        INSERT INTO job (video_id, source, source_offset, source_length, lease_until, failed_at)
        SELECT id, 'none-' || id, 0, 1, NULL, now_ms() FROM added
    ) SELECT id FROM added ORDER BY id")
    for pid in $(workers transcode); do kill -s STOP "$pid"; done
    for video in $failed $failed; do
        printf 'publish/retry?token=%s&video_id=%s\n' "$eve" "$video"
    done | flood 8 >"$BATS_TEST_TMPDIR/codes"
    cat "$BATS_TEST_TMPDIR/codes"
    is "$(sql "SELECT count(*) FROM video WHERE author_id = $eve_id AND state = 'processing'")" 2
    video=$(sql "SELECT max(id) FROM video WHERE author_id = $eve_id AND state = 'failed'")
    expect_error ERR_TOO_MANY_PROCESSING "2 / 2" post publish/retry token="$eve" video_id="$video"
    # Videos in processing, and those that can never be retried, are still reported as such.
    must post publish/retry token="$eve" video_id="$(sql "SELECT min(id) FROM video WHERE author_id = $eve_id AND state = 'processing'")"
    sql "UPDATE video SET reason = 'not_video' WHERE id = $video"
    expect_error ERR_RETRY_VAIN video_id post publish/retry token="$eve" video_id="$video"
    sql "DELETE FROM job WHERE video_id = $video; UPDATE video SET reason = 'internal' WHERE id = $video"
    expect_error ERR_NOT_FAILED video_id post publish/retry token="$eve" video_id="$video"
    sql "DELETE FROM job WHERE video_id IN (SELECT id FROM video WHERE author_id = $eve_id);
        DELETE FROM video WHERE author_id = $eve_id;
        INSERT INTO account_ledger (account_id, works) VALUES ($eve_id, -2)"
    for pid in $(workers transcode); do kill -s CONT "$pid"; done
}

@test "only the author can retry or delete a video" {
    video=$(sql "SELECT max(id) FROM video WHERE title = 'long'")
    expect_error ERR_VIDEO_UNKNOWN video_id post publish/retry token="$bob" video_id="$video"
    expect_error ERR_VIDEO_UNKNOWN video_id post publish/delete token="$bob" video_id="$video"
    expect_error ERR_UNAUTHENTICATED token post publish/delete video_id="$video"
    expect_error ERR_VIDEO_UNKNOWN video_id post publish/retry token="$ann" video_id=999999
    is "$(state_of long)" "failed too_long"
}

uploads_are_jobs() { [ "$(find "$DOUSHENG_HOME/upload" -type f | wc -l)" = "$(sql "SELECT count(*) FROM job")" ]; }

@test "a failed video can be retried, without and with success" {
    video=$(sql "SELECT max(id) FROM video WHERE title = 'long'") works=$(field .user.work_count user token="$ann")
    kill -s STOP "$(workers transcode)"
    must post publish/retry token="$ann" video_id="$video"
    is "$(field .user.work_count user token="$ann")" $((works + 1))
    kill -s CONT "$(workers transcode)"
    failed_as "$video" too_long 5 3
    wait_for 2 works_are "$works"
    new_settings video_max_seconds=10
    must get publish/limits
    is "$(got .max_seconds)" 10
    must post publish/retry token="$ann" video_id="$video"
    must post publish/retry token="$ann" video_id="$video" # twice is success
    wait_ready "$video"
    must post publish/retry token="$ann" video_id="$video" # there is nothing to do
    is "$(field .user.work_count user token="$ann")" $((works + 1))
    wait_for 5 uploads_are_jobs
    is "$(drift)" ""
}

# fails_as VIDEO REASON: marks the video as failed, as transcode does.
fails_as() { sql "UPDATE video SET state = 'failed', reason = '$2' WHERE id = $1"; }

@test "can_retry is false for a video that failed because of its content" {
    video=$(publish_id broken.mp4 "$ann" final)
    failed_as "$video" damaged
    is "$(own "$ann" "$video" .can_retry)" true
    count=0
    for reason in not_video photo sound_only no_picture no_frames other_format encrypted unreadable_codec dolby_vision; do
        fails_as "$video" "$reason"
        is "$reason $(own "$ann" "$video" .can_retry)" "$reason false"
        expect_error ERR_RETRY_VAIN video_id post publish/retry token="$ann" video_id="$video"
        is "$(state_of final)" "failed $reason"
        count=$((count + 1))
    done
    is "$count" 9
    for reason in too_long too_large too_heavy too_slow lost disk_full internal; do
        fails_as "$video" "$reason"
        is "$reason $(own "$ann" "$video" .can_retry)" "$reason true"
    done
    must post publish/retry token="$ann" video_id="$video"
    failed_as "$video" damaged
    # Not without its upload, and not while it is ready.
    rm "$DOUSHENG_HOME/upload/$(sql "DELETE FROM job WHERE video_id = $video RETURNING source")"
    is "$(own "$ann" "$video" .can_retry)" false
    is "$(own "$ann" "$(sql "SELECT max(id) FROM video WHERE title = 'seen'")" .can_retry)" false
    must post publish/delete token="$ann" video_id="$video"
}

@test "deleting a failed video deletes its upload" {
    works=$(field .user.work_count user token="$ann")
    video=$(publish_id broken.mp4 "$ann" broken)
    failed_as "$video" damaged again
    source=$(sql "SELECT source FROM job WHERE video_id = $video")
    wait_for 2 works_are "$works"
    [ -e "$DOUSHENG_HOME/upload/$source" ]
    must post publish/delete token="$ann" video_id="$video"
    [ ! -e "$DOUSHENG_HOME/upload/$source" ]
    works_are "$works"
    expect_error ERR_VIDEO_UNKNOWN video_id post publish/delete token="$ann" video_id="$video"
}

@test "a failed video whose upload is gone cannot be retried" {
    video=$(publish_id broken.mp4 "$ann" old)
    failed_as "$video" damaged
    sql "UPDATE job SET failed_at = failed_at - 8 * 86400000 WHERE video_id = $video"
    wait_for 10 is_gone "SELECT FROM job WHERE video_id = $video"
    expect_error ERR_NOT_FAILED video_id post publish/retry token="$ann" video_id="$video"
    must post publish/delete token="$ann" video_id="$video"
}

is_gone() { [ -z "$(sql "SELECT EXISTS ($1) WHERE EXISTS ($1)")" ]; }
likes_are() { [ "$(field .user.favorite_count user token="$ann")" = "$1" ]; }

@test "deleting a ready video deletes its likes, comments, counters and files" {
    people cid
    encode unique.mp4 -f lavfi -i testsrc=s=600x32:r=5:d=1 -pix_fmt yuv420p -c:v libx264
    video=$(publish_id unique.mp4 "$cid" unique)
    wait_ready "$video"
    files=("$(file_of "$video" play_file)" "$(file_of "$video" cover_file)" "$(file_of "$video" small_file)")
    for file in "${files[@]}"; do [ -s "$file" ]; done
    like "$ann" "$video"
    like "$bob" "$video"
    comment "$ann" "$video" hello
    is "$(field '"\(.user.work_count) \(.user.total_favorited)"' user user_id="$cid_id")" "1 2"
    likes=$(field .user.favorite_count user token="$ann")
    must post publish/delete token="$cid" video_id="$video"
    is "$(field '"\(.user.work_count) \(.user.total_favorited)"' user user_id="$cid_id" token="$cid")" "0 0"
    wait_for 5 likes_are $((likes - 1)) # the fold job drops what is cached of those who liked it
    is "$(sql "SELECT count(*) FROM favorite WHERE video_id = $video")$(sql "SELECT count(*) FROM comment
        WHERE video_id = $video")" 00
    is "$(field "[.video_list[] | select(.id == $video)] | length" feed)" 0
    is "$(field "[.video_list[] | select(.id == $video)] | length" favorite/list user_id="$ann_id")" 0
    expect_error ERR_VIDEO_UNKNOWN video_id post favorite/action token="$ann" video_id="$video" action_type=1
    for file in "${files[@]}"; do wait_for 10 no_file "$file"; done
    is "$(drift)" ""
}

nothing_left() { [ "$(sql "SELECT count(*) FROM favorite WHERE video_id = $video")" = 0 ]; }
forgotten() { is_gone "SELECT FROM leftover WHERE video_id = $video"; }

# likes_by_sql N: inserts likes of other users with their counters.
likes_by_sql() {
    sql "INSERT INTO favorite (user_id, video_id) SELECT 5000000 + n, $video FROM generate_series(1, $1) n;
        INSERT INTO video_ledger (video_id, favorites) VALUES ($video, $1);
        INSERT INTO account_ledger (account_id, favorited) VALUES ($cid_id, $1)"
}

@test "deleting a video with many likes corrects its author's counters at once and deletes the likes in batches" {
    people cid
    video=$(publish_ready "$cid" popular)
    likes_by_sql 1200
    like "$cid" "$video"
    like "$ann" "$video"
    counts='"\(.user.work_count) \(.user.total_favorited) \(.user.favorite_count)"'
    is "$(field "$counts" user token="$cid")" "1 1202 1"
    must post publish/delete token="$cid" video_id="$video"
    is "$(field "$counts" user token="$cid")" "0 0 0"
    wait_for 5 nothing_left
    is "$(sql "SELECT likes FROM leftover WHERE video_id = $video")" 0
    is "$(drift)" ""
    # Likes that were in progress during the deletion, and one that was withdrawn then.
    likes_by_sql 2
    sql "UPDATE leftover SET due_at = 0, until_at = 0 WHERE video_id = $video"
    wait_for 5 forgotten
    is "$(drift)" ""
    video=$(publish_ready "$cid" another)
    like "$ann" "$video"
    for pid in $(workers sweep); do kill -s STOP "$pid"; done
    must post publish/delete token="$cid" video_id="$video"
    sql "DELETE FROM favorite WHERE video_id = $video AND user_id = $ann_id;
        INSERT INTO account_ledger (account_id, favorited, favorites) VALUES ($cid_id, -1, 0), ($ann_id, 0, -1)"
    for pid in $(workers sweep); do kill -s CONT "$pid"; done
    wait_for 5 eval '[ -z "$(drift)" ]'
}

@test "two videos with the same content share a file until the last one is deleted" {
    one=$(publish_id ok.mp4 "$ann" shared-one) two=$(publish_id ok.mp4 "$bob" shared-two)
    wait_settled
    file=$(file_of "$one" play_file)
    is "$(file_of "$two" play_file)" "$file"
    sql "SELECT count(*) FROM video WHERE play_file = (SELECT play_file FROM video WHERE id = $one)"
    for video in $(sql "SELECT id FROM video WHERE author_id = $ann_id AND state = 'ready' AND play_file =
        (SELECT play_file FROM video WHERE id = $one)"); do
        must post publish/delete token="$ann" video_id="$video"
    done
    wait_for 10 is_gone "SELECT FROM trash"
    sleep 1
    [ -s "$file" ]
    is "$(curl -s --noproxy '*' -o /dev/null -w '%{http_code}' "$(own "$bob" "$two" .play_url)")" 200
    for video in $(sql "SELECT id FROM video WHERE author_id = $bob_id AND state = 'ready'"); do
        must post publish/delete token="$bob" video_id="$video"
    done
    wait_for 10 no_file "$file"
}

@test "a shared file with a foreign owner, as after a restore by root, is deleted with its last video" {
    [ "$(id -u)" = 0 ] || skip "only root can give files away"
    make_clip owned.mp4 -t 0.5
    one=$(publish_id owned.mp4 "$ann" owned-one) two=$(publish_id owned.mp4 "$ann" owned-two)
    wait_settled
    file=$(file_of "$one" play_file)
    is "$(file_of "$two" play_file)" "$file"
    chown root "$file"
    must post publish/delete token="$ann" video_id="$one"
    wait_for 10 is_gone "SELECT FROM trash"
    [ -s "$file" ]
    must post publish/delete token="$ann" video_id="$two"
    wait_for 10 no_file "$file"
}

@test "deleting a video in processing leaves nothing behind" {
    kill -s STOP "$(workers transcode)"
    video=$(publish_id ok.mp4 "$ann" doomed)
    must post publish/delete token="$ann" video_id="$video"
    kill -s CONT "$(workers transcode)"
    is "$(state_of doomed)" none
    sleep 1
    fails compgen -G "$DOUSHENG_HOME/work/$video-*"
    is "$(drift)" ""
}

# Statements of transcode, run between two statements of a deletion.
claim() { statement job_files "$video" 1 "{aa/claimed-$video.mp4}"; }
claimed() { sql "SELECT count(*) FROM video_file WHERE video_id = $video"; }

@test "files claimed for a video during its deletion are released" {
    kill -s STOP "$(workers transcode)"
    video=$(publish_id ok.mp4 "$ann" deleted-first)
    source=$(sql "SELECT source FROM job WHERE video_id = $video")
    sql "UPDATE job SET attempts = 1, taken = true WHERE video_id = $video"
    sql "BEGIN; $(statement publish_delete "$ann_id" "$video" 10000); SELECT pg_sleep(1); COMMIT" >deletion &
    sleep 0.5
    is "$(sql "$(claim)")" ""
    wait $!
    is "$(claimed)" 0
    rm "$DOUSHENG_HOME/upload/$source" # which is the handler's part
    # The other order: the deletion does not see the claim yet.
    video=$(publish_id ok.mp4 "$ann" claimed-first)
    sql "UPDATE job SET attempts = 1, taken = true WHERE video_id = $video"
    sql "BEGIN; $(claim); SELECT pg_sleep(1); COMMIT" >claiming &
    sleep 0.5
    must post publish/delete token="$ann" video_id="$video"
    wait $!
    sql "UPDATE leftover SET due_at = 0, until_at = 0"
    wait_for 15 eval '[ "$(claimed)" = 0 ]'
    kill -s CONT "$(workers transcode)"
}

@test "killing sweep during a deletion leaks no file" {
    video=$(publish_id ok.mp4 "$ann" survivor)
    wait_ready "$video"
    file=$(file_of "$video" play_file) name=${file##*/}
    # A quarantined file (store.h) whose process died.
    kill -s STOP "$(workers sweep)"
    mv "$file" "$DOUSHENG_HOME/work/.trash-$name"
    sql "INSERT INTO trash (name) VALUES ('${name:0:2}/$name')"
    kill -s KILL "$(workers sweep)"
    wait_for 10 test -s "$file"
}

@test "sweep removes orphans of killed requests and attempts, and nothing in use" {
    kill -s STOP "$(workers transcode)"
    video=$(publish_id ok.mp4 "$ann" at-work)
    sql "UPDATE job SET attempts = 2 WHERE video_id = $video"
    cd "$DOUSHENG_HOME"
    mkdir -p work/{"$video"-{1,2},999999,999999-1,999998-1,notes}/in
    : >work/999999/in/input
    : >spool/0000000998
    : >spool/0000000999
    : >upload/0123456789abcdef0123456789abcdef
    chown -R --reference=spool spool upload
    chown -R --reference=work work
    chmod -R g+w work/*
    touch -d '1 hour ago' work/* upload/0123* spool/*998
    touch -d '2 days ago' spool/*999
    touch work/999998-1
    kill -s KILL "$(workers sweep)" # it looks when it begins, and each ten minutes
    wait_for 10 no_file upload/0123456789abcdef0123456789abcdef
    wait_for 5 no_file spool/0000000999
    is "$(cd work && echo [0-9n]*) $(cd spool && echo *)" "$video-2 999998-1 notes 0000000998"
    rm -r work/{999998-1,notes} spool/0000000998
    kill -s CONT "$(workers transcode)"
    wait_ready "$video"
}

@test "an attempt counts as a failure only if its worker began it" {
    kill -s STOP "$(workers transcode)"
    video=$(publish_id ok.mp4 "$ann" unheard)
    for _ in 1 2; do is "$(sql "$(statement job_take 0 2)" | cut -d'|' -f1)" "$video"; done
    is "$(sql "SELECT attempts, failures FROM job WHERE video_id = $video")" "2|0"
    is "$(sql "$(statement job_lease "$video" 2 0 7)")" "" # its lease is over: it comes too late
    sql "$(statement job_take 5000 2)"
    is "$(sql "$(statement job_lease "$video" 3 0 7)")" "$video"
    is "$(sql "$(statement job_lease "$video" 3 0 9)")" "$video" # over, but nobody else has it
    is "$(sql "SELECT progress FROM job WHERE video_id = $video")" 9
    sql "$(statement job_take 0 2)"
    is "$(sql "SELECT attempts, failures FROM job WHERE video_id = $video")" "4|1"
    is "$(sql "$(statement job_lease "$video" 3 0 9)")" ""
    kill -s CONT "$(workers transcode)"
    wait_ready "$video"
}

@test "keep_original keeps exactly the uploaded file" {
    video=$(publish_id ok.mp4 "$ann" kept)
    wait_ready "$video"
    wait_for 5 cmp ok.mp4 "$DOUSHENG_HOME/original/$video"
    fails grep -rqaF "$ann" "$DOUSHENG_HOME"/{original,spool}
    [ "$(stat -c %a "$DOUSHENG_HOME/original/$video")" = 600 ]
}

@test "a kept original is deleted with its video, and orphaned originals are removed" {
    video=$(sql "SELECT max(id) FROM video WHERE title = 'kept'") kept=$DOUSHENG_HOME/original/$video
    : >"${kept%/*}/999999999"
    : >"${kept%/*}/$video.half"
    touch -d '1 hour ago' "${kept%/*}"/*
    kill -s KILL "$(workers sweep)" # it looks when it begins, and each ten minutes
    for name in 999999999 "$video.half"; do wait_for 5 no_file "${kept%/*}/$name"; done
    [ -s "$kept" ]
    must post publish/delete token="$ann" video_id="$video"
    sql "UPDATE leftover SET due_at = 0, until_at = 0"
    wait_for 15 no_file "$kept"
}

@test "media files and database rows agree" { fsck_clean && is "$(drift)" ""; }

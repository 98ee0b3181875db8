# Trying a failed video again: POST publish/retry.
# shellcheck disable=SC2030,SC2031
load ../lib/common
load ../lib/publish

setup_file() {
    instance_up publish-retry upload_max_mb=1 video_max_seconds=3 processing_max=2
    people ann bob
    cd "$BATS_FILE_TMPDIR" || return
    make_clip ok.mp4
    encode long.mp4 -f lavfi -i testsrc2=s=64x64:r=5:d=5 -c:v libx264 -preset ultrafast -pix_fmt yuv420p
    head -c 3000 ok.mp4 >broken.mp4
    video=$(publish_id long.mp4 "$ann" long)
    publish_id ok.mp4 "$ann" seen
    wait_for 30 is_state "$video" failed
}

teardown_file() { instance_down; }

# A test that failed must not leave the transcoder stopped.
setup() {
    kill -s CONT "$(workers transcode)"
    cd "$BATS_FILE_TMPDIR" && wait_settled 20
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

@test "a failed video whose upload is gone cannot be retried" {
    video=$(publish_id broken.mp4 "$ann" old)
    failed_as "$video" damaged
    sql "UPDATE job SET failed_at = failed_at - 8 * 86400000 WHERE video_id = $video"
    wait_for 10 is_gone "SELECT FROM job WHERE video_id = $video"
    expect_error ERR_NOT_FAILED video_id post publish/retry token="$ann" video_id="$video"
    must post publish/delete token="$ann" video_id="$video"
}

@test "media files and database rows agree" { fsck_clean && is "$(drift)" ""; }

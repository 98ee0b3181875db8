# A full disk: uploads are refused or fail with that reason, the service stays up, and recovers.
# bats file_tags=on-demand
load ../lib/common
load ../lib/publish

setup_file() {
    small_disk disk 192 processing_max=100 transcode_processes=1 upload_max_mb=20 disk_min_mb=0
    [ -z "${NO_MOUNT:-}" ] || return 0
    people ann
    # Some MB, a third of it when encoded.
    encode "$BATS_FILE_TMPDIR/clip.mp4" -f lavfi -i testsrc2=s=640x360:r=30:d=6 -c:v mpeg4 -q:v 1
}

setup() { needs_small_disk; }
teardown_file() { small_disk_down; }

free_kb() { df --output=avail -k "$DOUSHENG_HOME" | tail -n 1; }

# leave KB: fills the disk until KB are free.
leave() {
    rm -f "$DOUSHENG_HOME/filler"
    dd if=/dev/zero of="$DOUSHENG_HOME/filler" bs=1k count=$(($(free_kb) - $1)) 2>/dev/null
}

@test "without room for the upload it is rejected, and the feed answers" {
    leave 500
    before=$(facts)
    upload "$BATS_FILE_TMPDIR/clip.mp4" "$ann" refused
    [[ $http == 50[07] ]]
    [ "$(got .status_code)" -ge 5000 ]
    is "$(facts)" "$before"
    must get feed
    is "$(find "$DOUSHENG_HOME"/{spool,upload} -type f)" ""
}

@test "the error of the rejected upload says that the disk is full" {
    leave 500
    upload "$BATS_FILE_TMPDIR/clip.mp4" "$ann" refused
    is "$(got .status_code)" 5007
}

failed_so() { [ "$(state_of "$1")" = "failed $2" ]; }

@test "without room for transcoding the video fails with that reason and can be retried" {
    size=$(($(stat -c %s "$BATS_FILE_TMPDIR/clip.mp4") / 1024))
    leave $((size + 700))
    video=$(publish_id "$BATS_FILE_TMPDIR/clip.mp4" "$ann" full)
    must get feed
    wait_for 40 failed_so full disk_full
    is "$(sql "SELECT failures FROM job WHERE video_id = $video")" 2
    [[ $(own "$ann" "$video" .reason) == *"disk is full"* ]]
    is "$(find "$DOUSHENG_HOME/work" -mindepth 1 -type d)" ""
    rm "$DOUSHENG_HOME/filler"
    must post publish/retry token="$ann" video_id="$video"
    wait_ready "$video"
}

@test "without room for the result the video fails with that reason and can be retried" {
    size=$(($(stat -c %s "$BATS_FILE_TMPDIR/clip.mp4") / 1024))
    leave $((size * 2 + 300))
    video=$(publish_id "$BATS_FILE_TMPDIR/clip.mp4" "$ann" nearly)
    wait_for 40 failed_so nearly disk_full
    rm "$DOUSHENG_HOME/filler"
    must post publish/retry token="$ann" video_id="$video"
    wait_ready "$video"
}

@test "without room for a piece of an upload it is rejected, and the upload can be resumed" {
    body=$BATS_FILE_TMPDIR/clip.mp4
    tus=(-H 'Tus-Resumable: 1.0.0' -H "Authorization: Bearer $ann")
    request POST /douyin/upload/ "${tus[@]}" -H "Upload-Length: $(stat -c %s "$body")" -H 'Upload-Metadata: title dHVz' \
        -D "$BATS_TEST_TMPDIR/headers"
    at=$(sed -n 's/^Location: http:..[^/]*//Ip' "$BATS_TEST_TMPDIR/headers" | tr -d '\r')
    size=$(($(stat -c %s "$body") / 1024))
    leave $((size + 500)) # for the spool, not for the copy
    patch=(request PATCH "$at" "${tus[@]}" -H 'Upload-Offset: 0' -H 'Content-Type: application/offset+octet-stream' --data-binary "@$body")
    "${patch[@]}"
    is "$http $(got .status_code)" "507 5007"
    rm "$DOUSHENG_HOME/filler"
    "${patch[@]}"
    is "$http" 204
    wait_settled 30
    is "$(state_of tus)" "ready "
}

@test "media files and database rows agree" {
    [ ! -e "$DOUSHENG_HOME/filler" ]
    fsck_clean
    is "$(drift)" ""
}

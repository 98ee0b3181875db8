# Fair shares per user: transcoding queue, kept bytes.
# shellcheck disable=SC2030,SC2031
load ../lib/common
load ../lib/publish

setup_file() {
    instance_up shares upload_max_mb=1 processing_max=20
    make_clip "$BATS_FILE_TMPDIR/ok.mp4"
}

teardown_file() { instance_down; }

setup() { cd "$BATS_FILE_TMPDIR" || return; }

# order_of: prints the titles in the order in which the videos became ready.
order_of() { sql "SELECT string_agg(title, ' ' ORDER BY published_at) FROM video WHERE state = 'ready' AND title LIKE '$1-%'"; }

@test "neither many nor long videos of one user delay those of others" {
    people ann cid dan
    kill -s STOP "$(workers transcode)"
    for n in 1 2 3; do publish_id ok.mp4 "$ann" "turn-ann$n" >/dev/null; done
    { cat ok.mp4 && printf '\0\16\264\0free' && head -c 963576 /dev/zero; } >long-file.mp4 # almost 1 MB
    publish_id long-file.mp4 "$cid" turn-cid1 >/dev/null
    publish_id ok.mp4 "$dan" turn-dan1 >/dev/null
    publish_id ok.mp4 "$cid" turn-cid2 >/dev/null
    sql "UPDATE job SET turn_at = turn_at - queued_at"
    kill -s CONT "$(workers transcode)"
    wait_settled
    is "$(order_of turn | sed 's/turn-//g; s/dan1 ann1/ann1 dan1/; s/cid2 ann2/ann2 cid2/')" "ann1 dan1 cid1 ann2 cid2 ann3"
}

# begin BYTES TOKEN: creates a resumable upload.
begin() {
    request POST /douyin/upload/ -H 'Tus-Resumable: 1.0.0' -H "Upload-Length: $1" -H "Upload-Metadata: title cXVvdGE=" -H "Authorization: Bearer $2"
}

@test "kept bytes of failed and unfinished uploads are limited per user" {
    new_settings account_max_mb=1
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

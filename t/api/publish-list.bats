# Status, progress, reason and notice of the videos in the author's list.
# shellcheck disable=SC2030,SC2031
load ../lib/common
load ../lib/publish

setup_file() {
    instance_up publish-list upload_max_mb=1 video_max_seconds=3 processing_max=5
    people ann bob
    cd "$BATS_FILE_TMPDIR" || return
    make_clip ok.mp4
    encode long.mp4 -f lavfi -i testsrc2=s=64x64:r=5:d=5 -c:v libx264 -preset ultrafast -pix_fmt yuv420p
}

teardown_file() { instance_down; }

# A test that failed must not leave the transcoder stopped.
setup() {
    kill -s CONT "$(workers transcode)"
    cd "$BATS_FILE_TMPDIR" && wait_settled 20
}

zh=(-H 'Accept-Language: zh')

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

@test "media files and database rows agree" { fsck_clean && is "$(drift)" ""; }

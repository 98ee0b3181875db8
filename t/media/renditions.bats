# A video is shown as soon as its small rendition is ready; the full one follows.
# bats file_tags=slow
load ../lib/common
load ../lib/publish

setup_file() {
    instance_up renditions processing_max=100 transcode_processes=1
    people ann bob
    cd "$BATS_FILE_TMPDIR" || return
    # Needs encoding, which takes a while.
    encode large.mp4 -f lavfi -i "testsrc2=s=1280x720:r=30:d=16,noise=alls=20:allf=t" -c:v mpeg4 -q:v 12
}

teardown_file() { instance_down; }

# stage_of VIDEO: prints the stage, 1 or 2, and "taken" if it is claimed; nothing when done.
stage_of() { sql "SELECT stage || CASE WHEN taken THEN ' taken' ELSE '' END FROM job WHERE video_id = $1"; }
in_stage() { is "$(stage_of "$1")" "$2"; }
width_of() { ffprobe -v error -select_streams v -show_entries stream=width -of csv=p=0 "$1" | tr -d ,; }
# publish_large TITLE [CURL-OPTION...]
publish_large() { publish_id "$BATS_FILE_TMPDIR/large.mp4" "$ann" "$@"; }
none_coming() { is "$(sql "SELECT count(*) FROM job WHERE lease_until IS NOT NULL")" 0; }

@test "a video is ready with its small rendition, and the full one replaces it in one step" {
    video=$(publish_large two-steps)
    wait_for 60 in_stage "$video" "2 taken"
    is "$(own "$ann" "$video" '"\(.status) \(.full_coming) \(.play_url == .play_url_small) \(.progress)"')" "ready true true 100"
    [[ $(own "$ann" "$video" .notice) == *"full"* ]]
    [[ $(own "$ann" "$video" .notice -H 'Accept-Language: zh') == *"完整"* ]]
    small=$(own "$ann" "$video" .play_url)
    is "$(width_of "$small")" 540
    # It is in the feed, which does not mention the rendition.
    must get feed
    is "$(got ".video_list[] | select(.id == $video) | [.play_url == \"$small\", has(\"notice\"), has(\"full_coming\")] | @csv")" "true,false,false"
    published=$(sql "SELECT published_at FROM video WHERE id = $video")
    wait_for 120 none_coming
    is "$(own "$ann" "$video" '"\(.status) \(.full_coming) \(.notice)"')" "ready false "
    is "$(width_of "$(own "$ann" "$video" .play_url)")" 1280
    is "$(own "$ann" "$video" .play_url_small)" "$small"
    is "$(curl -s --noproxy '*' -o /dev/null -w '%{http_code}' "$small")" 200
    # It keeps its place in the feed.
    is "$(sql "SELECT published_at FROM video WHERE id = $video")" "$published"
}

# Prints the stopped processes below transcode.
stopped_ffmpeg() {
    local pid
    for pid in $(ffmpeg_below "$(workers transcode)"); do
        if grep -qs '^State:.T' "/proc/$pid/status"; then return 0; fi
    done
    return 1
}

@test "the first rendition of any user precedes the second one of others, which is paused and resumed" {
    video=$(publish_large paused)
    wait_for 60 in_stage "$video" "2 taken"
    attempt=$(sql "SELECT attempts FROM job WHERE video_id = $video")
    other=$(publish_id "$BATS_FILE_TMPDIR/large.mp4" "$bob" first)
    wait_for 20 stopped_ffmpeg
    wait_for 60 in_stage "$other" 2
    # The first one is still in its second stage and same attempt, with a renewed lease.
    is "$(sql "SELECT stage, taken, attempts, lease_until > now_ms() FROM job WHERE video_id = $video")" "2|t|$attempt|t"
    wait_for 200 none_coming
    is "$(width_of "$(file_of "$video" play_file)") $(width_of "$(file_of "$other" play_file)")" "1280 1280"
    is "$(sql "SELECT notice FROM video WHERE id IN ($video, $other) AND notice <> ''")" ""
}

@test "first renditions are claimed before second ones, whatever has waited longer" {
    # In one transaction, so that transcode cannot claim them in between.
    is "$(sql "BEGIN;
        INSERT INTO job (video_id, source, source_offset, source_length, lease_until, stage)
            VALUES (900001, 'none-1', 0, 1, 1, 2), (900002, 'none-2', 0, 1, 2, 1), (900003, 'none-3', 0, 1, 3, 2);
        $(statement job_take 1000 2) $(statement job_take 1000 1) $(statement job_take 1000 2) ROLLBACK" | cut -d'|' -f1 | xargs)" "900002 900001"
}

kill_ffmpeg() {
    local pids
    mapfile -t pids < <(ffmpeg_below "$(workers transcode)")
    [ ${#pids[@]} -gt 0 ] && kill -s KILL "${pids[@]}"
}

@test "if the full rendition fails the small one stays and the author is notified" {
    video=$(publish_large lost)
    wait_for 60 in_stage "$video" "2 taken"
    rm "$DOUSHENG_HOME/upload/$(sql "SELECT source FROM job WHERE video_id = $video")"
    wait_for 20 kill_ffmpeg
    wait_for 120 none_coming
    is "$(own "$ann" "$video" '"\(.status) \(.full_coming) \(.play_url == .play_url_small)"')" "ready false true"
    [[ $(own "$ann" "$video" .notice) == *"full"* ]]
    is "$(sql "SELECT notice FROM video WHERE id = $video")" full_failed
}

@test "deleting a video while its full rendition is made leaves nothing behind" {
    video=$(publish_large deleted)
    wait_for 60 in_stage "$video" "2 taken"
    must post publish/delete video_id="$video" token="$ann"
    wait_for 60 none_coming
}

@test "media files and database rows agree" { fsck_clean; }

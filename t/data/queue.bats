# The queue of videos: whose turn it is, and attempts that end without an answer.
# shellcheck disable=SC2030,SC2031
load ../lib/common
load ../lib/publish

setup_file() {
    instance_up queue upload_max_mb=1 processing_max=20
    people ann
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

# Faults under load: every acknowledged upload becomes ready, or failed with a reason.
#
#   t/check t/fault/publish.bats            UPLOADS=50 SEED=1
#
# Orphaned files are removed by sweep after 15 minutes, in the spool after a day: the test makes them look
# older and restarts sweep.  fsck ignores changes of the last 60 s: with 50 uploads the test waits so long.
# bats file_tags=on-demand
load ../lib/common
load ../lib/publish

setup_file() {
    export UPLOADS=${UPLOADS:-50} SEED=${SEED:-1}
    instance_up crash-publish processing_max=1000 transcode_processes=2
    people ann
    export CLIP=$BATS_FILE_TMPDIR/clip.mp4
    encode "$CLIP" -f lavfi -i testsrc2=s=640x360:r=25:d=2 -f lavfi -i sine=d=2 -pix_fmt yuv420p \
        -c:v mpeg4 -c:a aac
}

teardown_file() { instance_down; }

# try_upload N: repeats the upload until it is acknowledged; each attempt has its own title.
try_upload() {
    local attempt answer
    for attempt in {1..60}; do
        answer=$(curl -s --noproxy '*' -m 10 -F "data=@$CLIP" -F "token=$ann" -F "title=v$1-$attempt" \
            "$(base)/douyin/publish/action/")
        case $answer in
        '{"status_code":0,'*) echo "acknowledged v$1-$attempt" && return ;;
        *) echo "refused v$1-$attempt ${answer:0:60}" ;;
        esac
        sleep 0.5
    done
    echo "gave-up v$1"
}
export -f try_upload base

settled() { up >/dev/null 2>&1; nothing_processing; }

@test "uploads are acknowledged while all processes are killed repeatedly" {
    local log=$BATS_FILE_TMPDIR/log killed=$BATS_FILE_TMPDIR/killed chaos
    "$T/fault/chaos" "$SEED" >"$killed" 2>/dev/null </dev/null 3>&- &
    chaos=$!
    seq "$UPLOADS" | xargs -P 4 -I{} bash -c 'sleep 0.$((RANDOM % 9)); try_upload {}' >"$log"
    # Kills continue while accepted uploads are processed.
    sleep $((UPLOADS / 5))
    kill "$chaos"
    wait "$chaos" || true
    wait_for 20 up
    # A dead job is taken over when its lease of 30 s expires, at most three times.
    wait_for 150 settled
    sort "$killed" | uniq -c | sed 's/^/# killed /' >&3
    cut -d' ' -f1 "$log" | sort | uniq -c | sed 's/^/# uploads /' >&3
    is "$(grep -c '^acknowledged' "$log")" "$UPLOADS"
}

@test "every acknowledged upload exists once, ready or failed with a reason" {
    sql "SELECT state, reason, count(*) FROM video GROUP BY 1, 2" | sed 's/^/# videos /' >&3
    sql "SELECT 'failures ' || failures, count(*) FROM job GROUP BY 1" | sed 's/^/# kept jobs /' >&3
    sed -n 's/^acknowledged //p' "$BATS_FILE_TMPDIR/log" | sort >"$BATS_TEST_TMPDIR/acknowledged"
    is "$(comm -23 "$BATS_TEST_TMPDIR/acknowledged" <(sql "SELECT DISTINCT title FROM video" | sort))" ""
    is "$(sql "SELECT title FROM video GROUP BY title HAVING count(*) > 1")" ""
    is "$(sql "SELECT count(*) FROM video WHERE NOT (state = 'ready' AND reason = '' OR state = 'failed' AND reason <> '')")" 0
    echo "# videos whose request got no answer: $(($(sql "SELECT count(*) FROM video") - UPLOADS))" >&3
}

@test "media files, database rows and counters agree" {
    find "$DOUSHENG_HOME"/{upload,spool,work} -mindepth 1 -maxdepth 1 -exec touch -d '2 days ago' {} +
    kill -s KILL "$(workers sweep)"
    wait_for 15 files_agree || files_agree
    [ "$UPLOADS" -lt 50 ] || sleep 61
    "$T/../spawn/fsck" check
    is "$(drift)" ""
}

@test "failed videos can be retried and all become ready" {
    for video in $(sql "SELECT id FROM video WHERE state = 'failed'"); do must post publish/retry token="$ann" video_id="$video"; done
    wait_settled 60
    is "$(sql "SELECT count(*) FROM video WHERE state <> 'ready'")" 0
}

# Deleting a video: POST publish/delete, and what goes with it.
# shellcheck disable=SC2030,SC2031
load ../lib/common
load ../lib/publish

setup_file() {
    instance_up publish-delete upload_max_mb=1 processing_max=5
    people ann bob
    cd "$BATS_FILE_TMPDIR" || return
    make_clip ok.mp4
    head -c 3000 ok.mp4 >broken.mp4
}

teardown_file() { instance_down; }

# A test that failed must not leave the transcoder stopped.
setup() {
    kill -s CONT "$(workers transcode)"
    cd "$BATS_FILE_TMPDIR" && wait_settled 20
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

@test "media files and database rows agree" { fsck_clean && is "$(drift)" ""; }

# What sweep removes: files of dead requests and attempts, and originals without a video.
# shellcheck disable=SC2030,SC2031
load ../lib/common
load ../lib/publish

setup_file() {
    instance_up sweep upload_max_mb=1 processing_max=5 keep_original=yes
    people ann bob
    cd "$BATS_FILE_TMPDIR" || return
    make_clip ok.mp4
}

teardown_file() { instance_down; }

# A test that failed must not leave the transcoder stopped.
setup() {
    kill -s CONT "$(workers transcode)"
    cd "$BATS_FILE_TMPDIR" && wait_settled 20
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

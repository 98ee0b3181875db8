# Failing system calls, injected into running workers: only the current request fails, with the right
# error; the next one succeeds, nothing is left behind and nothing is counted twice.
# bats file_tags=slow
load ../lib/common
load ../lib/publish

setup_file() {
    instance_up crash-inject log_level=warn database_timeout_ms=1000
    people alice bob
    video=$(publish_ready "$alice" shown)
    before=$(all_descriptors) pids=$(workers)
    export video before pids
}

teardown_file() {
    instance_down
}

# with_fault POOL CALL FAULT COMMAND...: runs COMMAND while this system call of the pool's workers
# fails.  FAULT is strace's, as in "error=EIO:when=2".  Returns the command's status; sets injected to the
# number of injected faults.
with_fault() {
    local pool=$1 call=$2 fault=$3 trace=$BATS_TEST_TMPDIR/trace attach=() pid n result=0
    shift 3
    for pid in $(workers "$pool"); do attach+=(-p "$pid"); done
    n=$((${#attach[@]} / 2))
    : >"$trace.err"
    strace -o "$trace" -e trace="$call" -e inject="$call:$fault" "${attach[@]}" 2>"$trace.err" 3>&- &
    pid=$!
    wait_for 10 attached "$trace.err" "$n"
    "$@" || result=$?
    kill -s INT "$pid"
    wait "$pid" || true
    injected=$(grep -c INJECTED "$trace") || true
    return "$result"
}
attached() { [ "$(grep -c attached "$1")" = "$2" ]; }

# Open files of all workers, without sockets, because nginx's connections come and go.
all_descriptors() {
    local pid
    for pid in $(workers); do
        find "/proc/$pid/fd" -mindepth 1 -printf '%l\n' | grep -vc '^socket:'
    done
}

is_liked() { [ "$(sql "SELECT count(*) FROM favorite WHERE user_id = $bob_id AND video_id = $video")" = "$1" ]; }

# The reply is in the base form: success or an error of ours.
ours() {
    shape success || { shape failure && [ "$(got .status_code)" -ge 5000 ]; }
}

# try_like: the reply matches what was stored, and repeating the like counts once.
try_like() {
    request POST "/douyin/favorite/action/?token=$bob&video_id=$video&action_type=1"
}
# after_like SECONDS: the next like succeeds within SECONDS; 0: at once.
after_like() {
    if [ "$http" = 200 ]; then is_liked 1; else is "$http $(got .status_code)" "503 5003"; fi
    if [ "$1" = 0 ]; then like "$bob" "$video"; else wait_for "$1" like "$bob" "$video"; fi
    is_liked 1
    is "$(field '.video_list[0].favorite_count' publish/list user_id="$alice_id")" 1
    unlike "$bob" "$video"
    is_liked 0
}

# each_broken CALL ERRNO SECONDS: lets the first of these calls fail, then the second, and so on.
each_broken() {
    for n in {1..12}; do
        with_fault social "$1" "error=$2:when=$n" try_like
        after_like "$3"
        [ "$injected" != 0 ] || break
    done
    echo "$((n - 1)) of $1"
    [ "$n" -gt 2 ] && [ "$n" -lt 12 ] && is "$(drift)" ""
}

@test "a lost reply of a server gives success or unavailable, never a double write" {
    each_broken recvfrom ECONNRESET 0
}

# libpq does not report a failed send, so the worker waits for the reply and then backs off.
@test "a lost request to a server gives success or unavailable, also after a pause" {
    each_broken sendto EPIPE 3
}

@test "a like whose reply was lost is stored, and repeating it counts once" {
    for errno in EPIPE ECONNRESET; do
        with_fault social sendmsg "error=$errno:when=1" try_like
        is "$http $injected" "502 1"
        is_liked 1
        like "$bob" "$video"
        is_liked 1
        is "$(field '.video_list[0].favorite_count' publish/list user_id="$alice_id")" 1
        unlike "$bob" "$video"
    done
    is "$(drift)" ""
}

@test "an interrupted system call is retried" {
    for call in sendto recvfrom sendmsg poll; do
        with_fault social "$call" "error=EINTR:when=1" must try_like
        [ "$injected" -ge 1 ]
        unlike "$bob" "$video"
    done
}

# cut: terminates all connections to the servers.
cut() {
    "$REDIS_CLI" -s "$DOUSHENG_HOME/run/redis/redis.sock" client kill type normal >/dev/null
    sql "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE usename LIKE 'dousheng%' AND pid <> pg_backend_pid()" >/dev/null
    "$REDIS_CLI" -s "$DOUSHENG_HOME/run/redis/redis.sock" flushall >/dev/null
}
feeds() {
    cut
    sleep 0.6 # a lost Redis is not asked again for half a second
    request GET "/douyin/feed/?token=$alice"
}

@test "refused connections and missing descriptors give a reply or unavailable" {
    for fault in connect:ECONNREFUSED socket:EMFILE; do
        for n in 1 2; do
            with_fault feed "${fault%:*}" "error=${fault#*:}:when=$n" feeds
            [ "$injected" -ge 1 ]
            ours
            [ "$http" = 200 ] || [ "$http" = 503 ]
            wait_for 1 must get feed token="$alice"
        done
    done
}

@test "a connection that cannot be accepted at once is accepted later" {
    for errno in EMFILE ECONNABORTED ENOMEM; do
        with_fault account accept4 "error=$errno:when=1" must post user/login username="$(name_of alice_id)" password="$PASSWORD"
        [ "$injected" -ge 1 ]
    done
}
name_of() { field .user.name user user_id="${!1}"; }

# no_trace_of TITLE: there is no row and no file.
no_trace_of() {
    is "$(sql "SELECT count(*) FROM video WHERE title = '$1'")" 0
    wait_for 5 kept "$2" # nginx removes what it has spooled after it has answered
}
kept() { is "$(kept_files)" "$1"; }
kept_files() { find "$DOUSHENG_HOME/upload" "$DOUSHENG_HOME/spool" -type f | wc -l; }

@test "an upload that cannot be written is an error without row or file, and the next one succeeds" {
    wait_for 20 eval '[ "$(sql "SELECT count(*) FROM job")" = 0 ]'
    files=$(kept_files)
    while read -r call errno n wanted; do
        with_fault publish "$call" "error=$errno:when=$n" upload "$CHECK/clip.mp4" "$alice" broken
        echo "$call $errno $n"
        is "$injected" 1
        expect_error "$wanted" ""
        no_trace_of broken "$files"
    done <<'END'
fdatasync EIO 1 ERR_INTERNAL
fdatasync ENOSPC 1 ERR_DISK_FULL
fsync EIO 1 ERR_INTERNAL
rename EIO 1 ERR_INTERNAL
rename ENOSPC 1 ERR_DISK_FULL
rename EDQUOT 1 ERR_DISK_FULL
openat EMFILE 1 ERR_INTERNAL
openat EMFILE 2 ERR_INTERNAL
openat EMFILE 3 ERR_INTERNAL
pread64 EIO 1 ERR_INTERNAL
pread64 EIO 2 ERR_INTERNAL
END
    wait_ready "$(publish "$CHECK/clip.mp4" "$alice" whole)"
}

# tus METHOD NAME CURL-OPTION...
tus() {
    local method=$1 name=$2
    shift 2
    request "$method" "/douyin/upload/$name?token=$alice" -H 'Tus-Resumable: 1.0.0' "$@"
}
append() { tus PATCH "$name" -H 'Content-Type: application/offset+octet-stream' -H "Upload-Offset: $1" --data-binary "$2"; }
length() { stat -c %s "$DOUSHENG_HOME/upload/$name"; }

@test "a chunk that cannot be written is discarded and can be sent again" {
    tus POST "" -H 'Upload-Length: 100' -H 'Upload-Metadata: title dA==' -D "$BATS_TEST_TMPDIR/headers"
    name=$(sed -n 's,^Location: .*/\([0-9a-f]*\).*,\1,p' "$BATS_TEST_TMPDIR/headers")
    append 0 abcd
    while read -r call errno n wanted; do
        with_fault publish "$call" "error=$errno:when=$n" append 4 efgh
        echo "$call $errno $n"
        is "$injected" 1
        expect_error "$wanted" ""
        is "$(length)" 4
    done <<'END'
copy_file_range ENOSPC 1 ERR_DISK_FULL
copy_file_range EIO 1 ERR_INTERNAL
fdatasync EIO 1 ERR_INTERNAL
fdatasync ENOSPC 1 ERR_DISK_FULL
openat EMFILE 1 ERR_INTERNAL
END
    append 4 efgh
    is "$http $(cat "$DOUSHENG_HOME/upload/$name")" "204 abcdefgh"
    tus DELETE "$name"
}

@test "a complete upload that cannot be read is kept" {
    size=$(stat -Lc %s "$CHECK/clip.mp4")
    tus POST "" -H "Upload-Length: $size" -H 'Upload-Metadata: title cmVhZA==' -D "$BATS_TEST_TMPDIR/headers"
    name=$(sed -n 's,^Location: .*/\([0-9a-f]*\).*,\1,p' "$BATS_TEST_TMPDIR/headers")
    with_fault publish pread64 error=EIO:when=1 append 0 "@$CHECK/clip.mp4"
    is "$injected $(length)" "1 $size"
    expect_error ERR_INTERNAL ""
    tus HEAD "$name"
    is "$http $(sql "SELECT count(*) FROM video WHERE title = 'read'")" "200 1"
    wait_ready "$(sql "SELECT id FROM video WHERE title = 'read'")"
}

create() { tus POST "" -H 'Upload-Length: 100' -H 'Upload-Metadata: title dA=='; }
newest() { sql "SELECT name FROM upload ORDER BY expires_at DESC LIMIT 1"; }
begun() { sql "SELECT count(*) FROM upload"; }

@test "an upload whose folder cannot be written is an error without row or file" {
    files=$(kept_files) rows=$(begun)
    while read -r call errno n wanted; do
        with_fault publish "$call" "error=$errno:when=$n" create
        is "$call $injected $(kept_files) $(begun)" "$call 1 $files $rows"
        expect_error "$wanted" ""
    done <<'END'
fsync EIO 1 ERR_INTERNAL
openat ENOSPC 2 ERR_DISK_FULL
END
}

@test "an upload whose database reply is lost keeps file and row, and can be terminated" {
    for n in {1..6}; do
        rows=$(begun)
        with_fault publish recvfrom "error=ECONNRESET:when=$n" create
        [ "$(begun)" = "$rows" ] || [ "$http" = 201 ] || break
        wait_for 5 must get publish/limits
    done
    is "$http $(begun)" "503 $((rows + 1))"
    name=$(newest)
    is "$(length)" 0
    wait_for 5 eval 'tus DELETE "$name" && [ "$http" = 204 ]'
    is "$(begun)" "$rows"
}

# publish_through TITLE: publishes until the fault was injected.
publish_through() {
    transcoded=$(publish "$CHECK/clip.mp4" "$alice" "$1")
    wait_for 30 grep -q INJECTED "$BATS_TEST_TMPDIR/trace"
}

@test "a finished video that cannot be moved into place is finished by another attempt" {
    for fault in fsync:EIO rename:ENOSPC; do
        with_fault transcode "${fault%:*}" "error=${fault#*:}:when=1" publish_through "${fault%:*}"
        [ "$injected" -ge 1 ]
        wait_ready "$transcoded"
    done
    is "$(sql "SELECT count(*) FROM job")" 0
    wait_for 5 files_agree
}

# Moving a file into place takes a second each, so that sweep is faster.
delete_claimed() {
    doomed=$(publish_id "$BATS_TEST_TMPDIR/other.mp4" "$alice" doomed)
    wait_for 30 eval '[ "$(sql "SELECT count(*) FROM video_file WHERE video_id = $doomed")" = 2 ]'
    must post publish/delete token="$alice" video_id="$doomed"
    wait_for 10 eval '[ "$(sql "SELECT count(*) FROM trash")" = 0 ]'
    wait_for 20 eval '! compgen -G "$DOUSHENG_HOME/work/$doomed-*"'
}

@test "files claimed for a video that was deleted meanwhile are removed" {
    make_clip "$BATS_TEST_TMPDIR/other.mp4" -t 0.7
    with_fault transcode rename delay_enter=1000000 delete_claimed
    wait_for 5 files_agree
}

@test "a deleted video is checked again when no statement can be running" {
    doomed=$(old_videos "$bob_id" 1)
    must post publish/delete token="$bob" video_id="$doomed"
    # database_timeout_ms is 1000, less than its default of 10 s.
    is "$(sql "SELECT until_at - now_ms() BETWEEN 5000 AND 8500 FROM leftover WHERE video_id = $doomed")" t
}

@test "after all faults the workers are the same and leak no descriptor" {
    is "$(workers)" "$pids"
    wait_for 5 eval '[ "$(all_descriptors)" = "$before" ]'
    is "$(drift)" ""
}

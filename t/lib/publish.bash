# publish.bash: functions for the tests of publishing.  `load ../lib/publish` after `load ../lib/common`.
# shellcheck shell=bash disable=SC2154

# fixtures_ready KIND [PORT]: sets FIXTURES, a folder of videos that t/media/fixtures makes.
fixtures_ready() {
    export FIXTURES=$CHECK/fixtures-$1
    [ -e "$FIXTURES" ] || cached "$FIXTURES" make_fixtures "$@"
}
make_fixtures() { "$T/media/fixtures" "$2" "$1" "${@:3}"; }

# small_disk NAME MB SETTING=VALUE...: starts an instance crash-NAME whose home is a tmpfs of MB, except
# its database, which a full disk would stop.  Sets NO_MOUNT if a tmpfs cannot be mounted.
small_disk() {
    local home=$CHECK/crash-$1
    mkdir -p "$home" || return
    if ! mount -t tmpfs -o "size=$2m,mode=755" tmpfs "$home" 2>/dev/null; then
        export NO_MOUNT=1
        return 0
    fi
    instance_up "crash-$1" "${@:3}" && down >/dev/null &&
        mv "$home/pg" "$home.pg" && ln -s "$home.pg" "$home/pg" && up >/dev/null
}
needs_small_disk() { [ -z "${NO_MOUNT:-}" ] || skip "a tmpfs cannot be mounted here (needs root)"; }
# Keeps the logs for t/check.
small_disk_down() {
    [ -n "${NO_MOUNT:-}" ] || { instance_down && cp -r "$DOUSHENG_HOME/log" "$BATS_FILE_TMPDIR/" && umount "$DOUSHENG_HOME"; }
}

# publish_all TOKEN FILE...: publishes the files, three at a time, with their names as titles.
publish_all() {
    local token=$1
    shift
    printf '%s\n' "$@" | xargs -P 3 -I{} curl -sS --noproxy '*' -m 60 -o /dev/null -w '%{http_code} {}\n' \
        -F data=@{} -F "token=$token" -F title={} "$(base)/douyin/publish/action/"
}

# publish_id FILE TOKEN TITLE [CURL-OPTION...]: prints the new video's id; the title must be unique.
publish_id() {
    must request POST publish/action -F "data=@$1" -F "token=$2" --form-string "title=$3" "${@:4}" >&2 &&
        sql "SELECT max(id) FROM video WHERE title = '$3'"
}

# state_of TITLE: prints "state reason"; "none" if there is no such video.
state_of() {
    local answer
    answer=$(sql "SELECT state || ' ' || reason FROM video WHERE title = '$1' ORDER BY id DESC LIMIT 1")
    printf '%s' "${answer:-none}"
}

nothing_processing() {
    is "$(sql "SELECT (SELECT count(*) FROM video WHERE state = 'processing'), (SELECT count(*) FROM job WHERE stage = 2)")" "0|0"
}

# wait_settled [SECONDS]: waits until no video is in processing and all full renditions are made.
wait_settled() { wait_for "${1:-60}" nothing_processing; }

# own TOKEN VIDEO FIELD [HEADER]: prints a field of the video in its author's list.
own() {
    must request GET publish/list --get --data-urlencode "token=$1" "${@:4}" >&2 &&
        got ".video_list[] | select(.id == $2) | $3"
}

# statement NAME ARGUMENT...: prints a statement of sql/ with these arguments.
statement() {
    local text i name=$1
    shift
    text=$(sed -n "/^-- name: $name /,/^[^-].*;\$/p" "$T"/../sql/*.sql)
    for ((i = $#; i > 0; i--)); do text=${text//"\$$i::"/"'${!i}'::"}; done
    printf '%s' "$text"
}

# file_of VIDEO COLUMN: prints the path of the file.
file_of() { printf '%s/media/%s' "$DOUSHENG_HOME" "$(sql "SELECT $2 FROM video WHERE id = $1")"; }

# files_agree: there is no file without a row, no row without its file, and no temporary file.  Unlike
# fsck it includes changes of the last 60 s.
files_agree() {
    local home=$DOUSHENG_HOME
    diff <(find "$home/media" -type f -printf '%P\n' | sort) <(sql "SELECT name FROM video_file UNION
            SELECT unnest(ARRAY[play_file, cover_file, small_file]) FROM video WHERE state = 'ready' EXCEPT SELECT ''" | sort) &&
        diff <(find "$home/upload" -type f -printf '%P\n' | sort) <(sql "SELECT source FROM job UNION
            SELECT name FROM upload WHERE video_id IS NULL" | sort) &&
        is "$(find "$home"/{spool,work} -mindepth 1 ! -name stdout ! -name stderr)" ""
}

# fsck_clean: files_agree and fsck find nothing.
fsck_clean() { wait_for 10 files_agree && files_agree && "$T/../spawn/fsck" check; }

# ffmpeg_below PID: prints the ffmpeg processes among its descendants.
ffmpeg_below() {
    local pid name children=()
    { read -ra children <"/proc/$1/task/$1/children"; } 2>/dev/null || true
    for pid in "${children[@]}"; do
        name=
        { read -r name <"/proc/$pid/comm"; } 2>/dev/null || true
        if [ "$name" = ffmpeg ]; then echo "$pid"; else ffmpeg_below "$pid"; fi
    done
}

# new_settings SETTING=VALUE...: changes settings and reloads.
new_settings() {
    local pair
    for pair; do
        sed -i "/^${pair%%=*} =/d" "$DOUSHENG_HOME/dousheng.conf"
        printf '%s = %s\n' "${pair%%=*}" "${pair#*=}" >>"$DOUSHENG_HOME/dousheng.conf"
    done
    "$T/../spawn/reload" </dev/null 3>&- >/dev/null
}

# works_are N: the work count of ann; after a failure, as soon as the ledger is folded.
works_are() { is "$(field .user.work_count user token="$ann")" "$1"; }

# failed_as VIDEO REASON TEXT...: the video of ann failed for that reason, and its message has each TEXT.
failed_as() {
    local text
    wait_for 30 is_state "$1" failed && is "$(sql "SELECT reason FROM video WHERE id = $1")" "$2" || return
    text=$(own "$ann" "$1" '"\(.status) \(.reason)"')
    shift 2
    for word; do [[ $text == "failed "*"$word"* ]] || { echo "$text has no $word" && return 1; }; done
}

# is_gone QUERY: it finds no row.
is_gone() { [ -z "$(sql "SELECT EXISTS ($1) WHERE EXISTS ($1)")" ]; }

# common.bash: the functions that the bats files share.  `load ../lib/common` in each file.
#
# t/check sets, in the environment:
#   CHECK                           folder of this lane; $CHECK/clip.mp4 is a video of one second
#   BIN, DEV                        the programs; 1 if they have sanitizers
#
# A file speaks to the instance that its setup_file starts (instance.bash): the shared one by
# instance_shared, or its own by instance_up.
# shellcheck shell=bash disable=SC2034

T=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=instance.bash
. "$T/lib/instance.bash"

# The password of all test users.  t/check searches the logs for it.
PASSWORD=pw-geheim-7531

# --- The driver --------------------------------------------------------------

# driver COMMAND ARGUMENT...: calls t/driver, a process that sends requests, looks up values in JSON and
# runs SQL, so that an assertion starts no curl, jq or psql.  Sets answer (the output),
# prints error messages to stderr, and returns an exit status as those programs do.
driver() {
    local LC_ALL=C file=${BATS_FILE_TMPDIR:-$CHECK}/driver port secret connection head messages
    [ -e "$file" ] || "$OUT/driver/driver" "$T/lib" "$file" </dev/null >&2 3>&- || return 125
    read -r port secret <"$file"
    exec {connection}<>"/dev/tcp/127.0.0.1/$port" || return 125
    printf '%s\0' "$secret" $# "$@" >&"$connection"
    read -rN 32 -u "$connection" head || return 125
    read -r -a head <<<"$head"
    answer='' messages=''
    [ "${head[1]}" = 0 ] || read -rN "${head[1]}" -u "$connection" answer
    [ "${head[2]}" = 0 ] || { read -rN "${head[2]}" -u "$connection" messages && printf '%s' "$messages" >&2; }
    exec {connection}>&-
    return "${head[0]}"
}

# The exit status of the driver for filters that need the real jq.
NEEDS_JQ=100

# --- Requests ----------------------------------------------------------------

base() { printf 'http://127.0.0.1:%s' "$DOUSHENG_PORT"; }

# request METHOD PATH [CURL-OPTION...]: sets http (the status), reply (the body) and took
# (milliseconds), and prints the reply, for the output of a failed test.  A PATH without a leading
# slash is an endpoint: feed is /douyin/feed/.  The driver sends it, or curl if there are
# options that the driver does not know.
request() {
    local method=$1 path=$2 out
    shift 2
    [[ $path == /* ]] || path=/douyin/$path/
    # Bypass nginx's cache of the anonymous feed, which t/data/microcache.bats tests.
    [[ $path != /douyin/feed* ]] || set -- -H 'Authorization: none' "$@"
    if driver_options "$method" "$@"; then
        driver http "$DOUSHENG_PORT" "$method" "$path" 30 "${options[@]}" || return
        out=$answer
    else
        out=$(request_by_curl "$method" "$path" "$@") || return
    fi
    reply=${out%$'\n'*} http=${out##*$'\n'}
    took=${http#* } http=${http% *}
    printf '%s %.300s: %s %.2000s\n' "$method" "$path" "$http" "$reply"
}

# driver_options METHOD CURL-OPTION...: sets options to what they are for the driver.  Fails if curl
# is needed, or wanted (BY_CURL).
driver_options() {
    local query=
    [ "$1" != HEAD ] && [ -z "${BY_CURL:-}" ] || return
    shift
    [[ " $* " != *' '@(--get|-G)' '* ]] || query=-query
    options=()
    while [ $# -gt 0 ]; do
        case "$1 ${2:-}" in
        --get\ * | -G\ *) shift && continue ;;
        # curl handles headers about framing and the connection.
        '-H Transfer-Encoding:'* | '-H Content-Length:'* | '-H Connection:'* | '-H Expect:'*) return 1 ;;
        '-H '*:\ *) options+=(header "$2") ;;
        '-d '[!@]* | '--data '[!@]*) options+=("data$query" "$2") ;;
        '--data-urlencode '[!=@]*=*) options+=("encode$query" "$2") ;;
        *) return 1 ;;
        esac
        shift 2
    done
}

request_by_curl() {
    local how=(-X "$1") out took
    [ "$1" != HEAD ] || how=(-I)
    out=$(curl -sS --noproxy '*' -g --path-as-is -m 30 "${how[@]}" -w '\n%{http_code} %{time_total}' "${@:3}" "$(base)$2") || return
    took=${out##* }
    printf '%s %s' "${out% *}" $((10#${took/./} / 1000))
}

# api METHOD PATH KEY=VALUE...: a request with these parameters in the query.
api() {
    local method=$1 path=$2 pair args=()
    shift 2
    for pair; do args+=(--data-urlencode "$pair"); done
    request "$method" "$path" --get "${args[@]}"
}

get() { api GET "$@"; }
post() { api POST "$@"; }

# got JQ: prints the value of a jq filter in the last reply.
got() {
    local answer status=0
    driver lookup "$1" "$reply" || status=$?
    if [ "$status" = "$NEEDS_JQ" ]; then
        jq -r "$1" <<<"$reply"
    else
        printf '%s' "$answer"
    fi
}

# field JQ PATH KEY=VALUE...: GETs the endpoint and prints the value of a jq filter in the reply.
field() {
    local filter=$1
    shift
    get "$@" >/dev/null && got "$filter"
}

# --- Assertions --------------------------------------------------------------

# is ACTUAL EXPECTED: fails and prints both if they differ.
is() {
    [ "$1" = "$2" ] || {
        printf 'got      %s\nexpected %s\n' "$1" "$2"
        return 1
    }
}

# fails COMMAND...: succeeds if the command fails.  (bash ignores a failing "! command" under set -e.)
fails() { if "$@"; then return 1; fi; }

# shape NAME: fails unless the last reply has the shape NAME of shapes.jq, or satisfies the jq filter
# NAME.
shape() { judge "$1" 0 ''; }

# judge SHAPE CODE FIELD: the same; "error" takes a status_code, and a text that status_msg contains.
judge() {
    local status=0 program=$1
    driver shape "$@" "$reply" || status=$?
    [ "$status" != "$NEEDS_JQ" ] || {
        status=0
        [ "$1" != error ] || program='error($code; $field)'
        jq -e -L "$T/lib" --argjson code "$2" --arg field "$3" "include \"shapes\"; $program" <<<"$reply" >/dev/null || status=$?
    }
    [ "$status" = 0 ] || {
        printf 'not %s %s: %s\n' "$1" "${*:2}" "$reply"
        return 1
    }
}

# must get|post|...: sends the request; fails unless the reply is a success.
must() {
    "$@" || return
    is "$http" 200 && shape success
}

# expect_error NAME FIELD [get|post ...]: sends the request, if any; fails unless the last reply is
# this error of `worker describe errors` and its status_msg contains FIELD.
expect_error() {
    local wanted=$1 field=$2 name code status
    shift 2
    [ $# = 0 ] || "$@" || return
    while IFS=$'\t' read -r name code status _; do
        [ "$name" != "$wanted" ] || break
    done <"$CHECK/errors"
    is "$name $http" "$wanted $status" && judge error "$code" "$field"
}

# wait_for SECONDS COMMAND...: retries COMMAND until it succeeds.  The timeout is 6 x SECONDS, to
# tolerate loaded machines.  Prints the command's last output on failure.
wait_for() {
    local end=$(($(now_ms) + $1 * 6000)) output=$CHECK/waited.$BASHPID
    shift
    until "$@" >"$output" 2>&1; do
        [ "$(now_ms)" -lt "$end" ] || {
            printf 'timeout: %s\n' "$*"
            tail -n 20 "$output"
            return 1
        }
        sleep 0.05
    done
}

now_ms() { printf '%s' $((${EPOCHREALTIME/./} / 1000)); }

# --- Users -------------------------------------------------------------------

unique() { printf '%s-%s' "$1" "${EPOCHREALTIME#*.}$BASHPID"; }

# register NAME [PASSWORD]: registers a user and prints the token.
register() {
    must post user/register username="$1" password="${2:-$PASSWORD}" >&2 && got .token
}

# login_new NAME: registers a user with a unique name that starts so; prints the token.
login_new() { register "$(unique "$1")"; }

# people NAME...: registers a user for each and exports NAME (the token) and NAME_id.  Usually called
# in setup_file.
people() {
    local name
    for name; do
        must post user/register username="$(unique "$name")" password="$PASSWORD" || return
        export "$name=$(got .token)" "${name}_id=$(got .user_id)"
    done
}

id_of() { field .user.id user token="$1"; }

# crowd N: inserts N accounts without a password by SQL; prints their ids.
crowd() {
    sql "INSERT INTO account (name, password)
        SELECT 'crowd-' || gen_random_uuid()::text, '' FROM generate_series(1, $1) RETURNING id"
}

# jwt PAYLOAD [HEADER [DIGEST [KEY-FILE]]]: prints a token signed with the instance's key.
jwt() {
    local header=${2:-'{"alg":"HS256","typ":"JWT"}'} digest=${3:-sha256} text key
    key=$(od -An -v -tx1 "${4:-$DOUSHENG_HOME/keys/token}" | tr -d ' \n') || return
    text=$(base64url <<<"$header").$(base64url <<<"$1")
    printf '%s.%s' "$text" "$(printf '%s' "$text" |
        openssl dgst "-$digest" -mac HMAC -macopt "hexkey:$key" -binary | basenc -w0 --base64url | tr -d =)"
}

base64url() { tr -d '\n' | basenc -w0 --base64url | tr -d =; }

# token_of ID: prints a token of the user, who may be one of a crowd.
token_of() { jwt '{"sub":"'"$1"'","exp":'$(($(date +%s) + 3600))'}'; }

# assert_empty_without_login PATH SHAPE JQ: the list is an empty success without a valid token and
# user, as the app requests it after a logout.
assert_empty_without_login() {
    local who
    for who in '' user_id=0 user_id= token=broken 'token= user_id=0' 'token=broken user_id=0'; do
        # shellcheck disable=SC2086
        must get "$1" $who && shape "$2" && is "$who $(got "$3")" "$who []" && is "$(got .next_cursor)" 0 || return
    done
}

# --- Actions -----------------------------------------------------------------

like() { must post favorite/action token="$1" video_id="$2" action_type=1; }
unlike() { must post favorite/action token="$1" video_id="$2" action_type=2; }
follow() { must post relation/action token="$1" to_user_id="$2" action_type=1; }
unfollow() { must post relation/action token="$1" to_user_id="$2" action_type=2; }
say() { must post message/action token="$1" to_user_id="$2" action_type=1 content="$3"; }

# comment TOKEN VIDEO TEXT: posts a comment and prints its id.
comment() {
    must post comment/action token="$1" video_id="$2" action_type=1 comment_text="$3" >&2 &&
        got .comment.id
}

# upload FILE TOKEN TITLE
upload() { request POST publish/action -F "data=@$1" -F "token=$2" --form-string "title=$3" "${@:4}"; }

# publish FILE TOKEN TITLE: uploads a video and prints its id.
publish() {
    must upload "$1" "$2" "$3" >&2 && field '.video_list[0].id' publish/list token="$2"
}

is_state() { [ "$(sql "SELECT state FROM video WHERE id = $1")" = "$2" ]; }

# wait_ready VIDEO: waits until all renditions are made and transcode has finished with the video:
# cached copies are invalidated and its folder in work/ is removed.
wait_ready() { wait_for 60 is_state "$1" ready && wait_for 60 no_job "$1" && wait_for 10 no_file "$DOUSHENG_HOME/work/$1"; }
no_job() { [ "$(sql "SELECT count(*) FROM job WHERE video_id = $1")" = 0 ]; }
no_file() { [ ! -e "$1" ]; }

# publish_ready TOKEN [TITLE]: publishes the clip, waits until it is ready and prints its id.
publish_ready() {
    local video
    video=$(publish "$CHECK/clip.mp4" "$1" "${2:-clip}") && wait_ready "$video" >&2 &&
        printf '%s' "$video"
}

# old_videos AUTHOR N: inserts N ready videos without files by SQL; prints their ids.
old_videos() {
    sql "WITH added AS (
        INSERT INTO video (author_id, title, state, play_file, cover_file, published_at)
        SELECT $1, 'old ' || n, 'ready', '00/none.mp4', '00/none.jpg', n +
            (SELECT coalesce(max(published_at), now_ms() - 1000000) FROM video)
        FROM generate_series(1, $2) n RETURNING id
    ), counted AS (
        INSERT INTO account_ledger (account_id, works) SELECT $1, 1 FROM added
    ) SELECT id FROM added ORDER BY id"
}

# --- The database ------------------------------------------------------------

# sql TEXT: runs the statements in one transaction, and prints rows as psql -At does.
sql() {
    local answer status=0
    driver sql "$DOUSHENG_HOME/run/postgres" "$1" "${PGOPTIONS:-}" || status=$?
    printf '%s' "$answer"
    return "$status"
}

# site prints the name of the database in Redis keys, epoch_key the key of the current cache epoch.
site() { sql "SELECT to_hex(system_identifier) || '-' || (SELECT oid FROM pg_database WHERE datname = 'dousheng') FROM pg_control_system()"; }
epoch_key() { printf 'dousheng:%s:epoch' "$(site)"; }

# lock_table TABLE: locks it in MODE (ACCESS EXCLUSIVE; EXCLUSIVE still allows reads) until unlock.
lock_table() {
    sql "LOCK TABLE $1 IN ${MODE:-ACCESS EXCLUSIVE} MODE; SELECT pg_sleep(100)" >/dev/null 2>&1 3>&- &
    holder=$!
    wait_for 5 is_locked "$1"
}
is_locked() { [ "$(sql "SELECT count(*) FROM pg_locks WHERE relation = '$1'::regclass AND granted
    AND mode IN ('ExclusiveLock', 'AccessExclusiveLock')")" != 0 ]; }
unlock() {
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LOCK TABLE%' AND pid <> pg_backend_pid()" >/dev/null
    wait "$holder" || true
}

# facts: prints the number of rows of each kind, without those of deleted videos, which sweep deletes in
# the background.
facts() {
    sql "SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM video), (SELECT count(*) FROM job),
        (SELECT count(*) FROM favorite JOIN video ON video.id = video_id), (SELECT count(*) FROM follow),
        (SELECT count(*) FROM message), (SELECT count(*) FROM comment JOIN video ON video.id = video_id),
        (SELECT count(*) FROM comment JOIN video ON video.id = video_id WHERE deleted_at IS NULL)"
}

# drift: prints accounts and videos whose counters differ from their facts, in one snapshot.
drift() {
    sql "SELECT 'account', a.* FROM account_now a
        WHERE follow_count <> (SELECT count(*) FROM follow WHERE user_id = a.id)
        OR follower_count <> (SELECT count(*) FROM follow WHERE to_user_id = a.id)
        OR favorite_count <> (SELECT count(*) FROM favorite WHERE user_id = a.id)
        OR total_favorited <> (SELECT count(*) FROM favorite f JOIN video v ON v.id = f.video_id
                               WHERE v.author_id = a.id)
        OR work_count <> (SELECT count(*) FROM video WHERE author_id = a.id AND state <> 'failed')" &&
        sql "SELECT 'video', v.* FROM video_now v
        WHERE favorite_count <> (SELECT count(*) FROM favorite WHERE video_id = v.id)
        OR comment_count <> (SELECT count(*) FROM comment WHERE video_id = v.id AND deleted_at IS NULL)"
}

# --- Many at once ------------------------------------------------------------

# flood PARALLEL: POSTs each line of its input (PATH?QUERY), PARALLEL at a time; prints how often each
# status_code came: "120 0".
flood() {
    sed "s,^\([^?]*\)?\(.*\),url = \"$(base)/douyin/\1/?\2\"," |
        curl -sS --no-progress-meter --noproxy '*' -g -m 60 -X POST --parallel --parallel-immediate --parallel-max "$1" \
            -w '\n' -K - | grep -o '"status_code":[0-9]*' | cut -d: -f2 | sort | uniq -c | sed 's/^ *//'
}

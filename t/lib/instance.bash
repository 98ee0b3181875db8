# instance.bash: instances for tests, and a video.  Sourced by check and common.bash.
#
# Every instance lies in a folder of $CHECK; t/check stops all that it finds there.
# shellcheck shell=bash

# Redis, or Valkey in its place; the bats files use them.
# shellcheck disable=SC2034
REDIS_CLI=$(type -P redis-cli || type -P valkey-cli) || true
# shellcheck disable=SC2034
REDIS_SERVER=$(type -P redis-server || type -P valkey-server) || true
PATH=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1):$PATH:/usr/sbin

# free_port [PORT...]: prints a free port that this run has not used before, one of these or any.
# shellcheck disable=SC2120
free_port() {
    local port
    for port in "$@" $(shuf -n 50 -i 20000-31999); do
        ! grep -qE "^ *[0-9]+: [0-9A-F]+:$(printf %04X "$port") " /proc/net/tcp /proc/net/tcp6 2>/dev/null &&
            mkdir "${PORTS:-$CHECK}/port-$port" 2>/dev/null && break
    done
    printf '%s' "$port"
}

# up: spawn/up for the instance in DOUSHENG_HOME.  Servers must not inherit
# file 3, at whose end bats waits.  What a test kills stays dead, unless it asks for
# the watch with DOUSHENG_WATCH=yes.
up() { DOUSHENG_WATCH=${DOUSHENG_WATCH:-no} timeout --foreground -k 5 500 "$T/../spawn/up" </dev/null 3>&-; }
down() { timeout --foreground -k 5 200 "$T/../spawn/down" </dev/null 3>&-; }

# --- A template ------------------------------------------------------------

# A cluster with the newest schema is made once and kept in $TEMPLATES until what it is made from
# changes; instances start with a copy of it.

template_key() {
    { cat "$T"/../sql/schema/* "$T"/../spawn/{services.sh,migrate,lib.sh} && postgres --version && id -u; } | sha256sum | cut -c 1-16
}

# make_template: sets TEMPLATE.
make_template() {
    local key
    key=$(template_key) || return
    if [ ! -d "$TEMPLATES/$key" ]; then
        TEMPLATE='' instance_up template && down >/dev/null || return
        rm -rf "$TEMPLATES"
        mkdir -p "$TEMPLATES"
        cp -a "$CHECK/template/pg" "$TEMPLATES/$key.new" && mv -T "$TEMPLATES/$key.new" "$TEMPLATES/$key"
        rm -rf "$(realpath "$CHECK/template")" "$CHECK/template"
    fi
    export TEMPLATE=$TEMPLATES/$key
}

# copy_template: unless the instance exists or has a database elsewhere.  spawn/up takes a folder
# with app/ in it for its own.
copy_template() {
    [ -n "${TEMPLATE:-}" ] && [ ! -e "$DOUSHENG_HOME/app" ] && ! grep -q '^database_url' "$DOUSHENG_HOME/dousheng.conf" || return 0
    mkdir "$DOUSHENG_HOME/app" && cp -a --reflink=auto "$TEMPLATE" "$DOUSHENG_HOME/pg"
}

# --- Instances -------------------------------------------------------------

# instance_up NAME [SETTING=VALUE...]: starts an instance in $CHECK/NAME, to which all that follows
# speaks.  It has no rate limits unless it asks for them, a long time limit for a video, since ffmpeg
# runs at the lowest priority, and a small PostgreSQL.  Call it in setup_file, and instance_down in
# teardown_file.  In the logs of crash-..., t/check allows what a crash leaves there.
#
# TEMPLATE='' instance_up ...: with a cluster of its own, not a copy (its system identifier differs).
instance_up() {
    local pair log=$CHECK/$1.up
    export DOUSHENG_HOME=$CHECK/$1 DOUSHENG_PORT DOUSHENG_SEED=${DOUSHENG_SEED:-no}
    shift
    mkdir -p "$DOUSHENG_HOME"
    for pair in rate_{read,register,login,publish,write}=0 transcode_pace=600 postgres_memory_mb=128 "$@"; do
        printf '%s = %s\n' "${pair%%=*}" "${pair#*=}"
    done >"$DOUSHENG_HOME/dousheng.conf"
    copy_template || return
    # Another run may take the port in between; the complaint of nginx is then nobody's.
    for _ in 1 2 3; do
        # shellcheck disable=SC2119
        DOUSHENG_PORT=$(free_port)
        up >"$log" 2>&1 && return
        grep -qE "port $DOUSHENG_PORT|:$DOUSHENG_PORT failed" "$log" || break
        rm -f "$DOUSHENG_HOME"/log/nginx-*.log
    done
    cat "$log" >&2
    return 1
}

# instance_shared: the instance that the files of a lane share; starts it if it does not answer.  Call
# it in setup_file.  A file that would disturb the others starts its own.
instance_shared() {
    export DOUSHENG_HOME=$CHECK/main DOUSHENG_PORT
    DOUSHENG_PORT=$(cat "$DOUSHENG_HOME/run/port" 2>/dev/null) || true
    curl -sf --noproxy '*' -m 10 -o "$CHECK/answer" "http://127.0.0.1:${DOUSHENG_PORT:-1}/douyin/feed/" 2>/dev/null ||
        instance_up main
}

# instance_down: its logs stay, for t/check to look at.
instance_down() { down >/dev/null; }

# pid_of SERVICE: prints the process id of its supervisor or server.
pid_of() {
    case $1 in
    postgres) head -n 1 "$DOUSHENG_HOME/pg/postmaster.pid" ;;
    redis) cat "$DOUSHENG_HOME/run/redis/redis.pid" ;;
    *) cat "$DOUSHENG_HOME/run/$1.pid" ;;
    esac
}

# workers [SERVICE...]: prints the processes of pools or jobs.
workers() {
    local name
    [ $# != 0 ] || set -- feed lists account publish social ops chat
    for name; do pgrep -P "$(pid_of "$name")" || return; done
}

gone() { [ ! -e "/proc/$1" ] || [ "$(awk '/^State:/ { print $2 }' "/proc/$1/status")" = Z ]; }

# kill_server SIGNAL SERVICE: sends the signal and waits until the server has ended.
kill_server() {
    local pid
    pid=$(pid_of "$2") && kill -s "$1" "$pid" && wait_for 20 gone "$pid"
}

# --- Videos ------------------------------------------------------------------

# cached FILE COMMAND [ARGUMENT...]: makes FILE (a file or a folder) by COMMAND FILE ARGUMENT..., once for
# many runs.  The result is kept in FIXTURE_CACHE, under a hash of the command, the scripts it runs and
# ffmpeg's version.  Files that were not used for 30 days are removed.
cached() {
    local file=$1 command=$2 cache=${FIXTURE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/dousheng-fixtures} key fresh
    shift 2
    key=$({ ffmpeg -version && declare -f "$command" && cat "$T"/media/{fixtures,*.p[ly]} && printf '%s\0' "${file##*/}" "$@"; } | sha256sum) ||
        return
    key=$cache/${key%% *}
    if [ ! -e "$key" ]; then
        mkdir -p "$cache" && find "$cache" -mindepth 1 -maxdepth 1 -mtime +30 -exec rm -rf {} + &&
            fresh=$(mktemp -d "$cache/new.XXXXXX") || return
        "$command" "$fresh/${file##*/}" "$@" || { rm -rf "$fresh" && return 1; }
        # Another run may have been faster.
        mv -T "$fresh" "$key" 2>/dev/null || rm -rf "$fresh"
    fi
    touch "$key" && cp -rT --reflink=auto "$key/${file##*/}" "$file"
}

# encode FILE FFMPEG-OPTION...: makes a video or picture by ffmpeg's generators, cached.
encode() { cached "$1" encode_anew "${@:2}"; }
encode_anew() { ffmpeg -nostdin -v error "${@:2}" -y "$1"; }

# make_clip FILE [FFMPEG-OPTION...]: makes a video of one second, 64x96, with audio, cached.
make_clip() {
    encode "$1" -f lavfi -i testsrc2=s=64x96:r=10:d=1 -f lavfi -i sine=d=1 \
        -pix_fmt yuv420p -c:v libx264 -preset ultrafast -c:a aac "${@:2}"
}

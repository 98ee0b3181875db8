# Out of memory: every route with each of its allocations failing in turn (t/alloc).
# bats file_tags=slow,release-only
load ../lib/common

setup_file() {
    [ -z "$DEV" ] || return 0
    instance_up crash-allocation log_level=error
    people alice
    video=$(publish_ready "$alice" shown)
    export video
    old_videos "$(id_of "$alice")" 40 >/dev/null
    # Uploads here are not videos, and there are many.
    workers transcode | xargs kill -s STOP
}

teardown_file() {
    if [ -z "$DEV" ]; then
        workers transcode | xargs kill -s CONT || true
        instance_down
    fi
}

setup() { [ -z "$DEV" ] || skip "a sanitizer has its own malloc()"; }

# Runs t/alloc as the user of the workers, in a folder that this user may enter.
# sweep [PATH]: only routes whose path contains PATH.
sweep() {
    local as=()
    [ "$EUID" != 0 ] || as=(setpriv --reuid=dousheng --regid=dousheng --groups="dousheng-keys,dousheng-data" --)
    cp "$BIN/../alloc/alloc" "$CHECK/alloc"
    chmod 755 "$CHECK/alloc"
    timeout 800 "${as[@]}" "$CHECK/alloc" "$video" "$@" >"$CHECK/alloc.tap" 2>"$DOUSHENG_HOME/log/alloc.log"
}

@test "any single failed allocation gives an error of ours, no partial change, and a working next request" {
    sweep / || {
        cat "$CHECK/alloc.tap"
        tail -n 5 "$DOUSHENG_HOME/log/alloc.log"
        return 1
    }
    grep -E '^ok .* attempts' "$CHECK/alloc.tap" | sed 's/^ok/#/' >&3
}

@test "after allocation failures facts, counters, rows and files agree" {
    is "$(drift)" ""
    missing=$(sql "SELECT DISTINCT source FROM job" | while read -r name; do
        [ -e "$DOUSHENG_HOME/upload/$name" ] || echo "$name"
    done)
    is "$missing" ""
}

@test "allocation failures are handled over TCP, with a password and another database number" {
    port=$(free_port)
    "$REDIS_SERVER" --port "$port" --bind 127.0.0.1 --requirepass pw-geheim-redis --save '' >/dev/null 3>&- &
    redis=("$REDIS_CLI" --no-auth-warning -p "$port" -a pw-geheim-redis -n 3)
    wait_for 10 "${redis[@]}" ping
    result=0
    REDIS_URL=redis://:pw-geheim-redis@127.0.0.1:$port/3 sweep nothing || result=$?
    keys=$("${redis[@]}" dbsize)
    kill $!
    cat "$CHECK/alloc.tap"
    is "$result" 0
    [ "$keys" -gt 1 ]
}

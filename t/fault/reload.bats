# reload under load with new programs, settings and pools: no request fails.
#
#   CLIENTS=200 SLOW=60 make fault T=t/fault/reload.bats    at full length
# bats file_tags=on-demand
load ../lib/common
load ../lib/publish
load ../lib/fault

setup_file() {
    export CLIENTS=${CLIENTS:-40} SLOW=${SLOW:-8} PAUSE=${PAUSE:-50}
    # Pools are part of the source tree: a copy with its own spawn/pools and links to the rest.
    export TREE=$CHECK/tree
    mkdir -p "$TREE"
    cp -r "$T/../spawn" "$TREE/"
    for part in nginx sql static; do ln -s "$(realpath "$T/../$part")" "$TREE/$part"; done
    fault_up reload
    down
    up
}
teardown_file() { instance_down; }

up() { DOUSHENG_WATCH=yes timeout 120 "$TREE/spawn/up" </dev/null 3>&- >/dev/null; }
down() { timeout 90 "$TREE/spawn/down" </dev/null 3>&- >/dev/null; }
reload() { timeout 200 "$TREE/spawn/reload" </dev/null 3>&-; }

# reloads CHANGE: runs CHANGE and reload under load and during a slow upload.
reloads() {
    under_load reload "$CLIENTS"
    "$@"
    reload
    pgrep -f "load reload" >/dev/null
    sleep 0.5
    reload
    end_load
    wait_settled
    counters_agree
    rows_agree
    is "$(tallied refused) $(tallied unknown) $(tallied failed_reads)" "0 0 0"
    echo "#    $CLIENTS clients, $(tallied closed_idle) idle connections closed, $(tallied raced) of them as they were used; slowest answer $(tallied slowest_ms) ms" >&3
    timeout 60 "$TREE/spawn/status" 3>&- >/dev/null
    no_alert
}

new_program() {
    cp "$BIN/worker" "$BATS_TEST_TMPDIR/worker"
    echo >>"$BATS_TEST_TMPDIR/worker"
    mkdir -p "$CHECK/bin"
    cp "$BIN"/* "$CHECK/bin/"
    mv "$BATS_TEST_TMPDIR/worker" "$CHECK/bin/worker"
    export BIN=$CHECK/bin
}

new_setting() { echo "default_signature = new" >>"$DOUSHENG_HOME/dousheng.conf"; }

# A setting of nginx: it closes idle connections.
new_limit() { echo "upload_max_mb = 150" >>"$DOUSHENG_HOME/dousheng.conf"; }

other_sizes() { sed -i 's/^feed  *[0-9]*/feed 6/; s/^social  *[0-9]*/social 3/; s/^account  *[0-9]*/account 3/; s/^publish  *[0-9]*/publish 1/' "$TREE/spawn/pools"; }

new_pool() { printf 'poll 3 keep\n    /douyin/message/chat/\n' >>"$TREE/spawn/pools"; }

lost_pool() { sed -i '/^poll/,$d' "$TREE/spawn/pools"; }

@test "reloading new programs loses no request" {
    before=$(workers)
    reloads new_program
    is "$(workers)" "$before"
    for pid in $(workers); do is "$(stat -Lc %i "/proc/$pid/exe")" "$(stat -c %i "$DOUSHENG_HOME/app/bin/worker")"; done
}

@test "reloading new settings loses no request" {
    reloads new_setting
    is "$(field .user.signature user token="$ann")" new
}

@test "reloading pools of other sizes loses no request" {
    reloads other_sizes
    is "$(for pool in feed lists account publish social chat; do workers "$pool" | wc -l; done | xargs)" "6 2 3 1 3 2"
    is "$(find /proc/[0-9]*/cwd -lname "$DOUSHENG_HOME" 2>/dev/null | sed 's,cwd$,comm,' | xargs cat 2>/dev/null | grep -cx worker)" 15
}

@test "reloading with an added pool loses no request" {
    reloads new_pool
    is "$(workers poll | wc -l)" 3
}

@test "reloading with a removed pool loses no request" {
    reloads lost_pool
    fails test -e "$DOUSHENG_HOME/run/poll.sock"
}

@test "reloading a setting of nginx loses no request" {
    reloads new_limit
    is "$(field .max_bytes publish/limits)" $((150 * 1024 * 1024))
}

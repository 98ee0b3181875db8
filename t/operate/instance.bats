# The scripts up, down, status and reload; several instances on one machine.
# bats file_tags=slow,release-only
load ../lib/common

setup_file() {
    instance_shared
    main_port=$DOUSHENG_PORT
    instance_up crash-ours
    people alice bob
    video=$(publish_ready "$alice" ours)
    export video main_port
}

teardown_file() {
    instance_down
}

all=(feed lists account publish social ops chat transcode fold)
pids() { for name in postgres redis nginx "${all[@]}"; do pid_of "$name"; done && workers "${all[@]}"; }
status() { timeout 300 "$T/../spawn/status" 3>&-; }

# processes HOME: prints the processes of this instance.
processes() { find /proc/[0-9]*/cwd -maxdepth 0 -lname "$(realpath -m "$1")*" 2>/dev/null; }

# refuses TEXT: up fails with one message that contains TEXT, and starts nothing.
refuses() {
    local rc=0
    up >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || rc=$?
    cat "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err"
    [ "$rc" != 0 ] && is "$(wc -l <"$BATS_TEST_TMPDIR/err")" 1 &&
        grep -qF -- "$1" "$BATS_TEST_TMPDIR/err" && is "$(processes "$DOUSHENG_HOME")" ""
}

@test "up prints the address of the instance" {
    grep -q "http://127.0.0.1:$DOUSHENG_PORT" "$CHECK/crash-ours.up"
}

@test "a second up changes and loses nothing" {
    before="$(pids) $(facts) $(md5sum "$DOUSHENG_HOME"/{keys/token,nginx.conf,dousheng.conf})"
    up
    # Variables of the caller's shell are not settings.
    TZ=Asia/Shanghai PGHOST=elsewhere DOUSHENG_WEB=no DOUSHENG_OTHER=x up
    # Removing the build folder does no harm.
    BIN=$CHECK/none up
    is "$(pids) $(facts) $(md5sum "$DOUSHENG_HOME"/{keys/token,nginx.conf,dousheng.conf})" "$before"
    must get user token="$alice"
}

@test "concurrent runs of up are serialized" {
    before=$(pids)
    up >"$BATS_TEST_TMPDIR/one" &
    up >"$BATS_TEST_TMPDIR/two"
    wait $!
    is "$(pids)" "$before"
}

@test "status lists the services and fails if one is down" {
    status
    is "$(status | grep -c running)" 14
    kill_server TERM fold
    fails status
    is "$(status | grep -c '^fold  *stopped')" 1
    up
    status
}

@test "no process runs as root" {
    [ "$EUID" = 0 ] || skip "we are not root"
    for pid in $(workers "${all[@]}") $(pid_of postgres) $(pid_of redis) $(pgrep -P "$(pid_of nginx)"); do
        fails grep -qP '^[UG]id:.*\t0\b' "/proc/$pid/status"
    done
}

# addresses: prints the addresses that listen at the instance's port.
addresses() { cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port=":$(printf %04X "$DOUSHENG_PORT")" '$4 == "0A" && $2 ~ port "$" { sub(":.*", "", $2); print $2 }' | sort | xargs; }

@test "listen_address takes effect after a reload, also when removed" {
    before=$(addresses)
    echo "listen_address = 127.0.0.1" >>"$DOUSHENG_HOME/dousheng.conf"
    timeout 300 "$T/../spawn/reload" 3>&-
    is "$(addresses)" 0100007F
    must get feed
    sed -i /listen_address/d "$DOUSHENG_HOME/dousheng.conf"
    timeout 300 "$T/../spawn/reload" 3>&-
    is "$(addresses)" "$before"
    must get feed
}

# Members of the groups: t/operate/privileges.bats.
@test "secret files are readable by their owner only" {
    for path in keys upload original work spool run/shared dousheng.conf; do
        is "$path $(stat -c %A "$DOUSHENG_HOME/$path" | cut -c8-)" "$path ---"
    done
    for path in keys/token pg; do is "$path $(stat -c %A "$DOUSHENG_HOME/$path" | cut -c5-)" "$path ------"; done
    is "$(stat -c %a "$DOUSHENG_HOME/log") $(find "$DOUSHENG_HOME/log/" -name '*.log' ! -name nginx-start.log ! -name initdb.log -perm /007)" "751 "
}

@test "instances on one machine are independent" {
    name=$(field .user.name user token="$alice")
    DOUSHENG_HOME=$CHECK/main DOUSHENG_PORT=$main_port
    expect_error ERR_UNAUTHENTICATED token get relation/friend/list token="$alice"
    expect_error ERR_BAD_CREDENTIALS password post user/login username="$name" password="$PASSWORD"
}

@test "down stops only its own instance, and up restores it" {
    ours=$(pids)
    before=$(facts)
    down
    for pid in $ours; do wait_for 5 gone "$pid"; done
    is "$(processes "$DOUSHENG_HOME")" ""
    fails status
    is "$(curl -s -m 5 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$main_port/douyin/feed/")" 200
    down # a second one is fine
    up
    is "$(facts)" "$before"
    must get user token="$alice" # the key is kept
    is "$(field '.video_list[0].id' feed)" "$video"
    is "$(curl -s -o /dev/null -w '%{http_code}' "$(field '.video_list[0].play_url' feed)")" 200
}

@test "a killed worker is replaced and its pool answers" {
    for pool in feed lists account publish social chat; do
        before=$(workers "$pool")
        for pid in $before; do kill -s KILL "$pid"; done
        wait_for 5 eval '[ "$(workers '"$pool"' | wc -l)" = "$(wc -w <<<"$before")" ]'
        for pid in $before; do fails grep -qx "$pid" <(workers "$pool"); done
    done
    wait_for 5 must get feed
    must get message/chat token="$alice" to_user_id="$bob_id"
    like "$alice" "$video"
    register "$(unique after)"
    wait_ready "$(publish "$CHECK/clip.mp4" "$alice" after)"
}

# nginx may choose a kept connection while its worker closes it: at most one request on each of 4
# connections to each of 3 workers is lost.
# inodes POOL...: prints the inodes of the programs that its processes execute.
inodes() { for pid in $(workers "$@"); do stat -Lc %i "/proc/$pid/exe"; done | sort -u; }

@test "reload installs a new program without losing a request" {
    pools=(feed lists account publish social chat)
    before=$(workers "${pools[@]}") jobs=$(workers transcode fold)
    # A copy of the file is another program.
    cp "$DOUSHENG_HOME/app/bin/worker" "$BATS_TEST_TMPDIR/worker"
    printf '\n' >>"$BATS_TEST_TMPDIR/worker"
    install -m 755 "$BATS_TEST_TMPDIR/worker" "$DOUSHENG_HOME/app/bin/worker.old"
    mv "$DOUSHENG_HOME/app/bin/worker.old" "$DOUSHENG_HOME/app/bin/worker"
    for _ in {1..8000}; do echo "favorite/action?token=$alice&video_id=$video&action_type=1"; done |
        flood 8 >"$BATS_TEST_TMPDIR/codes" &
    flood=$!
    timeout 500 "$T/../spawn/reload" 3>&-
    wait "$flood"
    is "$(cat "$BATS_TEST_TMPDIR/codes")" "8000 0"
    is "$(inodes "${pools[@]}")" "$(stat -c %i "$DOUSHENG_HOME/app/bin/worker")"
    is "$(workers "${pools[@]}")" "$before"
    for pid in $jobs; do fails grep -qx "$pid" <(workers); done
}

@test "up after a kill of all processes keeps every acknowledged write" {
    before=$(facts)
    for pid in $(pids) $(pgrep -P "$(pid_of nginx)") $(pgrep -P "$(pid_of postgres)"); do
        kill -s KILL "$pid" 2>/dev/null || true
    done
    up
    status
    is "$(facts)" "$before"
    is "$(drift)" ""
    must get user token="$alice"
    wait_ready "$(publish "$CHECK/clip.mp4" "$alice" again)"
}

@test "up replaces orphans of killed supervisors" {
    for name in "${all[@]}"; do kill -s KILL "$(pid_of "$name")"; done
    up
    status
    for name in "${all[@]}"; do [ -n "$(workers "$name")" ]; done
    must get feed
    # A process has its parent's program until it calls exec().
    wait_for 5 all_supervised
}

# Every worker has a running supervisor.
all_supervised() {
    local ours
    ours=$(processes "$DOUSHENG_HOME" | sed 's,cwd$,comm,' | xargs grep -cxE 'worker|transcode|fold' 2>/dev/null | grep -c ':1$')
    is "$ours" "$(workers "${all[@]}" | wc -l)"
}

@test "a taken port makes up fail with a message" {
    export DOUSHENG_HOME=$CHECK/taken DOUSHENG_PORT=$main_port
    refuses "port $main_port"
    export DOUSHENG_PORT=x
    refuses DOUSHENG_PORT
    export DOUSHENG_PORT=65536
    refuses DOUSHENG_PORT
}

@test "an unusable folder makes up fail with a message" {
    DOUSHENG_PORT=$(free_port)
    export DOUSHENG_HOME=/proc/dousheng DOUSHENG_PORT
    refuses /proc/dousheng
    echo >"$BATS_TEST_TMPDIR/file"
    DOUSHENG_HOME=$CHECK/$(printf 'x%.0s' {1..100})
    refuses "too long"
    DOUSHENG_HOME=$CHECK/other
    mkdir -p "$DOUSHENG_HOME/precious"
    refuses "other files"
    [ -d "$DOUSHENG_HOME/precious" ]
}

@test "a bad setting or missing program makes up fail with a message" {
    DOUSHENG_PORT=$(free_port)
    export DOUSHENG_HOME=$CHECK/bad DOUSHENG_PORT
    mkdir -p "$DOUSHENG_HOME"
    echo "rate_read = many" >"$DOUSHENG_HOME/dousheng.conf"
    refuses rate_read
    BIN=$CHECK/none refuses make
}

@test "an interrupted up leaves no process" {
    DOUSHENG_PORT=$(free_port)
    export DOUSHENG_HOME=$CHECK/interrupted DOUSHENG_PORT
    # Files of tests and benchmarks in the folder of a new instance do no harm.
    mkdir -p "$DOUSHENG_HOME"/{browser,fuzz/crashes,bench}
    for delay in 0.4 0.9; do
        "$T/../spawn/up" </dev/null >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
        sleep "$delay"
        kill -s TERM $!
        wait $! || true
        wait_for 10 eval '[ -z "$(processes "$DOUSHENG_HOME")" ]'
    done
    up
    must get feed
    down
}

@test "database_url and redis_url use servers of another instance" {
    donor=$DOUSHENG_HOME
    echo "database_shared = yes" >>"$DOUSHENG_HOME/dousheng.conf"
    up
    instance_up guest "database_url=postgresql:///dousheng?host=$donor/run/postgres&user=dousheng" \
        "redis_url=unix:$donor/run/redis/redis.sock"
    fails test -e "$DOUSHENG_HOME/pg/postmaster.pid"
    fails test -e "$DOUSHENG_HOME/run/redis/redis.pid"
    is "$(field .user.id user user_id="$alice_id")" "$alice_id"
    is "$(status | grep -c running)" 12
    down
}

@test "Valkey replaces Redis" {
    # Links to the programs by Valkey's names; those of Redis are missing.  The user to whom root switches
    # must be able to enter the folder.
    bin=$CHECK/valkey-bin
    mkdir "$bin"
    for dir in ${PATH//:/ }; do
        find "$dir/" -maxdepth 1 ! -xtype d ! -name 'redis-*' -exec ln -st "$bin" {} + 2>/dev/null || true
    done
    ln -sf "$REDIS_SERVER" "$bin/valkey-server"
    ln -sf "$REDIS_CLI" "$bin/valkey-cli"
    kept=$PATH
    # lib.sh appends these two.
    PATH=$bin
    fails eval 'PATH=$PATH:/usr/sbin:/sbin type -P redis-server redis-cli'
    instance_up valkey
    is "$(status | grep -c running)" 14
    must get feed
    is "$(bash -c '. "$0/lib.sh" && find_worker && ask_redis ping' "$T/../spawn")" PONG
    wait_for 10 eval '[ "$(bash -c ". \"\$0/lib.sh\" && find_worker && ask_redis dbsize" "$T/../spawn")" -gt 0 ]'
    kill_server KILL redis
    up
    is "$(bash -c '. "$0/lib.sh" && find_worker && ask_redis ping' "$T/../spawn")" PONG
    down
    PATH=$kept
    is "$(processes "$DOUSHENG_HOME")" ""
}

@test "servers installed by up are not enabled at boot; others are left alone" {
    cd "$BATS_TEST_TMPDIR"
    mkdir bin spawn
    sed "s,/usr/sbin/policy-rc.d,$PWD/policy," "$T/../spawn/packages" >spawn/packages
    printf 'nginx run\npostgresql run\nredis-server run\n' >packages
    # Redis is installed; apt-get installs the others.  dpkg-query fails for unknown packages.
    echo 'redis-server installed' >have
    printf '#!/bin/sh\ncat have; exit 1\n' >bin/dpkg-query
    printf '#!/bin/sh\ncase "$*" in *install*) ;; *) exit ;; esac; printf "nginx-common installed\\npostgresql-common installed\\n" >>have\n' >bin/apt-get
    printf '#!/bin/sh\necho "$*" >>disabled\n' >bin/systemctl
    printf '#!/bin/sh\n"$@"\n' >bin/sudo
    chmod +x bin/*
    PATH=$PWD/bin:$PATH DOUSHENG_WEB=no bash spawn/packages
    is "$(xargs <disabled)" "--quiet disable nginx --quiet disable postgresql"
}

@test "of alternative packages the first available one is installed" {
    cd "$BATS_TEST_TMPDIR"
    mkdir bin spawn
    sed "s,/usr/sbin/policy-rc.d,$PWD/policy," "$T/../spawn/packages" >spawn/packages
    printf 'gcc build\nredis-server|valkey-server run\nlibjwt-gnutls-dev|libjwt-dev build\na|b build\n' >packages
    touch known have
    printf '#!/bin/sh\ncat have; exit 1\n' >bin/dpkg-query
    printf '#!/bin/sh\necho "$2:"; echo "  Installed: (none)"; grep -qx "$2" known && echo "  Candidate: 1" || echo "  Candidate: (none)"\n' >bin/apt-cache
    printf '#!/bin/sh\ncase "$*" in *install*) echo "$*" | sed "s,.*recommends ,," ;; esac\n' >bin/apt-get
    printf '#!/bin/sh\n"$@"\n' >bin/sudo
    chmod +x bin/*
    installs() { PATH=$PWD/bin:$PATH DOUSHENG_WEB=no bash spawn/packages | tail -n +2; }
    printf '%s\n' gcc valkey-server libjwt-gnutls-dev libjwt-dev b >known
    is "$(installs)" "gcc valkey-server libjwt-gnutls-dev b"
    printf '%s\n' gcc redis-server valkey-server >known
    is "$(installs)" "gcc redis-server libjwt-gnutls-dev a"
    # One installed alternative is enough.
    printf '%s installed\n' valkey-server libjwt-dev gcc >have
    is "$(installs)" a
}

@test "a pool removed from spawn/pools stays until its upload ends" {
    end() {
        bash -c '. "$0/lib.sh"; . "$0/services.sh"
            known() { echo lost; }
            pid_of() { echo 1; }
            wait_until() { return '"$1"'; }
            retire() { echo retired; }
            end_lost_pools
            echo done' "$T/../spawn"
    }
    is "$(end 0 | xargs)" "retired done"
    is "$(end 1)" "the pool lost still receives an upload: it will be stopped by the next make reload"$'\n'"done"
}

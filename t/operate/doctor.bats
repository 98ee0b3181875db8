# doctor: reports nothing on a healthy instance, and planted faults with their remedy.
# bats file_tags=slow,release-only
load ../lib/common

program() {
    printf '#!/bin/sh\necho "%s"\n' "$2" >"$TOOLS/$1"
    chmod +x "$TOOLS/$1"
}

setup_file() {
    # Fake package tools: no newer packages.
    export TOOLS=$BATS_FILE_TMPDIR/bin
    mkdir -p "$TOOLS"
    printf '#!/bin/sh\nprintf "nginx:\\n  Installed: 1\\n  Candidate: ${NEWEST:-1}\\n"\n' >"$TOOLS/apt-cache"
    chmod +x "$TOOLS/apt-cache"
    program dpkg-query "libjwt0 1.10.2-1+deb12u1"
    # Not in a container, and the clock is synchronized.
    printf '#!/bin/sh\nexit 1\n' >"$TOOLS/systemd-detect-virt"
    chmod +x "$TOOLS/systemd-detect-virt"
    program timedatectl yes
    DOUSHENG_WATCH=yes instance_up crash-doctor upload_max_mb=10
}

teardown_file() { instance_down; }

doctor() {
    local rc=0
    PATH=$TOOLS:$PATH timeout 60 "$T/../spawn/doctor" >"$BATS_TEST_TMPDIR/report" 2>&1 3>&- || rc=$?
    cat "$BATS_TEST_TMPDIR/report"
    return "$rc"
}

# doctor_reports STATUS TEXT...: doctor exits with STATUS and reports exactly these findings, each with a
# remedy.
doctor_reports() {
    local rc=0 text
    doctor || rc=$?
    is "$rc" "$1"
    shift
    for text; do grep -qE -- "^(ERROR|WARNING) .*$text" "$BATS_TEST_TMPDIR/report" || is "nothing" "$text"; done
    is "$(grep -cE '^(ERROR|WARNING) ' "$BATS_TEST_TMPDIR/report") $(grep -c '^  *-> [a-zA-Z]' "$BATS_TEST_TMPDIR/report")" "$# $#"
}

redis() { "$REDIS_CLI" -s "$DOUSHENG_HOME/run/redis/redis.sock" "$@"; }

@test "doctor reports nothing on a healthy instance" {
    doctor
    is "$(cat "$BATS_TEST_TMPDIR/report")" "no problems found in $DOUSHENG_HOME"
}

@test "doctor reports an nginx that runs with another configuration" {
    cp -p "$DOUSHENG_HOME/nginx.conf" "$BATS_TEST_TMPDIR/nginx.conf"
    sed -i "s/^\( *listen \)$DOUSHENG_PORT /\1127.0.0.1:$DOUSHENG_PORT /" "$DOUSHENG_HOME/nginx.conf"
    touch -d '+10 seconds' "$DOUSHENG_HOME/nginx.conf"
    doctor_reports 2 'nginx: it does not listen on the addresses' 'nginx: it has not loaded its current configuration' 'nginx runs with outdated settings'
    cp -p "$BATS_TEST_TMPDIR/nginx.conf" "$DOUSHENG_HOME/nginx.conf"
    doctor
}

@test "doctor reports wrong permissions, a full disk, a vulnerable program and an old schema" {
    cd "$DOUSHENG_HOME"
    chmod o+r keys/token dousheng.conf log/nginx-access.log
    chmod o+w app/static
    chmod o+rw run/feed.sock
    program ffmpeg "ffmpeg version 5.1.2"
    program dpkg-query "libjwt0 1.10.2-1"
    program df "x
/ 100000 20 1"
    newest=$(sql "DELETE FROM schema_version WHERE version = (SELECT max(version) FROM schema_version) RETURNING version || ', ''' || name || ''''")
    doctor_reports 2 'keys/token is accessible to all users' 'log/nginx-access.log is accessible' 'dousheng.conf is accessible' 'app/static is writable for all users' \
        'run/feed.sock accepts requests from all users' 'ffmpeg 5.1.2 has a known vulnerability \(CVE-2024-7055\)' \
        'libjwt0 1.10.2-1 has a known vulnerability \(CVE-2024-25189\)' \
        '20 MB are free at /,' 'the database has version .*, the programs need'
    chmod o= keys/token dousheng.conf run/feed.sock log/nginx-access.log
    chmod o-w app/static
    rm "$TOOLS"/{ffmpeg,df}
    sql "INSERT INTO schema_version (version, name) VALUES ($newest)"
}

@test "doctor reports outdated packages, a newer schema, bad Redis limits, large or old files and a missing sandbox" {
    program ffmpeg "ffmpeg version 5.1.10" # this one is mended
    program dpkg-query "libjwt-gnutls0 1.10.2-1+deb12u1"
    program timedatectl no
    program df "x
/ 100000 2000 99"
    sql "INSERT INTO schema_version (version, name) VALUES (999, 'future')"
    redis config set maxmemory-policy noeviction
    redis config set maxmemory 0
    truncate -s 300M "$DOUSHENG_HOME/log/other.log"
    touch -d '2 days ago' "$DOUSHENG_HOME/spool/0000000001"
    echo "body_max_kb = 65" >>"$DOUSHENG_HOME/dousheng.conf"
    DOUSHENG_SANDBOX=no DOUSHENG_TRANSCODE_PROCESSES=$(($(nproc) + 1)) NEWEST=2 doctor_reports 1 'nginx is 1, but 2 is available' \
        'only 1 % \(2000 MB\)' '99 % of the inodes' 'the database has version 999' 'it refuses writes when it is full \(noeviction\)' \
        'it has no memory limit' 'log/other.log is 300 MB large' '1 files in spool' 'nginx runs with outdated settings' \
        'clock: it is not synchronized' 'untrusted files without a sandbox' 'videos are transcoded at a time'
    program timedatectl yes
    sql "DELETE FROM schema_version WHERE version = 999"
    rm "$TOOLS"/{ffmpeg,df} "$DOUSHENG_HOME/log/other.log" "$DOUSHENG_HOME/spool/0000000001"
    redis config set maxmemory-policy allkeys-lfu
    redis config set maxmemory 64mb
    sed -i '/body_max_kb/d' "$DOUSHENG_HOME/dousheng.conf"
}

@test "doctor knows backported fixes, and reports untested old versions" {
    for good in "redis-server 5:8.0.2-3+deb13u1" "redis-server 5:7.0.15-1~deb12u6" "redis-server 5:8.2.1-1" "libjwt2:amd64 1.17.2-1"; do
        program dpkg-query "$good"
        doctor
    done
    program dpkg-query "redis-server 5:7.0.15-1~deb12u5"
    doctor_reports 2 'redis-server 5:7.0.15-1~deb12u5 has a known vulnerability \(CVE-2025-49844\)'
    program dpkg-query "redis-server 5:8.0.2-3"
    program ffmpeg "ffmpeg version 4.4.1"
    program bwrap "bubblewrap 0.4.0"
    doctor_reports 2 'redis-server 5:8.0.2-3 has a known vulnerability' 'ffmpeg 4.4.1 is older than the oldest' 'bwrap 0.4.0 is older'
    rm "$TOOLS"/{ffmpeg,bwrap}
    program dpkg-query "libjwt0 1.10.2-1+deb12u1"
}

@test "doctor reports why the sandbox fails, with the matching remedy" {
    mkdir "$CHECK/bwrap-bin" # where the service gets to, too
    printf '#!/bin/sh\n[ "$1" = --version ] || { echo "bwrap: Cannot find source path /x" >&2; exit 1; }\n' >"$CHECK/bwrap-bin/bwrap"
    chmod +x "$CHECK/bwrap-bin/bwrap"
    PATH=$CHECK/bwrap-bin:$PATH doctor_reports 2 'sandbox: .*\(bwrap: Cannot find source path /x\)'
    grep -q -- '-> fix what bwrap reports; or accept' "$BATS_TEST_TMPDIR/report"
}

@test "doctor reports stopped services and a clock that went back" {
    kill -s STOP "$(pid_of watch)"
    kill_server TERM fold
    touch -d '1 hour' "$DOUSHENG_HOME/log/feed.log"
    doctor_reports 2 'not running: fold' 'process .* of watch is stopped' 'log/feed.log has a time in the future'
    touch "$DOUSHENG_HOME/log/feed.log"
    kill -s CONT "$(pid_of watch)"
    wait_for 30 doctor # the watch has mended it
}

@test "doctor reports an unreachable database and an invalid setting" {
    DATABASE_URL="postgresql:///nowhere?host=$BATS_TEST_TMPDIR" doctor_reports 2 'database: it does not answer'
    DOUSHENG_SANDBOX=perhaps doctor_reports 2 'sandbox'
}

@test "doctor reports nothing after repair" {
    wait_for 30 doctor
}

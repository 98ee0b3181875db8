# The doctor: a sound instance has nothing, and what is planted is found, with what to do.
load lib

setup_file() {
    # Of the machine's packages we know nothing here: there is nothing newer.
    export TOOLS=$BATS_FILE_TMPDIR/bin
    mkdir -p "$TOOLS"
    printf '#!/bin/sh\nprintf "nginx:\\n  Installed: 1\\n  Candidate: ${NEWEST:-1}\\n"\n' >"$TOOLS/apt-cache"
    chmod +x "$TOOLS/apt-cache"
    DOUSHENG_WATCH=yes instance_up crash-doctor upload_max_mb=10
}

teardown_file() { instance_down; }

doctor() {
    local rc=0
    PATH=$TOOLS:$PATH timeout 60 "$T/../spawn/doctor" >"$BATS_TEST_TMPDIR/told" 2>&1 3>&- || rc=$?
    cat "$BATS_TEST_TMPDIR/told"
    return "$rc"
}

# told STATUS TEXT: the doctor ends so, has said this, says what to do, and found nothing else.
told() {
    local rc=0
    doctor || rc=$?
    is "$rc" "$1"
    grep -qE -- "$2" "$BATS_TEST_TMPDIR/told"
    is "$(grep -cE '^(ERROR|WARNING) ' "$BATS_TEST_TMPDIR/told") $(grep -c '^  *-> [a-zA-Z]' "$BATS_TEST_TMPDIR/told")" "${3:-1} ${3:-1}"
}

program() {
    printf '#!/bin/sh\necho "%s"\n' "$2" >"$TOOLS/$1"
    chmod +x "$TOOLS/$1"
}

@test "a sound instance has no finding" {
    doctor
    is "$(cat "$BATS_TEST_TMPDIR/told")" "sound: nothing was found at $DOUSHENG_HOME"
}

@test "permissions" {
    chmod o+r "$DOUSHENG_HOME/keys/token"
    told 2 'ERROR .*keys/token can be entered or read by everybody'
    chmod o= "$DOUSHENG_HOME/keys/token"
    chmod o+r "$DOUSHENG_HOME/dousheng.conf"
    told 2 'ERROR .*dousheng.conf'
    chmod o= "$DOUSHENG_HOME/dousheng.conf"
    chmod o+w "$DOUSHENG_HOME/app/static"
    told 2 'ERROR .*app/static can be changed by everybody'
    chmod o-w "$DOUSHENG_HOME/app/static"
    chmod o+rw "$DOUSHENG_HOME/run/feed.sock"
    told 2 'ERROR .*run/feed.sock takes requests from everybody'
    chmod 660 "$DOUSHENG_HOME/run/feed.sock"
}

@test "versions with holes, and packages that are behind" {
    program ffmpeg "ffmpeg version 5.1.2"
    told 2 'ERROR .*ffmpeg 5.1.2 has a known hole \(CVE-2024-7055\)'
    program ffmpeg "ffmpeg version 5.1.10"
    doctor
    rm "$TOOLS/ffmpeg"
    NEWEST=2 told 1 'WARNING .*nginx is 1, there is 2'
}

@test "a schema that is behind, and one that is ahead" {
    newest=$(sql "DELETE FROM schema_version WHERE version = (SELECT max(version) FROM schema_version) RETURNING version || ', ''' || name || ''''")
    told 2 'ERROR .*the database has version .*, the programs need'
    sql "INSERT INTO schema_version (version, name) VALUES ($newest), (999, 'future')"
    told 1 'WARNING .*the database has version 999'
    sql "DELETE FROM schema_version WHERE version = 999"
}

@test "a disk that is nearly full" {
    program df "x
/ 100000 20 1"
    told 2 'ERROR .*20 MB are free at /,'
    program df "x
/ 100000 2000 99"
    told 1 'WARNING .*only 1 % \(2000 MB\)' 2
    rm "$TOOLS/df"
}

@test "what does not run" {
    watch=$(pid_of watch)
    kill -s STOP "$watch"
    kill_server TERM fold
    told 2 'ERROR .*these do not run: fold'
    kill -s CONT "$watch"
    wait_for 20 doctor
}

@test "Redis without a limit, or one that refuses when it is full, or none" {
    redis() { redis-cli -s "$DOUSHENG_HOME/run/redis/redis.sock" "$@"; }
    redis config set maxmemory-policy noeviction
    told 1 'WARNING .*it refuses \(noeviction\)'
    redis config set maxmemory-policy allkeys-lfu
    redis config set maxmemory 0
    told 1 'WARNING .*its memory has no limit'
    redis config set maxmemory 64mb
    doctor
}

@test "a database that cannot be reached" {
    DATABASE_URL="postgresql:///nowhere?host=$BATS_TEST_TMPDIR" told 2 'ERROR .*database: it does not answer'
}

@test "a clock that has gone back, logs that grow, what is left over" {
    touch -d '1 hour' "$DOUSHENG_HOME/log/feed.log"
    told 2 'ERROR .*log/feed.log was written in the future'
    touch "$DOUSHENG_HOME/log/feed.log"
    truncate -s 300M "$DOUSHENG_HOME/log/other.log"
    told 1 'WARNING .*log/other.log has 300 MB'
    rm "$DOUSHENG_HOME/log/other.log"
    touch -d '2 days ago' "$DOUSHENG_HOME/spool/0000000001"
    told 1 'WARNING .*1 files in spool'
    rm "$DOUSHENG_HOME/spool/0000000001"
}

@test "settings that are not in service, too much for the machine, and no sandbox" {
    cp "$DOUSHENG_HOME/dousheng.conf" "$BATS_TEST_TMPDIR/conf"
    echo "body_max_kb = 65" >>"$DOUSHENG_HOME/dousheng.conf"
    told 1 'WARNING .*nginx serves with older settings'
    cp "$BATS_TEST_TMPDIR/conf" "$DOUSHENG_HOME/dousheng.conf"
    echo "transcode_processes = 64" >>"$DOUSHENG_HOME/dousheng.conf"
    doctor && false
    grep -q 'WARNING .*64 videos are transcoded' "$BATS_TEST_TMPDIR/told"
    cp "$BATS_TEST_TMPDIR/conf" "$DOUSHENG_HOME/dousheng.conf"
    echo "sandbox = no" >>"$DOUSHENG_HOME/dousheng.conf"
    told 1 "WARNING .*strangers' files without it"
    cp "$BATS_TEST_TMPDIR/conf" "$DOUSHENG_HOME/dousheng.conf"
    echo "sandbox = perhaps" >>"$DOUSHENG_HOME/dousheng.conf"
    told 2 'ERROR .*sandbox'
    cp "$BATS_TEST_TMPDIR/conf" "$DOUSHENG_HOME/dousheng.conf"
    doctor
}

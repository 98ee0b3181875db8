# Changes under a running instance: a new schema, new packages, another PostgreSQL, another caller.  A
# failure leaves the running programs in service.
# bats file_tags=slow,release-only
load ../lib/common

setup_file() {
    # Copies of the programs, to be replaced as a package manager does.
    mkdir "$CHECK/tools"
    cp "$REDIS_SERVER" "$CHECK/tools/"
    cp "$(type -P nginx)" "$CHECK/tools/"
    PATH=$CHECK/tools:$PATH instance_up crash-upgrade
    people alice
}

teardown_file() { instance_down; }
teardown() { [ -z "${listener:-}" ] || kill "$listener" 2>/dev/null || true; }

with_tools() { PATH=$CHECK/tools:$PATH "$@"; }
doctor() { with_tools timeout 100 "$T/../spawn/doctor" 3>&- || true; }
running() { timeout 100 "$T/../spawn/status" 3>&- | grep -c running; }

# sources: copies the sources, for additional migrations; sets copy.
sources() {
    copy=$BATS_TEST_TMPDIR/source
    mkdir "$copy" "$copy/build"
    cp -r "$T/../spawn" "$T/../sql" "$T/../nginx" "$T/../static" "$copy"
}

@test "a failed migration leaves the running programs in service" {
    sources
    cp -r "$BIN" "$BATS_TEST_TMPDIR/bin"
    printf x >>"$BATS_TEST_TMPDIR/bin/worker"
    echo 'CREATE TABLE half (id int); SELECT nonsense;' >"$copy/sql/schema/998_bad.sql"
    before=$(running)
    BIN=$BATS_TEST_TMPDIR/bin DOUSHENG_WATCH=no run timeout 100 "$copy/spawn/up" 3>&-
    [ "$status" != 0 ] && [[ $output == *998_bad* ]]
    cmp "$BIN/worker" "$DOUSHENG_HOME/app/bin/worker"
    BIN=$BATS_TEST_TMPDIR/bin run timeout 100 "$copy/spawn/reload" 3>&-
    [ "$status" != 0 ] && [[ $output == *998_bad* ]]
    cmp "$BIN/worker" "$DOUSHENG_HOME/app/bin/worker"
    is "$(running)" "$before"
    must get feed
    is "$(sql "SELECT to_regclass('half') IS NULL")" t
}

@test "a migration that changed after it was applied is reported" {
    is "$(sql 'SELECT count(*) FROM schema_version WHERE sum IS NULL')" 0
    is "$(sql 'SELECT sum FROM schema_version WHERE version = 1')" "$(sha256sum <"$T/../sql/schema/001_first.sql" | cut -d' ' -f1)"
    sources
    echo '-- another line' >>"$copy/sql/schema/001_first.sql"
    run timeout 100 "$copy/spawn/migrate" 3>&-
    [ "$status" = 0 ] && [[ $output == *001_first.sql*changed* ]]
    # Instances of earlier versions have no checksums: they get those of the present files.
    sql 'ALTER TABLE schema_version DROP COLUMN sum'
    run timeout 100 "$T/../spawn/migrate" 3>&-
    is "$status $output" "0 "
    is "$(sql 'SELECT count(*) FROM schema_version WHERE sum IS NULL')" 0
}

@test "of two migrations with the same number none is applied" {
    sources
    echo 'CREATE TABLE twice (id int);' >"$copy/sql/schema/01_twice.sql"
    run timeout 100 "$copy/spawn/migrate" 3>&-
    [ "$status" != 0 ] && [[ $output == *'two files'*'number 1:'* ]]
    rm "$copy/sql/schema/01_twice.sql"
    timeout 100 "$copy/spawn/migrate" 3>&-
}

@test "the schema version of a build follows a removed migration file" {
    sources
    cp -r "$T/../Makefile" "$copy"
    header=build/release/gen/version.h
    echo 'SELECT 1;' >"$copy/sql/schema/998_more.sql"
    make -C "$copy" "$header" 3>&-
    more=$(grep -o '[0-9]*$' "$copy/$header")
    rm "$copy/sql/schema/998_more.sql"
    make -C "$copy" "$header" 3>&-
    is "$(grep -o '[0-9]*$' "$copy/$header")" "$((more - 1))"
}

@test "older programs on a newer schema report that only a backup restores the old one" {
    sql "INSERT INTO schema_version (version, name) VALUES (999, 'future')"
    run timeout 100 "$T/../spawn/migrate" 3>&-
    sql 'DELETE FROM schema_version WHERE version = 999'
    [ "$status" = 0 ] && [[ $output == *'schema 999'*backup* ]]
}

@test "doctor reports replaced programs and libraries, and up starts the new ones" {
    fails grep -E 'redis|nginx' <(doctor | grep replaced)
    nginx=$(pid_of nginx) redis=$(pid_of redis)
    for name in nginx "${REDIS_SERVER##*/}"; do
        cp "$CHECK/tools/$name" "$CHECK/tools/$name.new"
        mv "$CHECK/tools/$name.new" "$CHECK/tools/$name"
    done
    doctor | grep -q 'redis runs, but its program'
    doctor | grep -q 'nginx runs, but its program'
    touch "$BATS_TEST_TMPDIR/asking"
    while [ -e "$BATS_TEST_TMPDIR/asking" ]; do
        request GET /healthz >/dev/null 2>&1 && [ "$http" = 200 ] || echo "$http" >>"$BATS_TEST_TMPDIR/failed"
    done 3>&- &
    with_tools up
    rm "$BATS_TEST_TMPDIR/asking"
    wait $!
    [ ! -e "$BATS_TEST_TMPDIR/failed" ]
    [ "$(pid_of nginx)" != "$nginx" ] && [ "$(pid_of redis)" != "$redis" ]
    fails grep -E 'redis|nginx' <(doctor | grep replaced)
    must get feed
}

@test "after-upgrade restarts replaced programs; until then readyz is degraded" {
    with_tools "$T/../spawn/down" 3>&-
    DOUSHENG_WATCH=yes with_tools up
    run "$T/../spawn/after-upgrade" 3>&-
    is "$status $output" "0 "
    is "$(ready)" "true false true"
    nginx=$(pid_of nginx) redis=$(pid_of redis) watch=$(pid_of watch)
    for name in nginx "${REDIS_SERVER##*/}"; do
        cp "$CHECK/tools/$name" "$CHECK/tools/$name.new"
        mv "$CHECK/tools/$name.new" "$CHECK/tools/$name"
    done
    wait_for 40 eval '[ "$(ready)" = "true true false" ]'
    grep -q 'redis nginx: program or libraries were replaced' "$DOUSHENG_HOME/log/watch.log"
    run timeout 150 "$T/../spawn/after-upgrade" 3>&-
    echo "$output"
    [ "$status" = 0 ]
    [ "$(pid_of nginx)" != "$nginx" ] && [ "$(pid_of redis)" != "$redis" ]
    is "$(pid_of watch)" "$watch"
    is "$(ready)" "true false true"
    kill_server TERM watch
    DOUSHENG_WATCH=no with_tools up
}

@test "a watchdog whose shell was replaced execs the new one, with one standby, and holds no lock" {
    DOUSHENG_WATCH=yes with_tools up
    watchdogs | xargs kill -s KILL
    cp /bin/bash "$CHECK/tools/bash"
    "$CHECK/tools/bash" "$T/../spawn/watchdog" "$DOUSHENG_HOME/" </dev/null >/dev/null 2>&1 3>&- &
    watch=$!
    echo "$watch" >"$DOUSHENG_HOME/run/watch.pid"
    wait_for 10 two_watchdogs
    cp /bin/bash "$CHECK/tools/bash.new"
    mv "$CHECK/tools/bash.new" "$CHECK/tools/bash"
    run timeout 150 "$T/../spawn/after-upgrade" 3>&-
    echo "$output"
    [ "$status" = 0 ]
    is "$(pid_of watch) $(readlink "/proc/$watch/exe")" "$watch $(realpath /bin/bash)"
    wait_for 10 two_watchdogs
    # For whoever wants the lock next; the watchdog itself has it for moments only.
    wait_for 5 flock -n "$DOUSHENG_HOME/run/lock" true
    kill_server TERM watch
    DOUSHENG_WATCH=no with_tools up
}
watchdogs() { pgrep -f "spawn/watchdog $DOUSHENG_HOME/"; }
two_watchdogs() { is "$(watchdogs | wc -l)" 2; }

ready() { request GET /readyz >/dev/null && got '"\(.ready) \(.degraded) \(.checks.programs.ok)"'; }

@test "no request loads a PostgreSQL library late" {
    grep -q plpgsql.so "/proc/$(pid_of postgres)/maps"
}

@test "data of a PostgreSQL version that is not installed stays untouched, with a message" {
    down
    real=$(cat "$DOUSHENG_HOME/pg/PG_VERSION")
    echo 9.1 >"$DOUSHENG_HOME/pg/PG_VERSION"
    files=$(find "$DOUSHENG_HOME/pg" | sort | sha256sum)
    run with_tools up
    echo "$real" >"$DOUSHENG_HOME/pg/PG_VERSION"
    echo "$output"
    [ "$status" != 0 ] && [[ $output == *'PostgreSQL 9.1'*'A new major version of PostgreSQL'* ]]
    grep -qx '## A new major version of PostgreSQL' "$T/../docs/install.md"
    is "$(find "$DOUSHENG_HOME/pg" | sort | sha256sum)" "$files"
    with_tools up
    must get user token="$alice"
}

@test "down needs neither temporary files nor PATH" {
    TMPDIR=$BATS_TEST_TMPDIR/gone PATH=/nowhere LC_ALL=xx CDPATH=/tmp DOUSHENG_WATCH=no run /bin/bash "$T/../spawn/down" </dev/null 3>&-
    echo "$output"
    is "$status" 0
    is "$(running)" 0
    [ -z "$(find /proc/[0-9]*/cwd -maxdepth 0 -lname "$DOUSHENG_HOME*" 2>/dev/null)" ]
    with_tools up
}

@test "the file with checksums of secrets is readable by its owner only" {
    for file in settings loaded; do is "$(stat -c %a "$DOUSHENG_HOME/run/$file")" 600; done
}

@test "doctor asks for newer packages of all libraries that the programs use" {
    mkdir "$BATS_TEST_TMPDIR/bin"
    printf '#!/bin/sh\nprintf "%%s\\n" "$@" >"%s"\nprintf "libpq5:\\n  Installed: 1\\n  Candidate: 2\\n"\n' "$BATS_TEST_TMPDIR/asked" >"$BATS_TEST_TMPDIR/bin/apt-cache"
    chmod +x "$BATS_TEST_TMPDIR/bin/apt-cache"
    PATH=$BATS_TEST_TMPDIR/bin:$PATH doctor | grep -q 'the package libpq5 is 1, but 2 is available'
    for name in libpq5 libjwt libhiredis libssl3 nginx "postgresql-$(cat "$DOUSHENG_HOME/pg/PG_VERSION")"; do
        grep -q "^$name" "$BATS_TEST_TMPDIR/asked" || is "not asked for" "$name"
    done
}

@test "doctor reports a held lock and a stopped process" {
    fails grep -E 'is stopped|a lock' <(doctor)
    lock_table account
    sql "SELECT count(*) FROM account" >/dev/null 2>&1 3>&- &
    waiting=$!
    sleep 1.5
    wait_for 5 eval 'doctor | grep -q "holds a lock that others have been waiting for"'
    unlock
    wait "$waiting"
    fold=$(workers fold)
    kill -s STOP "$fold"
    doctor | grep -q "process $fold of fold is stopped"
    kill -s CONT "$fold"
}

@test "doctor reports a folder that its writers cannot open, and up repairs it" {
    fails grep -E 'permissions: ' <(doctor)
    chmod g-w "$DOUSHENG_HOME/upload"
    doctor | grep -q 'upload is not writable for its group'
    with_tools up
    fails grep -E 'permissions: ' <(doctor)
    [ "$EUID" = 0 ] || return 0
    cd "$DOUSHENG_HOME"
    stat -c "%n belongs to nobody:nogroup, not to %U:%G" keys spool upload original work media run/shared | sort >"$BATS_TEST_TMPDIR/wanted"
    chown nobody:nogroup keys spool upload original work media run/shared
    doctor | sed -n 's/.*permissions: \(.* belongs to .*\)/\1/p' | sort | diff - "$BATS_TEST_TMPDIR/wanted"
    with_tools up
    fails grep -E 'permissions: ' <(doctor)
}

@test "doctor reports a job that keeps exiting" {
    sql "UPDATE schema_version SET version = -version"
    kill -s TERM "$(workers fold)"
    wait_for 20 eval 'doctor | grep -q "fold keeps exiting"'
    sql "UPDATE schema_version SET version = -version"
    with_tools up
}

@test "new scripts start the services of an instance that was not updated yet" {
    installed() { DOUSHENG_HOME=$1 bash -c '. "$0/lib.sh"; . "$0/services.sh"; throttle' "$T/../spawn"; }
    is "$(installed "$DOUSHENG_HOME")" "$DOUSHENG_HOME/app/bin/crash-throttle"
    [ -x "$DOUSHENG_HOME/app/bin/crash-throttle" ]
    is "$(installed "$BATS_TEST_TMPDIR")" "$BATS_TEST_TMPDIR/app/bin/begin"
}

@test "root runs nothing that another user could have written" {
    [ "$EUID" = 0 ] || skip "it is about root"
    sources
    chown nobody "$copy/spawn/seed"
    run timeout 100 "$copy/spawn/status" 3>&-
    [ "$status" != 0 ] && [[ $output == *"can be changed by users other than root"* ]]
    chown root "$copy/spawn/seed"
    chmod o+w "$copy/sql"
    run timeout 100 "$copy/spawn/status" 3>&-
    [ "$status" != 0 ] && [[ $output == *"can be changed by users other than root"* ]]
    chmod o-w "$copy/sql"
    timeout 100 "$copy/spawn/status" 3>&-
}

@test "Debian's services are held back only while packages are installed" {
    policy=$BATS_TEST_TMPDIR/policy
    bash -c 'eval "$(sed -n "/^policy_text()/,/^}/p" "$0")"; policy_text >"$1"; chmod +x "$1"; "$1"; echo $?' \
        "$T/../spawn/packages" "$policy" >"$BATS_TEST_TMPDIR/said"
    is "$(cat "$BATS_TEST_TMPDIR/said")" 101
    "$policy"
    [ ! -e "$policy" ]
}

# stay: runs spawn/watch, the name of spawn/watchdog in units of earlier releases, as systemd would; its
# notifications are in the file told.
stay() {
    told=$BATS_TEST_TMPDIR/told socket=$BATS_TEST_TMPDIR/notify
    : >"$told"
    perl -MIO::Socket::UNIX -e '
        my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die;
        $| = 1;
        my $m;
        print "$m\n" while defined $s->recv($m, 4096)' "$socket" >"$told" 3>&- &
    listener=$!
    wait_for 5 test -S "$socket"
    NOTIFY_SOCKET=$socket "$T/../spawn/watch" stay </dev/null >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
    watch=$!
}

@test "the systemd unit is started when the feed answers, and fails on an invalid setting" {
    type -P systemd-notify >/dev/null || skip "no systemd"
    grep -qx 'Type=notify' "$T/../spawn/systemd/dousheng.service"
    down
    stay
    wait_for 60 grep -q READY "$told"
    must get feed
    is "$(grep -c READY "$told") $(sed -n 's/^MAINPID=//p' "$told")" "1 $watch"
    down
    wait_for 20 gone "$watch"
    kill "$listener"
    wait_for 5 gone "$listener"
    rm "$socket"
    cp "$DOUSHENG_HOME/dousheng.conf" "$BATS_TEST_TMPDIR/conf"
    echo 'rate_api = 1' >>"$DOUSHENG_HOME/dousheng.conf"
    stay
    fails wait "$watch"
    is "$(cat "$told")" ""
    grep -q rate_read "$BATS_TEST_TMPDIR/said"
    cp "$BATS_TEST_TMPDIR/conf" "$DOUSHENG_HOME/dousheng.conf"
    with_tools up
}

@test "a dump restored into another cluster by docs/install.md has the accounts" {
    grep -A99 '^## A new major version of PostgreSQL' "$T/../docs/install.md" | grep -A12 '^pg_dump' | sed '/^```/,$d; /^make fsck/d; s/ *#.*//; s/make down up/make down \&\& make up/; s/make /with_tools /g' >"$BATS_TEST_TMPDIR/commands"
    is "$(wc -l <"$BATS_TEST_TMPDIR/commands")" 7
    before=$(sql 'SELECT count(*), max(id) FROM account')
    export H=$DOUSHENG_HOME
    cd "$BATS_TEST_TMPDIR"
    set -e
    # shellcheck disable=SC1091
    . "$BATS_TEST_TMPDIR/commands"
    is "$(sql 'SELECT count(*), max(id) FROM account')" "$before"
    must get user token="$alice"
    must get feed
    cd "$DOUSHENG_HOME"
    timeout 100 "$T/../spawn/fsck" check 3>&-
}

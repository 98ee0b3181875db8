# spawn/migrate with external servers.
# bats file_tags=release-only
load ../lib/common

setup_file() {
    instance_shared
}

migrate() { timeout --foreground 60 "$T/../spawn/migrate" 3>&-; }

# A fake psql that records its arguments and environment.
fake_psql() {
    mkdir -p "$BATS_TEST_TMPDIR/bin"
    cat >"$BATS_TEST_TMPDIR/bin/psql" <<-EOF
		#!/bin/sh
		printf '%s\n' "\$*" >>"$BATS_TEST_TMPDIR/arguments"
		printf '%s' "\$PGPASSWORD" >"$BATS_TEST_TMPDIR/password"
	EOF
    chmod +x "$BATS_TEST_TMPDIR/bin/psql"
    PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

@test "a password in database_url reaches psql and no command line" {
    fake_psql
    for url in 'postgresql://lin:ge%3Aheim%2F1@db.example:5432/dousheng?sslmode=require' \
        'postgresql://lin@db.example:5432/dousheng?password=ge%3Aheim%2F1&sslmode=require'; do
        DATABASE_URL=$url migrate
        is "$(cat "$BATS_TEST_TMPDIR/password")" ge:heim/1
        fails grep -i heim "$BATS_TEST_TMPDIR/arguments"
        grep -qF -- '-d postgresql://lin@db.example:5432/dousheng?sslmode=require ' "$BATS_TEST_TMPDIR/arguments"
        rm "$BATS_TEST_TMPDIR/arguments"
    done
    DATABASE_URL='postgresql://lin@db.example/x?a=b' migrate
    is "$(cat "$BATS_TEST_TMPDIR/password")" ""
}

@test "a password in a keyword database_url reaches psql and no command line" {
    fake_psql
    for list in "host=db.example  password = 'ge\\'heim \\\\1' user=lin options='-c a=b'" \
        "password=ge\\'heim\\ \\\\1 host=db.example user=lin options='-c a=b'"; do
        DATABASE_URL=$list migrate
        is "$(cat "$BATS_TEST_TMPDIR/password")" "ge'heim \\1"
        fails grep -i heim "$BATS_TEST_TMPDIR/arguments"
        grep -qF -- "-d host=db.example user=lin options='-c a=b' " "$BATS_TEST_TMPDIR/arguments"
        rm "$BATS_TEST_TMPDIR/arguments" "$BATS_TEST_TMPDIR/password"
    done
    DATABASE_URL="host=db.example password=open 'never closed" migrate
    is "$(cat "$BATS_TEST_TMPDIR/password")" open
}

# Wraps a program: first records all command lines on the machine.
looking() {
    local real
    real=$(type -P "$1")
    cat >"$BATS_TEST_TMPDIR/bin/$1" <<-EOF
		#!/bin/sh
		cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -o '.\\{60\\}ge-[h]eim' >>"$BATS_TEST_TMPDIR/seen"
		echo $1 >>"$BATS_TEST_TMPDIR/called"
		exec $real "\$@"
	EOF
    chmod +x "$BATS_TEST_TMPDIR/bin/$1"
}

@test "no script exposes passwords of PostgreSQL or Redis in the process list" {
    mkdir "$BATS_TEST_TMPDIR/bin"
    looking psql
    looking "${REDIS_CLI##*/}"
    PATH=$BATS_TEST_TMPDIR/bin:$PATH
    where=$BATS_TEST_TMPDIR/sockets # not the private server's own: its programs go first in PATH
    ln -s "$DOUSHENG_HOME/run/postgres" "$where"
    export REDIS_URL=redis://:ge-heim@127.0.0.1:1
    export DATABASE_URL="postgresql://dousheng:ge-heim@/dousheng?host=$where"
    migrate
    DATABASE_URL="host=$where dbname=dousheng user=dousheng password=ge-heim"
    migrate
    bash -c '. "$0/lib.sh" && find_worker && ask_redis ping' "$T/../spawn" || true
    is "$(sort "$BATS_TEST_TMPDIR/called" | uniq -c | xargs)" "6 psql 1 ${REDIS_CLI##*/}"
    is "$(cat "$BATS_TEST_TMPDIR/seen")" ""
}

@test "a hanging server makes migrate fail with a message" {
    # A server that accepts connections and never answers.
    perl -MIO::Socket::UNIX -e '
        my $s = IO::Socket::UNIX->new(Type => SOCK_STREAM, Local => $ARGV[0], Listen => 9) or die;
        sleep 200' "$BATS_TEST_TMPDIR/.s.PGSQL.5432" 3>&- &
    hung=$!
    wait_for 5 test -S "$BATS_TEST_TMPDIR/.s.PGSQL.5432"
    DATABASE_URL="postgresql:///x?host=$BATS_TEST_TMPDIR" PGCONNECT_TIMEOUT=2 run migrate
    kill "$hung"
    [ "$status" = 1 ]
    [[ $output == *"cannot be reached"* ]]
}

@test "a migration yields its lock to waiting requests and retries" {
    cp -r "$T/../spawn" "$BATS_TEST_TMPDIR"
    mkdir -p "$BATS_TEST_TMPDIR/sql/schema"
    cp "$T/../sql/schema/roles.sql" "$BATS_TEST_TMPDIR/sql/schema"
    echo 'ALTER TABLE held ADD more int;' >"$BATS_TEST_TMPDIR/sql/schema/999_more.sql"
    sql 'CREATE TABLE held (id int)'
    sql "BEGIN; SELECT FROM held; SELECT pg_sleep(4); COMMIT" 3>&- &
    holder=$!
    wait_for 5 eval '[ "$(sql "SELECT count(*) FROM pg_locks WHERE relation = '"'held'"'::regclass")" = 1 ]'
    timeout 60 "$BATS_TEST_TMPDIR/spawn/migrate" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    migration=$!
    wait_for 3 eval '[ "$(sql "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = '"'held'"'::regclass")" = 1 ]'
    PGOPTIONS='-c statement_timeout=2s' sql "SELECT count(*) FROM held"
    wait "$holder"
    wait "$migration"
    cat "$BATS_TEST_TMPDIR/out"
    is "$(cat "$BATS_TEST_TMPDIR/out")" "applied 999_more"
    sql "SELECT more FROM held; DROP TABLE held; DELETE FROM schema_version WHERE version = 999"
}

# PostgreSQL: lost connections, a stopped, killed or hanging server.
# bats file_tags=slow
load ../lib/common

setup_file() {
    instance_up crash-postgres
    people alice bob
    video=$(publish_ready "$alice" kept)
    export video
}

teardown_file() {
    instance_down
}

# Clean up after a failed test.
teardown() {
    [ -n "${BATS_TEST_COMPLETED:-}" ] || { goes_on && up; }
}

# Stop and continue the server with all its processes.
stops() { server | xargs kill -s STOP; }
goes_on() { server | xargs kill -s CONT || true; }
server() { pid_of postgres && pgrep -P "$(pid_of postgres)"; }

# sever: terminates all connections.
sever() {
    sql "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE usename LIKE 'dousheng%' AND pid <> pg_backend_pid()"
}

# within MILLISECONDS COMMAND...: the request is answered in this time.
within() {
    local limit=$1
    shift
    "$@" || return
    [ "$took" -le "$limit" ] || is "$took ms" "$limit ms"
}

each_pool_reads() {
    must get feed && must get user token="$alice" && must get relation/follow/list token="$alice" &&
        must get message/chat token="$alice" to_user_id="$bob_id"
}

@test "requests succeed after their connections were cut" {
    each_pool_reads
    sever
    each_pool_reads
    sever
    register "$(unique cut)"
    like "$bob" "$video"
    say "$bob" "$alice_id" hi
    publish "$CHECK/clip.mp4" "$alice" after
}

@test "reads succeed while connections are cut repeatedly" {
    (for _ in {1..8}; do sever && sleep 0.3; done) >/dev/null 3>&- &
    for _ in {1..20}; do each_pool_reads; done
    wait $!
}

@test "the jobs survive cut connections" {
    sever
    wait_ready "$(publish "$CHECK/clip.mp4" "$alice" through)"
    wait_for 10 eval '[ "$(sql "SELECT count(*) FROM account_ledger")" = 0 ]'
}

# at_commit PLPGSQL: runs this code at the commit of a follow, until end_commit.
at_commit() {
    sql "CREATE SEQUENCE commits; GRANT USAGE ON SEQUENCE commits TO dousheng_app;
        CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN $1 RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON follow DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION at_commit();"
}
end_commit() { sql "DROP TRIGGER at_commit ON follow; DROP FUNCTION at_commit; DROP SEQUENCE commits"; }

follows() { sql "SELECT count(*) FROM follow WHERE user_id = $alice_id AND to_user_id = $bob_id"; }

@test "a failure at commit is an error reply and one log line" {
    at_commit "RAISE WARNING ''told by the server''; RAISE ''not today'';"
    expect_error ERR_INTERNAL "" post relation/action token="$alice" to_user_id="$bob_id" action_type=1
    end_commit
    is "$(follows)" 0
    log=$DOUSHENG_HOME/log/social.log
    wait_for 2 grep -q '"message":"database: .*told by the server' "$log"
    fails grep '^WARNING' "$log"
    must post relation/action token="$alice" to_user_id="$bob_id" action_type=1
    is "$(follows)" 1
    must post relation/action token="$alice" to_user_id="$bob_id" action_type=2
}

@test "a transaction rolled back by a conflict is retried with its isolation level" {
    sql "ALTER DATABASE dousheng SET default_transaction_isolation TO serializable"
    sever
    at_commit "IF current_setting(''transaction_isolation'') <> ''read committed'' THEN RAISE ''isolation''; END IF;
        IF nextval(''commits'') < 3 THEN RAISE ''clash'' USING ERRCODE = ''40P01''; END IF;"
    must post relation/action token="$alice" to_user_id="$bob_id" action_type=1
    is "$(sql "SELECT last_value FROM commits") $(follows)" "3 1"
    must post relation/action token="$alice" to_user_id="$bob_id" action_type=2
    sql "ALTER SEQUENCE commits MINVALUE -5 RESTART WITH -5"
    expect_error ERR_UNAVAILABLE "" post relation/action token="$alice" to_user_id="$bob_id" action_type=1
    is "$(follows)" 0
    end_commit
    sql "ALTER DATABASE dousheng RESET default_transaction_isolation"
}

@test "a table locked during connection setup gives 503, and service resumes after the lock" {
    sever
    lock_table comment
    answers_503 GET relation/follow/list token="$alice"
    unlock
    wait_for 5 each_pool_reads
}

# Makes all sessions read-only, as on a standby, except those of the tests.
read_only() {
    export PGOPTIONS='-c default_transaction_read_only=off'
    sql "ALTER DATABASE dousheng SET default_transaction_read_only = $1" && sever
}

lines() { wc -l <"$DOUSHENG_HOME/log/sweep.log"; }

@test "sweep does not spin while the database is read-only, and resumes afterwards" {
    sql "INSERT INTO trash (name) VALUES ('00/none.mp4')"
    read_only on
    sql "INSERT INTO trash (name) SELECT '00/none.mp4' FROM generate_series(1, 200)"
    before=$(lines)
    sleep 1.5
    told=$(($(lines) - before))
    read_only off
    echo "$told lines"
    [ "$told" -lt 60 ]
    wait_for 10 eval '[ "$(sql "SELECT count(*) FROM trash")" = 0 ]'
}

fsck() { run "$T/../spawn/fsck" "$@"; }

@test "fsck on a read-only database reports what it could not repair and fails" {
    lost=$(sql "WITH counted AS (INSERT INTO account_ledger (account_id, works) VALUES ($alice_id, 1))
        INSERT INTO video (author_id, title, state) VALUES ($alice_id, 'lost', 'processing') RETURNING id")
    read_only on
    fsck
    read_only off
    is "$status" 1
    [[ $output == *"video $lost:"*"(could not be repaired)"*"1 wrong, 0 repaired"* ]]
    fsck
    is "$status" 0
    [[ $output == *"video $lost:"*"(repaired)"*"1 wrong, 1 repaired"* ]]
    fsck check
    is "$status" 0
}

@test "fsck rejects unknown arguments" {
    for words in --help repair "check more"; do
        # shellcheck disable=SC2086
        fsck $words
        is "$status $output" "2 usage: fsck [check]"
    done
}

# answers_503 METHOD PATH KEY=VALUE...
answers_503() {
    within 6000 api "$@" >/dev/null
    expect_error ERR_UNAVAILABLE ""
}

# Requests that need the database; cached replies are still served.
forget_copies() { "$REDIS_CLI" -s "$DOUSHENG_HOME/run/redis/redis.sock" flushall >/dev/null; }

all_503() {
    forget_copies
    answers_503 GET feed
    shape no_feed
    answers_503 GET user token="$alice" user_id="$bob_id"
    shape no_user
    answers_503 POST user/login username=x password=x
    shape no_account
    answers_503 GET publish/list token="$alice"
    shape no_videos
    answers_503 GET comment/list video_id="$video"
    shape no_comments
    answers_503 POST favorite/action token="$alice" video_id="$video" action_type=1
    answers_503 GET relation/follow/list token="$alice"
    shape no_users
    answers_503 GET message/chat token="$alice" to_user_id="$bob_id"
    shape no_messages
    within 6000 upload "$CHECK/clip.mp4" "$alice" away
    expect_error ERR_UNAVAILABLE ""
}

@test "while PostgreSQL is stopped requests get 503 in time, files are served, and service resumes" {
    url=$(field '.video_list[0].play_url' feed)
    # A job whose claim was lost with a connection, in the tests above, waits 30 s for its next attempt.
    wait_for 20 eval '[ "$(sql "SELECT count(*) FROM job WHERE lease_until IS NOT NULL")" = 0 ]'
    before=$(facts)
    # Workers and jobs keep running.
    pids=$(workers feed lists account publish social chat transcode fold)
    kill_server INT postgres
    all_503
    request GET feed -H 'Accept-Language: zh'
    is "$(got .status_msg)" "$(awk -F'\t' '$1 == "ERR_UNAVAILABLE" { print $5 }' "$CHECK/errors")"
    is "$(curl -s --noproxy '*' -m 30 -o /dev/null -w '%{http_code}' "$url")" 200
    is "$(curl -s --noproxy '*' -m 30 -o /dev/null -w '%{http_code}' "$(base)/static/index.html")" 200
    all_503
    up
    wait_for 5 each_pool_reads
    is "$(workers feed lists account publish social chat transcode fold)" "$pids"
    is "$(facts)" "$before"
    wait_ready "$(publish "$CHECK/clip.mp4" "$alice" back)"
}

@test "after a kill of PostgreSQL no acknowledged write is lost" {
    count=$(sql "SELECT count(*) FROM comment")
    for i in {1..3000}; do printf 'comment/action?token=%s&video_id=%s&action_type=1&comment_text=%s\n' "$alice" "$video" "$i"; done |
        flood 1 >"$BATS_TEST_TMPDIR/codes" &
    sleep 0.5
    kill_server KILL postgres
    wait $!
    up
    wait_for 10 each_pool_reads
    good=$(sed -n 's/ 0$//p' "$BATS_TEST_TMPDIR/codes")
    # A write whose reply was lost may be stored too.
    now=$(sql "SELECT count(*) FROM comment")
    cat "$BATS_TEST_TMPDIR/codes"
    echo "before $count, acknowledged ${good:-0}, now $now"
    [ "$now" -ge $((count + ${good:-0})) ]
    [ "$now" -le $((count + ${good:-0} + 1)) ]
    is "$(drift)" ""
}

@test "while PostgreSQL hangs requests get 503 in time, and service resumes" {
    each_pool_reads
    stops
    forget_copies
    answers_503 GET feed
    answers_503 POST user/login username=x password=x
    answers_503 POST relation/action token="$alice" to_user_id="$bob_id" action_type=1
    goes_on
    wait_for 10 each_pool_reads
}

# Anonymous clients and users cannot fill the disk.
# bats file_tags=slow
load ../lib/common
load ../lib/publish

# spool_max_mb = 100 and upload_max_mb = 20 allow 4 large uploads at a time, 2 per address, 2
# anonymous, and 8 small ones.  Uploads are accepted while 100 + 4 x 20 + 8 x 10 MB are free.
setup_file() {
    small_disk room 600 disk_min_mb=100 spool_max_mb=100 upload_max_mb=20 client_timeout_s=5
    [ -z "${NO_MOUNT:-}" ] || return 0
    people ann bob
    video=$(publish_ready "$ann" shown)
    export video
}

setup() {
    needs_small_disk
    rm -f "$DOUSHENG_HOME/ballast"
}

teardown_file() { small_disk_down; }

free_mb() { df -m --output=avail "$DOUSHENG_HOME" | tail -n 1 | tr -d ' '; }
spooled_mb() { du -sm "$DOUSHENG_HOME/spool" | cut -f1; }

# leave N: fills the disk until N MB are free.
leave() {
    rm -f "$DOUSHENG_HOME/ballast"
    fallocate -l "$(($(free_mb) - $1))M" "$DOUSHENG_HOME/ballast"
}

# arrive N SECONDS ADDRESS PATH MB-SENT HEADER...: starts N uploads of 15 MB that send MB-SENT and then
# wait; prints how often each status came within SECONDS, 0 for none.
arrive() {
    perl -MIO::Socket::INET -e '
        my ($port, $n, $seconds, $from, $path, $mb, @headers) = @ARGV;
        $SIG{PIPE} = "IGNORE";
        my @all = map { IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port, LocalAddr => $from) or die $! } 1 .. $n;
        my (%sent, %status);
        for (@all) {
            $_->blocking(0);
            $_->syswrite(join("\r\n", "POST $path HTTP/1.1", "Host: x", "Content-Length: 15000000",
                "Content-Type: multipart/form-data; boundary=x", @headers, "", ""));
            $sent{$_} = 0;
        }
        my ($end, $piece) = (time + $seconds, "x" x 65536);
        while (time < $end && keys %status < $n) {
            select(undef, undef, undef, 0.02);
            for (grep { !exists $status{$_} } @all) {
                while ($sent{$_} < $mb * 1000000) { my $w = $_->syswrite($piece) or last; $sent{$_} += $w }
                if ($_->sysread(my $reply, 4096)) { ($status{$_}) = $reply =~ m{^HTTP/1.1 (\d+)} }
            }
        }
        print $status{$_} // 0, "\n" for @all' "$DOUSHENG_PORT" "$@" 3>&- | sort | uniq -c | sed 's/^ *//'
}

@test "a token in the query or a header is checked before the body is read" {
    is "$(arrive 1 20 127.0.0.1 "/douyin/publish/action/?token=x" 0)" "1 200"
    is "$(arrive 1 20 127.0.0.1 /douyin/publish/action/ 0 "Authorization: Bearer x.y.z")" "1 200"
    is "$(arrive 1 20 127.0.0.1 /douyin/upload/ 0 "Authorization: Bearer $(jwt '{"sub":"1","exp":1}')")" "1 401"
    is "$(arrive 1 1 127.0.0.1 "/douyin/publish/action/?token=$ann" 0)" "1 0"
    is "$(arrive 1 1 127.0.0.1 /douyin/publish/action/ 0 "Authorization: Basic eDp5")" "1 0"
    is "$(spooled_mb)" 0
    expect_error ERR_UNAUTHENTICATED token request POST "/douyin/publish/action/?token=x" -F "data=@$CHECK/clip.mp4" -F title=x -H 'Accept-Language: en'
    request POST /douyin/upload/ -H 'Authorization: Bearer x' -H 'Accept-Language: zh' -d x
    is "$http $(got .status_code)" "401 1101"
    [[ $reply == *重新登录* ]]
}

@test "uploads accept the token in the query, in a header and in the body" {
    must request POST "/douyin/publish/action/?token=$ann" -F "data=@$CHECK/clip.mp4" -F title=query
    must request POST /douyin/publish/action/ -H "Authorization: Bearer $ann" -F "data=@$CHECK/clip.mp4" -F title=header
    must upload "$CHECK/clip.mp4" "$ann" body
    must request POST /douyin/publish/action/ -H "Transfer-Encoding: chunked" -H "Authorization: bearer $ann" -F "data=@$CHECK/clip.mp4" -F title=chunked
    wait_settled
}

@test "anonymous uploads are limited per address and in all; a user has one more" {
    pids=()
    for n in 1 2 3; do
        arrive 24 4 "127.0.8.$n" /douyin/publish/action/ 14 >"$BATS_TEST_TMPDIR/$n" &
        pids+=($!)
    done
    sleep 2
    most=$(spooled_mb)
    code=$(curl -sS --noproxy '*' -m 30 --interface 127.0.8.9 -o /dev/null -w '%{http_code}' -F data=@<(head -c 12000000 /dev/zero) -F title=t \
        "$(base)/douyin/publish/action/?token=$bob")
    wait "${pids[@]}"
    is "$(awk '$2 == 429 { n += $1 } END { print n }' "$BATS_TEST_TMPDIR"/[123])" 70
    echo "$most MB were spooled; bob got $code"
    [ "$most" -gt 10 ] && [ "$most" -le 31 ]
    is "$code" 200
    # Two per address, whatever their token.
    is "$(arrive 5 3 127.0.8.1 "/douyin/publish/action/?token=$bob" 1 | xargs)" "2 0 3 429"
}

@test "small uploads have slots of their own, and requests without a body need none" {
    arrive 4 4 127.0.8.1 /douyin/publish/action/ 1 >"$BATS_TEST_TMPDIR/large" &
    pid=$!
    sleep 1
    must upload "$CHECK/clip.mp4" "$ann" small
    for _ in {1..20}; do
        request OPTIONS /douyin/upload/
        is "$http" 204
    done
    wait "$pid"
    wait_settled
}

@test "uploads are rejected before their body if pending ones would use up the reserve" {
    leave 300
    must upload "$CHECK/clip.mp4" "$ann" fits
    wait_settled
    leave 240
    is "$(arrive 1 20 127.0.0.1 "/douyin/publish/action/?token=$ann" 0)" "1 507"
    expect_error ERR_DISK_FULL disk request POST "/douyin/publish/action/?token=$ann" -F "data=@$CHECK/clip.mp4" -F title=x -H 'Accept-Language: en'
    expect_error ERR_DISK_FULL "" upload "$CHECK/clip.mp4" "$ann" x
    request POST /douyin/upload/ -H 'Tus-Resumable: 1.0.0' -H "Authorization: Bearer $ann" -H 'Upload-Length: 9' -H 'Upload-Metadata: title dA=='
    is "$http $(got .status_code)" "507 5007"
    like "$bob" "$video"
    request GET /readyz/
    is "$http $(got .ready)" "200 true"
    rm "$DOUSHENG_HOME/ballast"
    must upload "$CHECK/clip.mp4" "$ann" fits-again
    wait_settled
}

one_unfinished() { [ "$(sql "SELECT count(*) FROM upload WHERE name LIKE 'aa0%'")" = 1 ]; }

@test "failed uploads are kept while there is room, unfinished ones for an hour" {
    head -c 3000 "$CHECK/clip.mp4" >"$BATS_TEST_TMPDIR/broken.mp4"
    failed=$(publish_id "$BATS_TEST_TMPDIR/broken.mp4" "$ann" broken)
    wait_for 30 is_state "$failed" failed
    sql "INSERT INTO upload (name, user_id, title, length, expires_at) SELECT n, $bob_id, n, 9, now_ms() + 86400000 - age * 60000
        FROM (VALUES ('aa01', 50), ('aa02', 70)) x (n, age)"
    sleep 2
    is "$(sql "SELECT count(*) FROM job") $(sql "SELECT count(*) FROM upload WHERE name LIKE 'aa0%'")" "1 2"
    leave 200
    wait_for 10 no_job "$failed"
    wait_for 10 one_unfinished
    is "$(sql "SELECT name FROM upload WHERE name LIKE 'aa0%'")" aa01
    sql "DELETE FROM upload WHERE name LIKE 'aa0%'"
    is "$(find "$DOUSHENG_HOME/upload" -type f | wc -l)" 0
}

# strangers_feed: requests the cached anonymous feed.
strangers_feed() {
    curl -sS --noproxy '*' -m 10 -f "$(base)/douyin/feed/" >"$BATS_TEST_TMPDIR/feed" && jq -e '.video_list | length > 0' "$BATS_TEST_TMPDIR/feed" >/dev/null
}

@test "the anonymous feed needs no disk space" {
    wait_for 5 test -e "$DOUSHENG_HOME/run/room/left"
    for _ in 1 2; do strangers_feed && sleep 1.1; done
    [ "$(find "$DOUSHENG_HOME/run/nginx/cache" -type f | wc -l)" -ge 1 ]
    leave 20
    wait_for 5 no_file "$DOUSHENG_HOME/run/room/left"
    sleep 1.1
    head -c 100M /dev/zero >"$DOUSHENG_HOME/rest" 2>/dev/null || true # it is full now
    for _ in 1 2 3; do strangers_feed && sleep 1.1; done
    rm "$DOUSHENG_HOME/rest" "$DOUSHENG_HOME/ballast"
    wait_for 5 test -e "$DOUSHENG_HOME/run/room/left"
}

@test "media files and database rows agree" { wait_settled && fsck_clean; }

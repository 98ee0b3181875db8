# nginx: attacks, TLS, trusted proxies.
# bats file_tags=slow
load ../lib/common

setup_file() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=dousheng \
        -addext subjectAltName=IP:127.0.0.1 -keyout "$BATS_FILE_TMPDIR/key.pem" -out "$BATS_FILE_TMPDIR/cert.pem" 2>/dev/null
    chmod 755 "$BATS_FILE_TMPDIR"
    tls_port=$(free_port)
    instance_up crash-attack listen_address=127.0.0.1 tls_port="$tls_port" hsts_s=3600 \
        tls_certificate="$BATS_FILE_TMPDIR/cert.pem" tls_key="$BATS_FILE_TMPDIR/key.pem" \
        trusted_proxies="127.0.5.0/24 2001:db8:ffff::/48" client_timeout_s=2 connections_max=40 rate_login=2
    people alice
    publish_ready "$alice" attacked
    play=$(field '.video_list[0].play_url' feed)
    export tls_port play
}

teardown_file() {
    instance_down
}

# ask URL-OR-PATH CURL-OPTION...: sets http; header LINE checks the headers.
ask() {
    local url=$1
    [[ $url == http* ]] || url=$(base)$url
    http=$(curl -sS --noproxy '*' -g --path-as-is -m 30 --cacert "$BATS_FILE_TMPDIR/cert.pem" -D "$BATS_TEST_TMPDIR/headers" \
        -o "$BATS_TEST_TMPDIR/body" -w '%{http_code}' "${@:2}" "$url") || return
    printf '%.200s: %s\n' "$url" "$http"
    tr -d '\r' <"$BATS_TEST_TMPDIR/headers"
}
header() { tr -d '\r' <"$BATS_TEST_TMPDIR/headers" | grep -qixE "$1"; }
tls() { printf 'https://127.0.0.1:%s%s' "$tls_port" "$1"; }

@test "TLS 1.2, 1.3 and HTTP/2 are served, and nothing older" {
    for version in 1.2 1.3; do
        ask "$(tls /douyin/feed/)" --http2 --tlsv$version --tls-max $version
        is "$(head -n 1 "$BATS_TEST_TMPDIR/headers" | tr -d '\r')" "HTTP/2 200 "
    done
    fails ask "$(tls /douyin/feed/)" --tls-max 1.1 --ciphers 'ALL:@SECLEVEL=0'
    fails curl -sS --noproxy '*' -m 30 -o "$BATS_TEST_TMPDIR/body" "$(tls /)" # nobody vouches for it
    ask "$(tls /douyin/feed/)" --http2 -H 'Authorization: none'
    is "$(jq -r '.video_list[0].play_url' "$BATS_TEST_TMPDIR/body" | cut -d/ -f1-3)" "$(tls "")"
    ask "$(tls /douyin/user/login/)" --http2 -d x=y
    is "$(jq .status_code "$BATS_TEST_TMPDIR/body")" 1001
    header 'strict-transport-security: max-age=3600'
}

@test "nginx accepts the configuration without a warning" {
    nginx -t -c "$DOUSHENG_HOME/nginx.conf" -p "$DOUSHENG_HOME" -e stderr >"$BATS_TEST_TMPDIR/said" 2>&1
    is "$(grep -E '\[(warn|error|crit|alert|emerg)\]' "$BATS_TEST_TMPDIR/said")" ""
}

@test "plain HTTP redirects pages by 308 and serves the API and media" {
    for path in / "/?x=1" /docs /nowhere; do
        ask "$path"
        is "$http" 308
        header "location: $(tls "${path//\?/\\?}")"
        fails header 'strict-transport-security:.*'
    done
    ask / -X POST -d x
    is "$http" 405
    picture=$(field .user.avatar user token="$alice")
    for path in /douyin/feed/ "${play#"$(base)"}" "${picture#"$(base)"}"; do
        ask "$path"
        is "$http" 200
        fails header 'strict-transport-security:.*'
    done
    must post relation/action token="$alice" to_user_id="$(crowd 1)" action_type=1
}

@test "plain HTTP at the TLS port is rejected in the base form" {
    ask "http://127.0.0.1:$tls_port/douyin/feed/"
    is "$http $(jq .status_code "$BATS_TEST_TMPDIR/body")" "400 400"
    header 'content-type: application/json.*'
}

@test "a renewed certificate is used after a reload" {
    serial() { openssl s_client -connect "127.0.0.1:$tls_port" </dev/null 2>/dev/null | openssl x509 -noout -serial; }
    before=$(serial)
    openssl req -x509 -key "$BATS_FILE_TMPDIR/key.pem" -days 3 -subj /CN=dousheng \
        -addext subjectAltName=IP:127.0.0.1 -out "$BATS_FILE_TMPDIR/cert.pem"
    timeout 500 "$T/../spawn/reload" 3>&-
    [ -n "$before" ]
    [ "$(serial)" != "$before" ]
    is "$(serial)" "$(openssl x509 -noout -serial -in "$BATS_FILE_TMPDIR/cert.pem")"
}

# scheme CURL-OPTION...: prints the scheme of the URLs in a reply.
scheme() { ask /douyin/feed/ -H 'Authorization: none' "$@" >/dev/null && jq -r '.video_list[0].play_url' "$BATS_TEST_TMPDIR/body" | cut -d: -f1; }

# logged FROM X-FORWARDED-FOR: requests a unique path; prints the address in its log line.
logged() { ask "/logged-$((++asked))" -X POST --interface "$1" -H "X-Forwarded-For: $2"; }

all_logged() { is "$(grep -c /logged- "$DOUSHENG_HOME/log/nginx-access.log")" 4; }

@test "only trusted proxies may set address and scheme" {
    is "$(scheme --interface 127.0.5.1 -H 'X-Forwarded-Proto: https')" https
    is "$(scheme --interface 127.0.6.1 -H 'X-Forwarded-Proto: https')" http
    is "$(scheme --interface 127.0.5.1 -H 'X-Forwarded-Proto: ftp')" http
    ask / --interface 127.0.5.1 -H 'X-Forwarded-Proto: https'
    is "$http" 200
    logged 127.0.5.1 203.0.113.9
    logged 127.0.6.1 203.0.113.9
    # Entries that the client has added are ignored; a second trusted proxy is skipped.
    logged 127.0.5.1 '6.6.6.6, 203.0.113.9, 127.0.5.7'
    logged 127.0.5.1 nonsense
    wait_for 5 all_logged # each worker of nginx writes in a second of its own
    is "$(awk '$4 ~ /logged-/ { print $4, $1 }' "$DOUSHENG_HOME/log/nginx-access.log" | sort | xargs)" \
        "/logged-1 203.0.113.9 /logged-2 127.0.6.1 /logged-3 203.0.113.9 /logged-4 127.0.5.1"
}

# login ADDRESS: a login from this address behind a proxy.
login() { ask /douyin/user/login/ --interface 127.0.5.1 -H "X-Forwarded-For: $1" -d x=y >/dev/null && printf '%s ' "$http"; }

@test "rate limits count the client behind a proxy, and an IPv6 network as one" {
    is "$(for _ in 1 2 3 4; do login 198.51.100.1; done)" "200 200 200 429 "
    is "$(login 198.51.100.2)" "200 "
    is "$(for n in :1 :ff:1 :a0a:1 ffff:ffff:ffff:ffff; do login "2001:db8:0:1:$n"; done)" "200 200 200 429 "
    is "$(login 2001:db8:0:2::1)" "200 "
}

@test "every reply has the security headers" {
    nothing="default-src 'none'; frame-ancestors 'none'"
    page="default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    for path in "/:200:$page" "/static/index.css:200:$nothing" "/nowhere:404:$nothing" "/douyin/feed/:200:$nothing" \
        "/douyin/feed/x:404:$nothing" "${play#"$(base)"}:200:$nothing"; do
        IFS=: read -r path status policy <<<"$path"
        ask "$(tls "$path")"
        is "$http" "$status"
        header "content-security-policy: $policy"
        header 'x-content-type-options: nosniff'
        header 'x-frame-options: DENY'
        header 'referrer-policy: no-referrer'
        header 'permissions-policy: camera=\(self\), .*'
        fails header 'access-control-allow-.*'
        fails header 'server: .*[0-9].*'
    done
    for path in /douyin/feed/ /douyin/feed "/douyin/user/?token=$alice"; do
        ask "$path"
        header 'cache-control: private, no-store'
    done
    # The page at / loads everything that it references.
    ask "$(tls /)"
    fails grep -qiE '<script[^>]*>[^<]|style=|<style| src="http' "$BATS_TEST_TMPDIR/body"
}

# slow KIND N SECONDS: opens N connections that send almost nothing; prints how many nginx has closed.
slow() {
    timeout 30 perl -MIO::Socket::INET -e '
        my ($port, $kind, $n, $seconds) = @ARGV;
        $SIG{PIPE} = "IGNORE";
        my @all = map { IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port, LocalAddr => "127.0.9.9") or die $! } 1 .. $n;
        my $first = $kind eq "header" ? "GET /douyin/feed/ HTTP/1.1\r\nHost: x\r\n"
            : "POST /douyin/favorite/action/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx";
        $_->syswrite($first) for @all;
        $_->blocking(0) for @all;
        my ($end, %closed) = (time + $seconds);
        while (time <= $end && keys %closed < $n) {
            select(undef, undef, undef, 0.2);
            for (grep { !$closed{$_} } @all) {
                # Headers get another line now and then; bodies stay incomplete.
                $_->syswrite("X-A: b\r\n") if $kind eq "header" && rand() < 0.3;
                my $got = $_->sysread(my $reply, 4096);
                $closed{$_} = 1 if defined $got && $got == 0 || !defined $got && !$!{EAGAIN};
            }
        }
        print scalar keys %closed, "\n"' "$DOUSHENG_PORT" "$@" 3>&-
}

# slowest: prints the longest of ten requests of another client, in milliseconds.
slowest() {
    for _ in {1..10}; do printf 'url = "%s/douyin/feed/"\noutput = /dev/null\n' "$(base)"; done |
        curl -sS --noproxy '*' -m 10 -w '%{http_code} %{time_total}\n' -K - |
        awk '$1 != 200 { exit 1 } $2 > max { max = $2 } END { print int(max * 1000) }'
}

# hinder_nobody KIND: 300 slow clients delay nobody, and nginx closes them before they end after 25 s.
hinder_nobody() {
    local worst
    slow "$1" 300 25 >"$BATS_TEST_TMPDIR/$1" &
    wait_for 5 are_there 100
    worst=$(slowest)
    echo "slowest with slow ${1}s: $worst ms"
    wait $!
    is "$(cat "$BATS_TEST_TMPDIR/$1")" 300 && [ "$worst" -lt 5000 ]
}

# are_there N: at least N connections of slow() are open.
are_there() { [ "$(grep -cE "^ *[0-9]+: 0909007F:[0-9A-F]{4} [0-9A-F]+:$(printf %04X "$DOUSHENG_PORT") 01" /proc/net/tcp)" -ge "$1" ]; }

@test "hundreds of slow headers and bodies delay nobody and are closed" {
    for kind in header body; do hinder_nobody $kind; done
}

# half_sent N: opens N connections of one address that send half a header, until killed.
half_sent() {
    perl -MIO::Socket::INET -e '
        my ($port, $n) = @ARGV;
        $SIG{PIPE} = "IGNORE";
        my @all = map { my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port, LocalAddr => "127.0.9.12") or die $!;
            $s->syswrite("GET /douyin/feed/ HTTP/1.1\r\nHost: x\r\n"); $s } 1 .. $n;
        print "all\n";
        close STDOUT;
        sleep 60' "$DOUSHENG_PORT" "$1" 3>&-
}

@test "thousands of half-sent headers from one address leave connections for others" {
    # More than nginx's default of connections, fewer than ours.
    many=$((4300 * $(nproc) > 15000 ? 15000 : 4300 * $(nproc)))
    [ "$(ulimit -Hn)" -gt $((many + 1000)) ] || skip "this system lets a process have $(ulimit -Hn) files only"
    ! (ulimit -n 150000) 2>/dev/null || [ "$(($(awk '/worker_connections/ { print int($2) }' "$DOUSHENG_HOME/nginx.conf") * $(nproc)))" -gt 65535 ]
    ulimit -Sn "$(ulimit -Hn)"
    half_sent "$many" >"$BATS_TEST_TMPDIR/half" &
    pid=$!
    wait_for 9 grep -q all "$BATS_TEST_TMPDIR/half"
    worst=$(slowest)
    pkill -P "$pid" || kill "$pid"
    wait "$pid" || true
    echo "slowest with $many: $worst ms"
    [ "$worst" -lt 1000 ]
}

# too_many: the address of slow() gets 429.
too_many() { ask /douyin/feed/ --interface 127.0.9.9 && is "$http" 429; }

# nginx waits two seconds for the rest of these bodies.
@test "concurrent requests of one address are limited" {
    slow body 60 20 >"$BATS_TEST_TMPDIR/out" 2>&1 &
    wait_for 5 too_many || { wait $! || true; cat "$BATS_TEST_TMPDIR/out"; return 1; }
    is "$(jq .status_code "$BATS_TEST_TMPDIR/body")" 429
    ask /douyin/feed/ --interface 127.0.9.10
    is "$http" 200
    wait $!
}

@test "slow list requests do not delay the feed" {
    # shellcheck disable=SC2046
    kill -s STOP $(workers lists)
    pids=()
    for path in comment/list favorite/list publish/list relation/follower/list; do
        curl -s --noproxy '*' -m 20 -o /dev/null --interface 127.0.9.11 "$(base)/douyin/$path/?user_id=1&video_id=1" &
        pids+=($!)
    done
    worst=$(slowest)
    # shellcheck disable=SC2046
    kill -s CONT $(workers lists)
    wait "${pids[@]}"
    echo "slowest: $worst ms"
    [ "$worst" -lt 1000 ]
}

@test "several ranges are answered with the whole file, one range with a part" {
    ask "$play" -H 'Range: bytes=0-99'
    is "$http" 206
    size=$(curl -sI --noproxy '*' -m 30 "$play" | tr -d '\r' | sed -n 's/^content-length: //Ip')
    for ranges in 0-0,2-2 "$(printf '%s-,' {1..500})0-1"; do
        ask "$play" -H "Range: bytes=$ranges"
        is "$http $(stat -c %s "$BATS_TEST_TMPDIR/body")" "200 $size"
    done
}

@test "too many or too long headers and request lines are rejected" {
    for n in 70 2000; do
        ask /douyin/feed/ -H @<(for i in $(seq "$n"); do echo "X-$i: 1"; done)
        if [ "$n" = 2000 ] || grep -q max_headers "$DOUSHENG_HOME/nginx.conf"; then
            is "$http $(jq .status_code "$BATS_TEST_TMPDIR/body")" "400 400"
        fi
    done
    ask /douyin/feed/ -H "X-Long: $(printf 'x%.0s' {1..33000})"
    is "$http $(jq .status_code "$BATS_TEST_TMPDIR/body")" "400 400"
    ask "/douyin/feed/?$(printf 'x%.0s' {1..33000})"
    is "$http $(jq .status_code "$BATS_TEST_TMPDIR/body")" "414 414"
    ask "$(tls /douyin/feed/)" --http2 -H @<(for i in {1..2000}; do echo "X-$i: $(printf 'x%.0s' {1..40})"; done) || true
    [ "$http" != 200 ]
    # As many headers as browsers and proxies send.
    ask /douyin/feed/ -H @<(for i in {1..40}; do echo "X-$i: $(printf 'x%.0s' {1..200})"; done)
    is "$http" 200
}

@test "features of this nginx version are used" {
    printf 'events {}\nhttp { max_headers 64; }\n' >"$BATS_TEST_TMPDIR/probe"
    if nginx -t -c "$BATS_TEST_TMPDIR/probe" -p "$BATS_TEST_TMPDIR" -e stderr 2>&1 | grep -q 'unknown directive'; then
        fails grep max_headers "$DOUSHENG_HOME/nginx.conf"
    else
        grep max_headers "$DOUSHENG_HOME/nginx.conf"
    fi
    is "$(find "$DOUSHENG_HOME/run" -name 'probe.*')" ""
}

@test "symbolic links, dot files and parent folders are not served" {
    ln -s "$CHECK/errors" "$DOUSHENG_HOME/media/0a.mp4"
    mkdir -p "$DOUSHENG_HOME/media/0b"
    ln -s "$CHECK/errors" "$DOUSHENG_HOME/media/0b/0b.mp4"
    ln -s "$CHECK" "$DOUSHENG_HOME/media/0c"
    cp "$CHECK/clip.mp4" "$CHECK/0c.mp4"
    ln -s "$CHECK/errors" "$DOUSHENG_HOME/app/static/link.css"
    echo x | tee "$DOUSHENG_HOME/app/static/.hidden.css" >"$DOUSHENG_HOME/media/0b/.0b.mp4"
    for path in /media/0a.mp4 /media/0b/0b.mp4 /media/0c/0c.mp4 /static/link.css /static/.hidden.css /media/0b/.0b.mp4 \
        /media/0b/ /static/ /static /media/0b/../../dousheng.conf /static/%2e%2e/%2e%2e/keys/token /.git/config /..; do
        ask "$(tls "$path")"
        [[ $http == 404 || $http == 400 ]] || is "$path $http" "$path 404"
    done
    cp "$CHECK/clip.mp4" "$DOUSHENG_HOME/media/0b/0d.mp4"
    ask /media/0b/0d.mp4
    is "$http" 200
    rm -r "$DOUSHENG_HOME"/media/0[abc]* "$CHECK/0c.mp4" "$DOUSHENG_HOME/app/static/link.css" "$DOUSHENG_HOME/app/static/.hidden.css"
}

@test "listen_address binds that address only" {
    fails curl -s --noproxy '*' -m 5 "http://127.0.0.2:$DOUSHENG_PORT/douyin/feed/"
    fails curl -s --noproxy '*' -m 5 -g "http://[::1]:$DOUSHENG_PORT/douyin/feed/"
    must get feed
}

# refuses SCRIPT SETTING VALUE TEXT: the script fails with a message that contains TEXT.
refuses() {
    mkdir -p "$CHECK/refused"
    echo "$2 = $3" >"$CHECK/refused/dousheng.conf"
    DOUSHENG_HOME=$CHECK/refused DOUSHENG_PORT=$(free_port) run "$T/../spawn/$1" 3>&-
    is "$status" 1 && is "$(grep -cF "$4" <<<"$output")" 1
}

@test "invalid settings make nginx fail with a message" {
    refuses up tls_certificate /nowhere "must be set together"
    refuses up hsts_s -1 hsts_s
    mkdir -p "$CHECK/refused/run"
    refuses render-nginx listen_address localhost "is no address"
    refuses render-nginx trusted_proxies "10.0.0.0/8 example.org" "is no address"
    rm -r "$CHECK/refused"
}

# HTTP: paths, methods, limits, connections.
load ../lib/common

setup_file() {
    instance_shared
    people alice
}

headers() { tr -d '\r' <"$BATS_TEST_TMPDIR/headers"; }
ask() { request "$@" -D "$BATS_TEST_TMPDIR/headers"; }

@test "paths are accepted with and without a trailing slash, and with doubled slashes, without a redirect" {
    must get user token="$alice"
    expected=$reply
    for path in /douyin/user /douyin/user/ //douyin/user/ ///douyin/user //////douyin/user/; do
        must request GET "$path?token=$alice"
        is "$reply" "$expected"
    done
    must request POST "//douyin/relation/action?token=$alice&to_user_id=$(crowd 1)&action_type=1"
}

@test "every endpoint answers the same with and without its last slash" {
    walked=0
    while read -r method path; do
        request "$method" "$path"
        expected=$(got 'del(.next_time) | tojson')
        request "$method" "${path%/}"
        is "$http $(got 'del(.next_time) | tojson')" "200 $expected"
        walked=$((walked + 1))
    done < <("$BIN/worker" describe routes | awk -F'\t' '$2 ~ "^/douyin/" && $9 == "json" { print $1, $2 }')
    [ "$walked" -gt 0 ]
}

@test "replies declare JSON in UTF-8" {
    for path in feed user nowhere comment/list; do
        ask GET "$path"
        is "$(headers | grep -ci '^content-type: application/json; charset=utf-8$')" 1
        shape base
    done
}

@test "unknown paths return 404" {
    for path in /douyin/nowhere/ /douyin/ /douyin /nowhere /douyin/feed/x /douyin/feed.php /DOUYIN/FEED/ \
        /douyin/user/login/login/ /media/none.mp4 /static/none.png /static/../dousheng.conf \
        /media/../dousheng.conf /media/%2e%2e/dousheng.conf /keys/token /.git/config /app/bin/worker; do
        expect_error ERR_NOT_FOUND path request GET "$path"
    done
    expect_error ERR_NOT_FOUND "" request POST /douyin/nowhere/ -d x=y
}

@test "no path leads out of the served folders" {
    for path in /static/..%2f..%2fkeys/token /media/..%2fdousheng.conf /static../bin/worker /media../keys/token \
        /static/%2e%2e/%2e%2e/keys/token /media//../../keys/token; do
        request GET "$path"
        [[ $http == 404 || $http == 400 ]] || is "$path $http" "$path 404"
        shape failure
    done
}

@test "error replies of nginx are localized" {
    request GET /nowhere -H 'Accept-Language: zh-CN,zh;q=0.9,en;q=0.8'
    is "$(got .status_msg)" 路径不存在
    request GET /nowhere -H 'Accept-Language: en-GB, zh;q=0.5'
    is "$(got .status_msg)" "no such path"
    request GET /nowhere -H 'Accept-Language: fr-FR'
    is "$(got .status_msg)" "no such path"
}

@test "error replies of the workers are localized" {
    request GET user -H 'Accept-Language: zh'
    is "$(got .status_msg)" 缺少参数：user_id
    request GET user -H 'Accept-Language: de, zh-TW;q=0.7, en;q=0.3'
    is "$(got .status_msg)" 缺少参数：user_id
    request GET user -H 'Accept-Language: en'
    is "$(got .status_msg)" "missing parameter: user_id"
}

@test "a wrong method returns 405 and names the right one" {
    ask POST feed -d x=y
    expect_error ERR_METHOD GET
    headers | grep -qix 'allow: GET, HEAD'
    ask GET user/login
    expect_error ERR_METHOD POST
    headers | grep -qix 'allow: POST'
    ask OPTIONS /static/index.html
    is "$http" 405
    headers | grep -qi '^allow: .*GET'
    shape failure
    request POST /static/index.html -d x -H 'Accept-Language: zh'
    is "$http" 405
    [[ $(got .status_msg) == *请使用* ]]
}

@test "an oversized body returns 413 and names the limit" {
    head -c 70000 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/large"
    for path in user/login message/action favorite/action nowhere; do
        expect_error ERR_TOO_LARGE "64 KB" request POST "$path" --data-binary "@$BATS_TEST_TMPDIR/large"
    done
    expect_error ERR_TOO_LARGE "64 KB" request GET feed --data-binary "@$BATS_TEST_TMPDIR/large"
    request POST user/login --data-binary "@$BATS_TEST_TMPDIR/large" -H 'Accept-Language: zh'
    is "$http" 413
    [[ $(got .status_msg) == *"64 KB"*上限* ]]
}

@test "an oversized upload returns 413 and names its limit" {
    ask POST publish/action -H 'Content-Length: 209715201' -H 'Content-Type: multipart/form-data; boundary=x' --data-binary x
    expect_error ERR_TOO_LARGE "200 MB"
}

@test "a chunked body is read up to the limit" {
    must request POST relation/action -H 'Transfer-Encoding: chunked' \
        -d "token=$alice&to_user_id=$(crowd 1)&action_type=1"
    head -c 70000 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/large"
    expect_error ERR_TOO_LARGE "64 KB" request POST user/login -H 'Transfer-Encoding: chunked' \
        --data-binary "@$BATS_TEST_TMPDIR/large"
}

@test "a connection is reused after a GET with a body, whatever the reply was" {
    for path in "feed/?" "user/?user_id=1&" "user/?user_id=x&" "nowhere/?" "user/login/?"; do
        curl -sS --noproxy '*' -m 30 -w '\n%{http_code} %{num_connects}\n' -X GET \
            -d "$(printf 'x=%.0s' {1..5000})" "$(base)/douyin/${path}n=1" \
            "$(base)/douyin/${path}n=2" "$(base)/douyin/feed/" >"$BATS_TEST_TMPDIR/out"
        is "$(grep -cE '^[0-9]{3} 0$' "$BATS_TEST_TMPDIR/out")" 2
        is "$(grep -cE '^[0-9]{3} 1$' "$BATS_TEST_TMPDIR/out")" 1
        is "$(tail -n 1 "$BATS_TEST_TMPDIR/out")" "200 0"
    done
}

@test "HEAD returns the headers of GET without a body" {
    for path in /douyin/feed/ /douyin/user/?user_id=1 /static/index.html; do
        is "$(curl -s --noproxy '*' -m 30 -I -o /dev/null -w '%{http_code} %{size_download}' "$(base)$path")" "200 0"
    done
    curl -sI --noproxy '*' -m 30 "$(base)/douyin/feed/" >"$BATS_TEST_TMPDIR/headers"
    headers | grep -qi '^content-type: application/json; charset=utf-8$'
    expect_error ERR_METHOD POST request GET user/login
    request HEAD user/login
    is "$http" 405
}

@test "oversized headers return 400 or 414 in the base form" {
    long=$(printf 'x%.0s' {1..40000})
    request GET "/douyin/feed/?x=$long"
    [[ $http == 414 || $http == 400 ]]
    shape failure
    request GET feed -H "X-Long: $long"
    is "$http" 400
    shape failure
}

@test "the server survives input that is not HTTP" {
    for text in 'GET / HTTP/9.9\r\n\r\n' 'nonsense\r\n\r\n' 'GET /douyin/feed/ HTTP/1.1\r\n\r\n' \
        'POST /douyin/user/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n' '\0\0\0\0\r\n\r\n'; do
        # shellcheck disable=SC2059
        timeout 5 bash -c 'exec 9<>"/dev/tcp/127.0.0.1/$0"; printf "$1" >&9; head -c 12 <&9' \
            "$DOUSHENG_PORT" "$text" >"$BATS_TEST_TMPDIR/out" || true
    done
    must get feed
}

@test "a client that disconnects during a request affects nobody else" {
    pids=$(workers)
    for _ in {1..10}; do
        timeout 0.2 curl -s -m 30 --limit-rate 1k -F "data=@$CHECK/clip.mp4" -F "token=$alice" \
            "$(base)/douyin/publish/action/" >/dev/null || true
    done
    must get feed
    is "$(workers)" "$pids"
    wait_for 5 eval '[ -z "$(find "$DOUSHENG_HOME/spool" -type f)" ]'
}

@test "the page at / and other static files are served" {
    is "$(curl -s --noproxy '*' -m 30 -o /dev/null -w '%{http_code} %{content_type}' "$(base)/")" \
        "200 text/html; charset=utf-8"
    request GET /static/index.css -D "$BATS_TEST_TMPDIR/headers"
    is "$http" 200
    headers | grep -qix 'content-type: text/css; charset=utf-8'
    headers | grep -qix 'x-content-type-options: nosniff'
    for path in /media/ /media; do
        expect_error ERR_NOT_FOUND path request GET "$path"
    done
}

# Building and serving the web client.  Its behaviour in a browser: t/web/browser.
# bats file_tags=release-only
load ../lib/common

setup_file() {
    instance_shared
}

POLICY="default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

built() { [ -e "$DOUSHENG_HOME/app/web/index.html" ] || skip "the web client was left out"; }

# fetched PATH [CURL-OPTION...]: sets http; the headers are in $head, the raw body in $body.
fetched() {
    head=$BATS_TEST_TMPDIR/head body=$BATS_TEST_TMPDIR/body
    http=$(curl -sS --noproxy '*' -m 30 -D "$head" -o "$body" -w '%{http_code}' "${@:2}" "$(base)$1")
}

header() { tr -d '\r' <"$head" | sed -n "s/^$1: //Ip"; }

# Prints the files of the first load: page, styles, scripts and a language.
first_load() {
    printf '/\n'
    grep -oE '"/web/[a-z]+-[A-Z0-9]+\.(js|css)"' "$1" | tr -d '"' | sort -u
    (cd "$DOUSHENG_HOME/app/web" && printf '/%s\n' web/zh-*.js)
}

nginx_again() {
    local before
    before=$(pgrep -P "$(pid_of nginx)")
    kill -HUP "$(pid_of nginx)"
    for pid in $before; do wait_for 10 gone "$pid"; done
}

@test "each address of the client serves its page, and no other address does" {
    built
    fetched /
    page=$(<"$body")
    for path in /settings /publish /messages /messages/7 /u/7 /u/7/v/3 /u/7/likes/3 /settings/ /publish/ /messages/ /messages/7/ /u/7/ \
        /u/7/v/3/; do
        fetched "$path"
        is "$http $(header content-type) $(header cache-control)" "200 text/html; charset=utf-8 no-cache"
        is "$(<"$body")" "$page"
    done
    for path in /nothing /u/x /messages/x /web/ /web /web/none.js /web/index.html /index.html; do
        expect_error ERR_NOT_FOUND path request GET "$path"
    done
}

@test "an unknown address returns a page to a browser and JSON to programs and below /douyin/" {
    built
    browser=(-H 'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8')
    fetched /
    page=$(<"$body")
    for path in /nothing /u/x /settings/x /media/00/11.mp4 /static/none.png /DOUYIN/feed; do
        fetched "$path" "${browser[@]}"
        is "$http $(header content-type) $(header cache-control)" "404 text/html; charset=utf-8 no-store"
        is "$(<"$body")" "$page"
        is "$(header content-security-policy)" "$POLICY"
        expect_error ERR_NOT_FOUND path request GET "$path"
        expect_error ERR_NOT_FOUND path request GET "$path" -H 'Accept: application/json'
        expect_error ERR_NOT_FOUND "" request POST "$path" "${browser[@]}" -d x=y
    done
    for path in /douyin /douyin/ /douyin/nothing /douyin/feed/x; do
        expect_error ERR_NOT_FOUND path request GET "$path" "${browser[@]}"
    done
}

@test "API replies are compressed for clients that accept it" {
    fetched /douyin/feed/
    is "$(header content-encoding)" ""
    fetched /douyin/feed/ -H 'Accept-Encoding: gzip'
    is "$http $(header content-encoding) $(header vary)" "200 gzip Accept-Encoding"
    is "$(gzip -dc "$body" | jq .status_code)" 0
}

@test "pages allow only our scripts" {
    for path in / /settings /docs; do
        fetched "$path"
        [ "$http" = 404 ] || is "$(header content-security-policy)" "$POLICY"
    done
    fetched /douyin/feed/
    is "$(header content-security-policy)" "default-src 'none'; frame-ancestors 'none'"
    fails grep -qE '<script>|<style|style=|\bon[a-z]+=' "$DOUSHENG_HOME"/app/web/*.html "$DOUSHENG_HOME/app/static/index.html"
}

@test "a page revalidated with 304 keeps its content security policy" {
    fetched /
    fetched / -H "If-None-Match: $(header etag)"
    is "$http $(header content-security-policy)" "304 "
}

@test "with base_url pages may load pictures and videos from there" {
    rendered=$(DOUSHENG_BASE_URL=https://media.example.org/x "$T/../spawn/render-nginx")
    is "$(grep -oE 'img-src[^;]*; media-src[^;]*; connect-src[^;]*' <<<"$rendered")" \
        "img-src 'self' data: blob: https://media.example.org; media-src 'self' blob: https://media.example.org; connect-src 'self' https://media.example.org"
}

@test "hashed files are cached for ever and served compressed" {
    built
    fetched /
    first_load "$body" >"$BATS_TEST_TMPDIR/files"
    total=0
    while read -r path; do
        fetched "$path" -H 'Accept-Encoding: gzip'
        is "$http $(header content-encoding) $(header vary)" "200 gzip Accept-Encoding"
        [ "$path" = / ] || is "$(header cache-control)" "public, max-age=31536000, immutable"
        cmp <(gzip -dc "$body") <(curl -s --noproxy '*' "$(base)$path")
        total=$((total + $(stat -c %s "$body")))
    done <"$BATS_TEST_TMPDIR/files"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/files")" -ge 3 ]
    echo "first load: $total bytes"
    [ "$total" -lt 40000 ]
    for path in /sw.js /manifest.webmanifest /offline.html; do
        fetched "$path"
        is "$http $(header cache-control)" "200 no-cache"
    done
}

@test "the icons of the manifest exist" {
    built
    fetched /manifest.webmanifest
    is "$(header content-type | cut -d ";" -f 1)" application/manifest+json
    jq -r '.icons[] | "\(.src) \(.sizes)"' "$body" >"$BATS_TEST_TMPDIR/icons"
    is "$(wc -l <"$BATS_TEST_TMPDIR/icons")" 3
    while read -r src sizes; do
        fetched "$src"
        is "$http $(header content-type)" "200 image/png"
        is "$(ffprobe -v error -show_entries stream=width,height -of csv=p=0:s=x "$body")" "$sizes"
    done <"$BATS_TEST_TMPDIR/icons"
}

@test "/docs shows static/openapi.yaml" {
    built
    fetched /docs/
    is "$http" 200
    fetched /docs
    is "$http" 200
    grep -q swagger-ui-bundle "$body"
    fetched "$(grep -oE '/web/docs-[A-Z0-9]+\.js' "$body")"
    grep -qF /static/openapi.yaml "$body"
}

@test "without the built client the plain page is served" {
    [ ! -d "$DOUSHENG_HOME/app/web" ] || mv "$DOUSHENG_HOME/app/web" "$DOUSHENG_HOME/app/away"
    nginx_again
    fetched /
    plain=$http$(cat "$body")
    fetched /docs
    docs=$http
    [ ! -d "$DOUSHENG_HOME/app/away" ] || mv "$DOUSHENG_HOME/app/away" "$DOUSHENG_HOME/app/web"
    nginx_again
    is "$plain" "200$(<"$T/../static/index.html")"
    is "$docs" 404
}

@test "make succeeds without npm and without its registry" {
    tree=$BATS_TEST_TMPDIR/tree/static/app
    mkdir -p "$tree" "$BATS_TEST_TMPDIR/bin"
    (cd "$T/../static/app" && tar -c --exclude=node_modules .) | tar -x -C "$tree"
    for program in bash dirname realpath find; do
        ln -s "$(type -P "$program")" "$BATS_TEST_TMPDIR/bin/"
    done
    is "$(PATH=$BATS_TEST_TMPDIR/bin "$tree/make-web")" "The web client is left out: npm is not installed."
    is "$(DOUSHENG_WEB=no "$tree/make-web")" "The web client is left out: DOUSHENG_WEB is no."
    [ ! -e "$BATS_TEST_TMPDIR/tree/build" ]
    type -P npm >/dev/null || skip "npm is not there"
    run env npm_config_registry=http://127.0.0.1:9 npm_config_cache="$BATS_TEST_TMPDIR/cache" "$tree/make-web"
    is "$status $(tail -n 1 <<<"$output")" "0 The web client is left out: npm could not install its packages."
    [ ! -e "$BATS_TEST_TMPDIR/tree/build" ]
}

@test "wheel and touchpad events are distinguished" {
    type -P node >/dev/null || skip "node is not there"
    is "$(node --no-warnings "$T/web/browser/wheel.mjs")" "a flick: 1
a violent flick: 1
a flick upwards: 1
a flick whose end falters: 1
a flick into the end of another: 2
a flick back: 2
two flicks with a pause: 2
a gentle flick after one that was held: 2
five notches: 5
five notches in lines: 5
a wheel that is spun: 1"
}

# Resumable uploads: the tus protocol 1.0.0, with curl and with tus-js-client.
# shellcheck disable=SC2030,SC2031,SC2015
load ../lib/common
load ../lib/publish
load ../lib/browser

setup_file() {
    instance_up upload upload_max_mb=2 processing_max=50
    people ann bob
    export FILE=$CHECK/clip.mp4 SIZE
    SIZE=$(stat -c %s "$FILE")
    head -c 1000 "$FILE" >"$BATS_FILE_TMPDIR/one"
    tail -c +1001 "$FILE" >"$BATS_FILE_TMPDIR/two"
}

teardown_file() { instance_down; }
setup() { cd "$BATS_FILE_TMPDIR" && title=$(unique tus); }

b64() { printf '%s' "$1" | base64 -w0; }

# tus METHOD PATH [CURL-OPTION...]: a request with ann's token; sets http, reply and headers.
tus() {
    headers=$BATS_TEST_TMPDIR/headers
    request "$@" -D "$headers" -H 'Tus-Resumable: 1.0.0' -H "Authorization: Bearer ${who:-$ann}"
}

# header NAME: prints a header of the last reply.
header() { tr -d '\r' <"$headers" | sed -n "s/^$1: //Ip" | tail -n 1; }

# create LENGTH [TITLE]: creates an upload; sets at, its path.
create() {
    tus POST /douyin/upload/ -H "Upload-Length: $1" -H "Upload-Metadata: title $(b64 "${2:-$title}"),filename $(b64 c.mp4)" || return
    is "$http" 201 && at=$(header Location) && at=${at#"$(base)"} && [[ $at == /douyin/upload/* ]]
}

# patch OFFSET FILE [CURL-OPTION...]
patch() {
    tus PATCH "$at" -H "Upload-Offset: $1" -H 'Content-Type: application/offset+octet-stream' --data-binary "@$2" "${@:3}"
}

offset() { tus HEAD "$at" >&2 && is "$http" 200 >&2 && header Upload-Offset; }
count_of() { sql "SELECT count(*) FROM video WHERE title = '$1'"; }
becomes_ready() { wait_for 30 is_ready "$1" && is "$(count_of "$1")" 1; }
is_ready() { [ "$(state_of "$1")" = "ready " ]; }
stored() { printf '%s/upload/%s' "$DOUSHENG_HOME" "${at##*/}"; }

@test "OPTIONS announces the tus version and extensions" {
    headers=$BATS_TEST_TMPDIR/headers
    for path in /douyin/upload/ /douyin/upload/ffffffffffffffffffffffffffffffff; do
        request OPTIONS "$path" -D "$headers"
        is "$http $(header Tus-Version) $(header Tus-Resumable) $(header Tus-Max-Size)" "204 1.0.0 1.0.0 2097152"
    done
    for word in creation-with-upload concatenation expiration checksum termination; do [[ $(header Tus-Extension) == *$word* ]]; done
    [[ $(header Tus-Checksum-Algorithm) == *sha1* ]]
}

@test "an upload in two pieces becomes a video" {
    create "$SIZE"
    [ -n "$(header Upload-Expires)" ]
    is "$(offset)" 0
    is "$(header Upload-Length) $(header Cache-Control)" "$SIZE no-store"
    patch 0 one
    is "$http $(header Upload-Offset)" "204 1000"
    is "$(offset) $(count_of "$title")" "1000 0"
    patch 1000 two
    is "$http $(header Upload-Offset)" "204 $SIZE"
    becomes_ready "$title"
}

@test "after a lost reply to the last piece HEAD reports completion, and one video results" {
    create "$SIZE"
    patch 0 "$FILE"
    for _ in 1 2; do is "$(offset)" "$SIZE"; done
    patch 0 "$FILE"
    is "$http" 409
    printf '' >empty
    patch "$SIZE" empty
    is "$http" 204
    becomes_ready "$title"
    wait_for 10 no_file "$(stored)"
    is "$(offset)" "$SIZE"
    patch "$SIZE" empty
    is "$http $(header Upload-Offset)" "204 $SIZE"
    is "$(count_of "$title")" 1
}

@test "HEAD finishes a complete upload whose worker died before the video existed" {
    create "$SIZE"
    cp "$FILE" "$BATS_TEST_TMPDIR/whole" && cat "$BATS_TEST_TMPDIR/whole" >"$(stored)"
    seq 8 | xargs -P 8 -I{} curl -s --noproxy '*' -o /dev/null -w '%{http_code}\n' -I -H 'Tus-Resumable: 1.0.0' \
        -H "Authorization: Bearer $ann" "$(base)$at" >"$BATS_TEST_TMPDIR/codes"
    fails grep -vE '^(200|423)$' "$BATS_TEST_TMPDIR/codes"
    is "$(offset)" "$SIZE"
    becomes_ready "$title"
}

@test "of two concurrent PATCH requests one is accepted" {
    for _ in 1 2 3; do
        title=$(unique tus)
        create "$SIZE"
        seq 6 | xargs -P 6 -I{} curl -s --noproxy '*' -o /dev/null -w '%{http_code}\n' -X PATCH -H 'Tus-Resumable: 1.0.0' \
            -H "Authorization: Bearer $ann" -H 'Upload-Offset: 0' -H 'Content-Type: application/offset+octet-stream' \
            --data-binary "@$FILE" "$(base)$at" >"$BATS_TEST_TMPDIR/codes"
        is "$(grep -c 204 "$BATS_TEST_TMPDIR/codes")" 1
        fails grep -vE '^(204|409|423)$' "$BATS_TEST_TMPDIR/codes"
        becomes_ready "$title"
    done
}

@test "Upload-Checksum is verified and a mismatch rejected" {
    create "$SIZE"
    good=$(openssl dgst -sha1 -binary one | base64)
    patch 0 one -H "Upload-Checksum: sha1 $(openssl dgst -sha1 -binary two | base64)"
    is "$http $(offset)" "460 0"
    patch 0 one -H "Upload-Checksum: crc32 AAAA"
    is "$http $(offset)" "400 0"
    patch 0 one -H "Upload-Checksum: sha1 !!"
    is "$http $(offset)" "400 0"
    patch 0 one -H "Upload-Checksum: sha1 $good"
    is "$http $(offset)" "204 1000"
    tus PATCH "$at" -H 'Upload-Offset: 1000' -H 'Content-Type: application/offset+octet-stream' \
        -H "Upload-Checksum: sha1 $(openssl dgst -sha1 -binary /dev/null | base64)" # no body at all
    is "$http $(offset)" "204 1000"
    patch 1000 two -H "Upload-Checksum: sha256 $(openssl dgst -sha256 -binary two | base64 -w0)"
    is "$http" 204
    becomes_ready "$title"
}

@test "a rejected request changes nothing" {
    create "$SIZE"
    patch 0 one
    patch 0 one
    is "$http $(offset)" "409 1000"
    patch 5000 two
    is "$http $(offset)" "409 1000"
    patch -1 two
    is "$http" 409
    patch 1000 "$FILE" # more than is missing
    is "$http $(offset)" "413 1000"
    tus PATCH "$at" -H 'Upload-Offset: 1000' -H 'Content-Type: video/mp4' --data-binary @two
    is "$http $(offset)" "415 1000"
    request PATCH "$at" -H 'Tus-Resumable: 0.2.2' -H "Authorization: Bearer $ann" -H 'Upload-Offset: 1000' \
        -H 'Content-Type: application/offset+octet-stream' --data-binary @two
    is "$http $(offset)" "412 1000"
    is "$(count_of "$title")" 0
}

@test "only its owner can see, write or remove an upload" {
    create "$SIZE"
    patch 0 one
    for how in HEAD DELETE; do
        who=$bob tus $how "$at"
        is "$http" 404
    done
    who=$bob patch 1000 two
    is "$http" 404
    request PATCH "$at" -H 'Tus-Resumable: 1.0.0' -H 'Upload-Offset: 1000' --data-binary @two
    is "$http $(got .status_code)" "401 1101"
    is "$(offset)" 1000
    for path in /douyin/upload/ffffffffffffffffffffffffffffffff /douyin/upload/../../etc/passwd /douyin/upload/%2e%2e; do
        tus HEAD "$path"
        [[ $http == 40[0345] ]]
    done
}

@test "every reply carries Tus-Resumable once, and a 401 carries WWW-Authenticate" {
    create "$SIZE"
    head -c 3000000 /dev/zero >large
    while read -r wanted method path token options; do
        # shellcheck disable=SC2086
        request "$method" "$path" -D "$BATS_TEST_TMPDIR/headers" -H "Authorization: Bearer $token" $options
        headers=$BATS_TEST_TMPDIR/headers
        is "$wanted $method $http $(grep -ci '^tus-resumable:' "$headers") $(header Tus-Resumable)" "$wanted $method $wanted 1 1.0.0"
        is "$(header WWW-Authenticate)" "$([ "$wanted" != 401 ] || echo 'Bearer realm="dousheng"')"
    done <<END
401 POST /douyin/upload/ none
401 HEAD $at none -HTus-Resumable:1.0.0
405 PUT $at $ann
412 HEAD $at $ann
404 HEAD ${at%??}ff $ann -HTus-Resumable:1.0.0
200 HEAD $at $ann -HTus-Resumable:1.0.0
413 PATCH $at $ann --data-binary @large
END
    request GET user -D "$headers"
    is "$(header Tus-Resumable)$(header WWW-Authenticate)" ""
    tus DELETE "$at"
}

# as METHOD PATH [CURL-OPTION...]: a POST with X-HTTP-Method-Override.
as() { tus POST "$2" -H "X-HTTP-Method-Override: $1" "${@:3}"; }

@test "X-HTTP-Method-Override is honored only for POST to uploads" {
    create "$SIZE"
    as PATCH "$at" -H 'Upload-Offset: 0' -H 'Content-Type: application/offset+octet-stream' --data-binary @one
    is "$http $(header Upload-Offset)" "204 1000"
    tus GET "$at" -H 'X-HTTP-Method-Override: HEAD'
    is "$http $(header Upload-Offset)" "200 1000"
    for none in GET patch PUT 'PATCH x' "$(printf 'PATCH\xff')"; do
        as "$none" "$at"
        is "$none $http" "$none 405"
    done
    tus DELETE "$at" -H 'X-HTTP-Method-Override: HEAD'
    is "$http $(offset)" "200 1000"
    request POST "$at" -H 'X-HTTP-Method-Override: DELETE' -H 'Tus-Resumable: 1.0.0'
    is "$http $(offset)" "401 1000"
    as DELETE "$at"
    is "$http" 204
    expect_error ERR_METHOD GET as GET /douyin/user/
}

@test "creation rejects invalid lengths, titles and sizes" {
    meta=(-H "Upload-Metadata: title $(b64 t)")
    tus POST /douyin/upload/ "${meta[@]}"
    is "$http" 400
    for length in 0 -1 x 99999999999999999999; do
        tus POST /douyin/upload/ "${meta[@]}" -H "Upload-Length: $length"
        is "$length $http" "$length 400"
    done
    tus POST /douyin/upload/ "${meta[@]}" -H 'Upload-Length: 2097153'
    is "$http" 413
    [[ $reply == *2097153*2097152* ]]
    for text in '' 'title' 'title !!!' "title $(b64 $'\xff')" "title $(b64 "$(printf 'x%.0s' {1..201})")"; do
        tus POST /douyin/upload/ -H "Upload-Metadata: $text" -H 'Upload-Length: 10'
        is "$text: $http" "$text: 400"
    done
    is "$(find "$DOUSHENG_HOME/upload" -size 0 -newer one | wc -l)" "$(sql "SELECT count(*) FROM upload WHERE video_id IS NULL
        AND length = 10")"
}

@test "an upload that is no video is rejected when complete" {
    create 1000
    head -c 1000 /dev/urandom >noise
    patch 0 noise
    is "$http $(got .status_code)" "400 1303"
    tus HEAD "$at"
    is "$http" 404
    [ ! -e "$(stored)" ]
}

@test "a photo uploaded in pieces is rejected as a photo" {
    printf '\0\0\0\30ftypheic\0\0\0\0mif1heic' >photo
    create 24
    head -c 7 photo >piece
    patch 0 piece
    tail -c +8 photo >piece
    patch 7 piece
    is "$http $(got .status_code)" "400 1307"
    tus HEAD "$at"
    is "$http" 404
}

# begin CURL-OPTION...: a creation request; sets at, the upload's path, on success.
begin() {
    tus POST /douyin/upload/ "$@" && { [ "$http" != 201 ] || { at=$(header Location) && at=${at#"$(base)"}; }; }
}
titled() { printf 'Upload-Metadata: title %s' "$(b64 "$title")"; }
data=(-H 'Content-Type: application/offset+octet-stream')

@test "creation-with-upload accepts all or part of the data" {
    begin -H "$(titled)" -H "Upload-Length: $SIZE" "${data[@]}" --data-binary @one
    is "$http $(header Upload-Offset) $(offset)" "201 1000 1000"
    patch 1000 two
    is "$http" 204
    becomes_ready "$title"
    title=$(unique whole)
    begin -H "$(titled)" -H "Upload-Length: $SIZE" "${data[@]}" --data-binary "@$FILE" \
        -H "Upload-Checksum: sha1 $(openssl dgst -sha1 -binary "$FILE" | base64)"
    is "$http $(header Upload-Offset)" "201 $SIZE"
    becomes_ready "$title"
}

@test "rejected creation-with-upload data leaves nothing behind" {
    before=$(sql "SELECT count(*) FROM upload") files=$(find "$DOUSHENG_HOME/upload" -type f | wc -l)
    begin -H "$(titled)" -H "Upload-Length: $SIZE" -H 'Content-Type: video/mp4' --data-binary @one
    is "$http" 415
    begin -H "$(titled)" -H 'Upload-Length: 999' "${data[@]}" --data-binary @one
    is "$http" 413
    begin -H "$(titled)" -H "Upload-Length: $SIZE" "${data[@]}" --data-binary @one -H "Upload-Checksum: sha1 $(openssl dgst -sha1 -binary two | base64)"
    is "$http" 460
    head -c 1000 /dev/urandom >noise
    begin -H "$(titled)" -H 'Upload-Length: 1000' "${data[@]}" --data-binary @noise
    is "$http $(got .status_code)" "400 1303"
    begin -H "$(titled)" -H 'Upload-Defer-Length: 1'
    is "$http" 400
    begin -H "$(titled)" -H "Upload-Length: $SIZE" -H 'Upload-Defer-Length: 1'
    is "$http" 400
    [[ $reply == *Upload-Defer-Length* ]]
    for how in whole 'final' 'Partial' 'final;' 'final;/nowhere/ab' 'final;/douyin/upload/..' "final;$(printf '/douyin/upload/ab %.0s' {1..65})"; do
        begin -H "$(titled)" -H "Upload-Concat: $how"
        is "$how $http" "$how 400"
    done
    is "$(sql "SELECT count(*) FROM upload") $(find "$DOUSHENG_HOME/upload" -type f | wc -l)" "$before $files"
}

# part FILE [SENT]: creates a partial upload of the file (of SENT only) and adds it to parts.
part() {
    begin -H 'Upload-Concat: partial' -H "Upload-Length: $(stat -c %s "$1")" "${data[@]}" --data-binary "@${2:-$1}"
    is "$http $(header Upload-Offset)" "201 $(stat -c %s "${2:-$1}")" && parts+=${parts:+ }$at
}

@test "concatenation joins partial uploads in order and removes them" {
    parts=""
    head -c 500 one >half
    part one half # in two pieces
    patch 500 <(tail -c +501 one)
    is "$http $(header Upload-Offset)" "204 1000"
    is "$(offset) $(header Upload-Concat) $(count_of "")" "1000 partial 0"
    begin -H 'Upload-Concat: partial' -H "Upload-Length: $(stat -c %s two)" "${data[@]}" --data-binary @two
    parts+=" $(header Location)"
    begin -H "Upload-Concat: final;$parts" -H "$(titled)"
    is "$http $(header Upload-Offset)" "201 $SIZE"
    is "$(offset) $(header Upload-Length) $(header Upload-Concat)" "$SIZE $SIZE final;$parts"
    patch "$SIZE" one
    is "$http $(got .status_code)" "403 1409"
    becomes_ready "$title"
    is "$(sql "SELECT count(*) FROM upload WHERE concat = 'partial'")" 0
    begin -H "Upload-Concat: final;$parts" -H "$(titled)"
    is "$http $(got .status_code)" "409 1408"
    for at in $parts; do
        tus HEAD "${at#"$(base)"}"
        is "$http" 404
    done
    is "$(count_of "$title")" 1
}

@test "an invalid concatenation leaves the partial uploads unchanged" {
    parts=""
    part one half
    begin -H "Upload-Concat: final;$parts" -H "$(titled)"
    is "$http $(got .status_code)" "409 1408"
    patch 500 <(tail -c +501 one)
    whole=$parts
    create "$SIZE"
    begin -H "Upload-Concat: final;$whole $at" -H "$(titled)"
    is "$http $(got .status_code)" "409 1408"
    who=$bob begin -H "Upload-Concat: final;$whole" -H "$(titled)"
    is "$http $(got .status_code)" "409 1408"
    begin -H "Upload-Concat: final;$whole" -H 'Upload-Length: 1000' -H "$(titled)"
    is "$http" 400
    begin -H "Upload-Concat: final;$whole"
    is "$http $(got .status_code)" "400 1001"
    head -c 1500000 /dev/zero >big
    parts=""
    part big && part big
    begin -H "Upload-Concat: final;$parts" -H "$(titled)"
    is "$http $(got .status_code)" "413 1405"
    is "$(sql "SELECT count(*) FROM upload WHERE concat = 'partial'") $(count_of "$title")" "3 0"
    head -c 10 /dev/zero >ten
    parts=""
    part ten && part ten
    begin -H "Upload-Concat: final;$parts" -H "$(titled)"
    is "$http $(got .status_code)" "400 1303"
    is "$(sql "SELECT count(*) FROM upload WHERE concat <> '' AND video_id IS NULL")" 3
    for at in $(sql "SELECT '/douyin/upload/' || name FROM upload WHERE concat = 'partial'"); do tus DELETE "$at"; done
}

@test "termination removes an upload" {
    create "$SIZE"
    patch 0 one
    [ -e "$(stored)" ]
    tus DELETE "$at"
    is "$http" 204
    [ ! -e "$(stored)" ]
    tus HEAD "$at"
    is "$http" 404
}

@test "an upload whose file is lost can be terminated and is no longer counted" {
    create "$SIZE"
    rm "$(stored)"
    tus HEAD "$at"
    is "$http" 404
    tus DELETE "$at"
    is "$http $(sql "SELECT count(*) FROM upload WHERE name = '${at##*/}'")" "204 0"
    tus DELETE "$at"
    is "$http" 404
}

@test "an expired upload is gone for the client at once and from the disk soon" {
    create "$SIZE"
    patch 0 one
    sql "UPDATE upload SET expires_at = now_ms() - 1 WHERE name = '${at##*/}'"
    tus HEAD "$at"
    is "$http" 404
    wait_for 10 no_file "$(stored)"
    is "$(sql "SELECT count(*) FROM upload WHERE name = '${at##*/}'")" 0
}

@test "a cover time can be chosen" {
    tus POST /douyin/upload/ -H "Upload-Length: $SIZE" -H "Upload-Metadata: title $(b64 "$title"),cover_ms $(b64 500)"
    at=$(header Location) at=${at#"$(base)"}
    patch 0 "$FILE"
    becomes_ready "$title"
}

# client ARGUMENT...: runs tus-js-client.
client() {
    type -P npm node >/dev/null || skip "npm and node are not installed: the real client is not tested"
    modules || skip "npm cannot fetch tus-js-client: $(tail -n 1 "$CHECK/npm.log")"
    (cd "$CHECK/browser" && timeout 300 node tus.mjs "$(base)/douyin/upload/" "$@")
}

@test "tus-js-client uploads a file" {
    client "$ann" "$FILE" "$title" 3000 >"$BATS_TEST_TMPDIR/said"
    is "$(tail -n 1 "$BATS_TEST_TMPDIR/said")" "done"
    becomes_ready "$title"
}

@test "tus-js-client resumes an interrupted upload after a restart of the instance" {
    client "$ann" "$FILE" "$title" 2000 5000 >"$BATS_TEST_TMPDIR/said"
    cat "$BATS_TEST_TMPDIR/said"
    is "$(tail -n 1 "$BATS_TEST_TMPDIR/said")" "broken off"
    url=$(sed -n 's/^url //p' "$BATS_TEST_TMPDIR/said") at=${url#"$(base)"}
    down && up
    half=$(offset)
    [ "$half" -ge 4000 ] && [ "$half" -lt "$SIZE" ]
    client "$ann" "$FILE" "$title" 2000 0 "$url" >"$BATS_TEST_TMPDIR/said"
    cat "$BATS_TEST_TMPDIR/said"
    grep -q "resumed at" "$BATS_TEST_TMPDIR/said"
    is "$(tail -n 1 "$BATS_TEST_TMPDIR/said")" "done"
    becomes_ready "$title"
}

@test "tus-js-client uploads parts in parallel" {
    client "$ann" "$FILE" "$title" 3000 parallel=3 >"$BATS_TEST_TMPDIR/said"
    cat "$BATS_TEST_TMPDIR/said"
    is "$(tail -n 1 "$BATS_TEST_TMPDIR/said")" "done"
    is "$(grep -c '^POST partial' "$BATS_TEST_TMPDIR/said") $(grep -c '^POST final' "$BATS_TEST_TMPDIR/said")" "3 1"
    becomes_ready "$title"
}

@test "tus-js-client sends data with the creation" {
    for chunk in 3000 10000000; do
        title=$(unique creation)
        client "$ann" "$FILE" "$title" $chunk creation >"$BATS_TEST_TMPDIR/said"
        cat "$BATS_TEST_TMPDIR/said"
        is "$(tail -n 1 "$BATS_TEST_TMPDIR/said")" "done"
        is "$(grep -c '^POST  application/offset' "$BATS_TEST_TMPDIR/said")" 1
        becomes_ready "$title"
    done
    is "$(grep -c ^PATCH "$BATS_TEST_TMPDIR/said")" 0
}

@test "an upload that expires during its last piece does not become a video" {
    create "$SIZE"
    patch 0 one
    # As sweep does: first the row, then the file.
    sql "BEGIN; DELETE FROM upload WHERE name = '${at##*/}'; SELECT pg_sleep(1.5); COMMIT" >expiry &
    sleep 0.5
    patch 1000 two
    wait $!
    is "$http $(got .status_code)" "404 $(awk -F'\t' '$1 == "ERR_UPLOAD_UNKNOWN" { print $2 }' "$CHECK/errors")"
    is "$(count_of "$title")" 0
    rm "$(stored)"
}

@test "media files and database rows agree" { wait_settled && fsck_clean; }

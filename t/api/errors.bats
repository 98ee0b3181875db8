# Produces every error of `worker describe errors`, in an instance that is made to fail.
load ../lib/common

setup_file() {
    instance_up crash-errors message_policy=friends rate_login=60 upload_max_mb=1 \
        database_timeout_ms=1500
    people alice bob
    video=$(publish_ready "$alice" target)
    note=$(comment "$alice" "$video" note)
    export video note
}

teardown_file() {
    instance_down
}

# Produces an error by its name.
ERR_OK() { get feed; }
ERR_BAD_REQUEST() { request GET feed -H "X-Long: $(printf 'x%.0s' {1..40000})"; }
ERR_NOT_FOUND() { request GET /nowhere; }
ERR_METHOD() { request DELETE feed; }
ERR_TOO_LARGE() {
    head -c 2000000 /dev/zero >"$BATS_TEST_TMPDIR/large"
    request POST publish/action -F "data=@$BATS_TEST_TMPDIR/large"
}
ERR_URI_TOO_LONG() { request GET "/$(printf 'x%.0s' {1..40000})"; }
# A login among many others.
ERR_RATE() {
    for _ in {1..300}; do echo 'user/login?'; done | flood 8 >/dev/null &
    for _ in {1..100}; do
        request POST user/login "$@" >/dev/null
        [ "$http" = 200 ] || break
    done
    wait $!
}
ERR_PARAM_MISSING() { get comment/list; }
ERR_PARAM_INVALID() { get comment/list video_id=x; }
ERR_PARAM_TEXT() { request POST "/douyin/comment/action/?token=$alice&video_id=$video&action_type=1&comment_text=%ff"; }
ERR_PARAM_LENGTH() { upload "$CHECK/clip.mp4" "$alice" "$(printf 'x%.0s' {1..201})"; }
ERR_PARAM_RANGE() { get comment/list video_id=-1; }
ERR_UNAUTHENTICATED() { get relation/friend/list; }
ERR_NAME_TAKEN() {
    post user/register username="$(field .user.name user token="$alice")" password=x
}
ERR_BAD_CREDENTIALS() {
    sleep 1.1 # the rate limit
    post user/login username=nobody password=x
}
ERR_BAD_PASSWORD() {
    sleep 1.1 # the rate limit
    post user/password token="$alice" password=wrong new_password=x
}
ERR_USER_UNKNOWN() { get user user_id=999999999; }
ERR_VIDEO_UNKNOWN() { get comment/list video_id=999999999; }
ERR_COMMENT_UNKNOWN() { post comment/action token="$bob" video_id="$video" action_type=2 comment_id=999999999; }
ERR_NOT_COMMENT_AUTHOR() { post comment/action token="$bob" video_id="$video" action_type=2 comment_id="$note"; }
ERR_FOLLOW_SELF() { post relation/action token="$bob" to_user_id="$bob_id" action_type=1; }
ERR_MESSAGE_SELF() { post message/action token="$bob" to_user_id="$bob_id" action_type=1 content=x; }
ERR_NOT_FRIENDS() { post message/action token="$bob" to_user_id="$alice_id" action_type=1 content=x; }
ERR_MULTIPART() { request POST publish/action -H 'Content-Type: multipart/form-data' -d x; }
ERR_FILE_EMPTY() { upload /dev/null "$alice" x; }
ERR_FILE_TYPE() { upload "$T/lib/common.bash" "$alice" x; }
ERR_FILE_PHOTO() { upload "$T/../static/cover.png" "$alice" x; }
ERR_FILE_SOUND() {
    printf 'ID3\4\0\0\0\0\0\0' >"$BATS_TEST_TMPDIR/song"
    upload "$BATS_TEST_TMPDIR/song" "$alice" x
}
ERR_FILE_FORMAT() {
    printf '.RMF\0\0\0\22' >"$BATS_TEST_TMPDIR/real"
    upload "$BATS_TEST_TMPDIR/real" "$alice" x
}
ERR_COVER_TYPE() { upload "$CHECK/clip.mp4" "$alice" x -F "cover=@$T/lib/common.bash"; }
ERR_TOO_MANY_PROCESSING() {
    sql "INSERT INTO video (author_id, title, state) SELECT $alice_id, 'busy', 'processing' FROM generate_series(1, 10)"
    upload "$CHECK/clip.mp4" "$alice" x
    sql "DELETE FROM video WHERE title = 'busy'"
}
ERR_NOT_FAILED() {
    sql "INSERT INTO video (id, author_id, title, state) VALUES (77777, $alice_id, 'lost', 'failed')"
    post publish/retry token="$alice" video_id=77777
}
ERR_QUOTA() {
    sql "INSERT INTO upload (name, user_id, title, length, expires_at) VALUES ('quota', $alice_id, '', 5000000000, now_ms() + 100000)"
    upload "$CHECK/clip.mp4" "$alice" x
    sql "DELETE FROM upload WHERE name = 'quota'"
}
ERR_RETRY_VAIN() {
    sql "UPDATE video SET reason = 'photo' WHERE id = 77777" # the one of ERR_NOT_FAILED
    post publish/retry token="$alice" video_id=77777
}

# tus METHOD NAME CURL-OPTION...: a request for resumable uploads, which report errors by HTTP status.
tus() {
    local method=$1 name=$2
    shift 2
    request "$method" "/douyin/upload/$name?token=$alice" -H 'Tus-Resumable: 1.0.0' "$@"
}
piece=(-H 'Content-Type: application/offset+octet-stream' --data-binary abcd)
ERR_UPLOAD_UNKNOWN() { tus DELETE abc; }
ERR_UPLOAD_VERSION() { request POST "/douyin/upload/?token=$alice" -H 'Tus-Resumable: 0.2.0'; }
ERR_UPLOAD_OFFSET() { tus PATCH "$(new_upload 8)" "${piece[@]}" -H 'Upload-Offset: 4'; }
ERR_UPLOAD_PART() { tus POST "" -H 'Upload-Concat: final;/douyin/upload/ab' -H 'Upload-Metadata: title dA=='; }
ERR_UPLOAD_FINAL() {
    sql "INSERT INTO upload (name, user_id, title, length, expires_at, concat, video_id)
        VALUES ('f1a1', $alice_id, '', 8, now_ms() + 100000, 'final;/douyin/upload/ab', 1)"
    tus PATCH f1a1 "${piece[@]}" -H 'Upload-Offset: 8'
}
ERR_UPLOAD_TYPE() { tus PATCH "$(new_upload 8)" -H 'Content-Type: video/mp4' --data-binary abcd; }
ERR_UPLOAD_LENGTH() { tus POST "" -H 'Upload-Length: 99999999' -H 'Upload-Metadata: title dA=='; }
ERR_UPLOAD_CHECKSUM() { tus PATCH "$(new_upload 8)" "${piece[@]}" -H 'Upload-Offset: 0' -H 'Upload-Checksum: sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA='; }
ERR_UPLOAD_BUSY() {
    local name file
    name=$(new_upload 8)
    exec {file}<"$DOUSHENG_HOME/upload/$name"
    flock "$file"
    tus PATCH "$name" "${piece[@]}" -H 'Upload-Offset: 0'
    exec {file}<&-
}
# new_upload LENGTH: creates an upload and prints its name.
new_upload() {
    curl -sS --noproxy '*' -m 30 -o /dev/null -D - -X POST "$(base)/douyin/upload/?token=$alice" -H 'Tus-Resumable: 1.0.0' \
        -H "Upload-Length: $1" -H 'Upload-Metadata: title dA==' | sed -n 's,^Location: .*/\([0-9a-f]*\).*,\1,p'
}

# Renames a column that prepared statements use.
ERR_INTERNAL() {
    sql 'ALTER TABLE comment RENAME content TO was_content'
    get comment/list video_id="$video"
    sql 'ALTER TABLE comment RENAME was_content TO content'
}
# Makes a request wait longer than database_timeout_ms.
ERR_UNAVAILABLE() {
    lock_table follow
    get relation/follow/list user_id="$alice_id"
    unlock
}

@test "each error code can be produced, with its documented HTTP status" {
    count=0
    while IFS=$'\t' read -r name code status english chinese _; do
        [ "$name" != ERR_DISK_FULL ] || continue # t/fault/publish-full-disk.bats
        declare -F "$name" >/dev/null || {
            echo "no way to $name is known"
            return 1
        }
        "$name" >"$BATS_TEST_TMPDIR/out" || { cat "$BATS_TEST_TMPDIR/out" && return 1; }
        is "$name $http $(got .status_code)" "$name $status $code"
        # Both texts contain the same detail (%s) or parameter.
        is "$(grep -oE '%s|[a-z]+_id|data|username|password|token' <<<"$english" | xargs)" \
            "$(grep -oE '%s|[a-z]+_id|data|username|password|token' <<<"$chinese" | xargs)"
        [[ $(got .status_msg) == "${english%%\%s*}"*"${english##*%s}" ]] || is "$(got .status_msg)" "$english"
        count=$((count + 1))
    done <"$CHECK/errors"
    is "$count" "$(($(wc -l <"$CHECK/errors") - 1))"
    [ "$count" -ge 27 ]
}

@test "the log line of an error names the viewer" {
    sql 'ALTER TABLE comment RENAME content TO was_content'
    get comment/list video_id="$video" token="$alice"
    sql 'ALTER TABLE comment RENAME was_content TO content'
    expect_error ERR_INTERNAL ""
    logged() { jq -es "any(.level == \"error\" and .viewer == $alice_id)" < <(grep '^{' "$DOUSHENG_HOME/log/lists.log"); }
    wait_for 2 logged
}

@test "error codes are distinct, and equal the HTTP status where they stand for one" {
    is "$(cut -f2 "$CHECK/errors" | sort | uniq -d)" ""
    is "$(awk -F'\t' '$2 >= 1000 && $2 < 1400 && $3 != 200 || $2 > 0 && $2 < 1000 && $2 != $3' "$CHECK/errors")" ""
}

@test "requests succeed again after each kind of error" {
    must get comment/list video_id="$video"
    is "$(got '.comment_list[0].content')" note
    must get relation/follow/list user_id="$alice_id"
    wait_for 5 must post user/login username="$(field .user.name user token="$alice")" password="$PASSWORD"
}

@test "a 429 reply tells in both languages when to retry" {
    ERR_RATE -D "$BATS_TEST_TMPDIR/headers" -H 'Accept-Language: zh'
    is "$http" 429
    is "$(got .status_msg)" "$(awk -F'\t' '$1 == "ERR_RATE" { sub(/%s/, 1, $5); print $5 }' "$CHECK/errors")"
    is "$(tr -d '\r' <"$BATS_TEST_TMPDIR/headers" | sed -n 's/^retry-after: //Ip')" 1
    must get feed # is not limited by it
}

@test "the error for an oversized upload names upload_max_mb" {
    ERR_TOO_LARGE
    expect_error ERR_TOO_LARGE "1 MB"
    [ -z "$(find "$DOUSHENG_HOME"/{spool,upload} -type f -size +100k)" ]
}

# Compares replies of the server with static/openapi.yaml, for each operation.
# bats file_tags=release-only
load ../lib/common

setup_file() {
    instance_shared
    people ann bob eve
    video=$(publish_ready "$ann" target)
    lost=$(sql "INSERT INTO video (author_id, title, state, reason) VALUES ($ann_id, 'lost', 'failed', 'damaged') RETURNING id")
    export video lost
}

# Keep the headers for note().
curl() { command curl -D "$BATS_TEST_TMPDIR/headers" "$@"; }
# shellcheck disable=SC2034
export BY_CURL=1

# note VERDICT OPERATION get|post|...: sends the request and records the reply.
note() {
    local verdict=$1 operation=$2
    shift 2
    "$@" || return
    printf '%s\0' "$operation" "$verdict" "$http" "$(<"$BATS_TEST_TMPDIR/headers")" "$reply" >>"$BATS_TEST_TMPDIR/records"
}

# home METHOD PATH KEY=VALUE...: sends parameters where the document has them, in query or form.
home() {
    local pair args=()
    [ "$1" != GET ] || args=(--get)
    for pair in "${@:3}"; do args+=(--data-urlencode "$pair"); done
    request "$1" "$2" "${args[@]}"
}

# works, refused OPERATION KEY=VALUE...: for operations that report errors by status_code.
works() { note success "$1" home "${1%% *}" "${1#* }" "${@:2}"; }
refused() { note failure "$1" home "${1%% *}" "${1#* }" "${@:2}"; }

account() {
    local name
    name=$(unique carl)
    for op in register login; do
        works "POST /douyin/user/$op/" username="$name" password="$PASSWORD"
        refused "POST /douyin/user/$op/" username="$name" password=
    done
    refused "POST /douyin/user/login/" username="$name" password=wrong
    must post user/login username="$name" password="$PASSWORD"
    token=$(got .token)
    refused "POST /douyin/user/password/" token="$token" password=wrong new_password="$PASSWORD-2"
    works "POST /douyin/user/password/" token="$token" password="$PASSWORD" new_password="$PASSWORD-2"
    token=$(got .token)
    works "POST /douyin/user/logout/" token="$token"
    refused "POST /douyin/user/logout/" token="$token"
    works "GET /douyin/user/" token="$bob" user_id="$ann_id"
    refused "GET /douyin/user/" user_id=999999999
}

social() {
    for act in 1 2 1; do
        works "POST /douyin/favorite/action/" token="$bob" video_id="$video" action_type=$act
        works "POST /douyin/relation/action/" token="$bob" to_user_id="$ann_id" action_type=$act
    done
    follow "$ann" "$bob_id"
    refused "POST /douyin/favorite/action/" token="$bob" video_id=999999999 action_type=1
    refused "POST /douyin/relation/action/" token="$bob" to_user_id="$bob_id" action_type=1
    works "POST /douyin/message/action/" token="$bob" to_user_id="$ann_id" action_type=1 content=hello
    refused "POST /douyin/message/action/" token="$bob" to_user_id="$ann_id" action_type=2 content=hello
    works "POST /douyin/comment/action/" token="$bob" video_id="$video" action_type=1 comment_text=one
    id=$(got .comment.id)
    [ "$id" -gt 0 ] # the document cannot say when it is there
    works "POST /douyin/comment/action/" token="$bob" video_id="$video" action_type=1 comment_text=two
    works "POST /douyin/comment/action/" token="$bob" video_id="$video" action_type=2 comment_id="$id"
    refused "POST /douyin/comment/action/" token="$bob" video_id="$video" action_type=2 comment_id="$id"
}

# some JQ: fails if the list is empty, because an empty list proves nothing.
some() { [ "$(got "$1 | length")" -gt 0 ]; }

lists() {
    works "GET /douyin/feed/" token="$bob" && some .video_list
    note failure "GET /douyin/feed/" request DELETE feed
    works "GET /douyin/favorite/list/" user_id="$bob_id" token="$ann" && some .video_list
    works "GET /douyin/comment/list/" video_id="$video" token="$ann" && some .comment_list
    works "GET /douyin/relation/follow/list/" user_id="$bob_id" && some .user_list
    works "GET /douyin/relation/follower/list/" token="$bob" count=1 && some .user_list
    works "GET /douyin/relation/friend/list/" token="$bob" && some .user_list
    works "GET /douyin/message/chat/" token="$bob" to_user_id="$ann_id" && some .message_list
    for op in comment/list favorite/list publish/list relation/follow/list relation/follower/list message/chat relation/friend/list; do
        refused "GET /douyin/$op/" token="$bob" video_id=x user_id=x to_user_id=x
    done
}

publishing() {
    note success "POST /douyin/publish/action/" upload "$CHECK/clip.mp4" "$eve" new
    note failure "POST /douyin/publish/action/" upload /dev/null "$eve" new
    works "POST /douyin/publish/retry/" token="$ann" video_id="$video"
    refused "POST /douyin/publish/retry/" token="$ann" video_id="$lost"
    works "GET /douyin/publish/limits/"
    note failure "GET /douyin/publish/limits/" request POST publish/limits
    works "GET /douyin/publish/list/" user_id="$ann_id" token="$bob"
    is "$(got '.video_list[0] | has("status")')" false
    works "GET /douyin/publish/list/" token="$ann"
    is "$(got '[.video_list[] | .status, .progress > 0, .reason != ""] | map(tostring) | join(" ")')" "failed false true ready true false"
    works "POST /douyin/publish/delete/" token="$ann" video_id="$lost"
    refused "POST /douyin/publish/delete/" token="$ann" video_id="$lost"
}

# tus VERDICT METHOD NAME [CURL-OPTION...]: with the token of ann, or of who.
tus() {
    local operation="$2 /douyin/upload/${3:+{name\}}"
    note "$1" "$operation" request "$2" "/douyin/upload/$3" -H 'Tus-Resumable: 1.0.0' \
        -H "Authorization: Bearer ${who:-$ann}" -H "Content-Type: ${media:-application/offset+octet-stream}" "${@:4}"
}

uploads() {
    local title
    title="Upload-Metadata: title $(printf new | base64)"
    note success "OPTIONS /douyin/upload/" request OPTIONS /douyin/upload/
    note failure "OPTIONS /douyin/upload/" request DELETE /douyin/upload/
    tus success POST "" -H "$title" -H 'Upload-Length: 8'
    name=$(tr -d '\r' <"$BATS_TEST_TMPDIR/headers" | sed -n 's,^Location: .*/,,p')
    [[ $name =~ ^[0-9a-f]{32}$ ]]
    note success "OPTIONS /douyin/upload/{name}" request OPTIONS "/douyin/upload/$name"
    note failure "OPTIONS /douyin/upload/{name}" request PUT "/douyin/upload/$name"
    tus failure POST "" -H "$title"
    tus failure POST "" -H "$title" -H 'Upload-Length: 99999999999'
    who=nobody tus failure POST "" -H "$title" -H 'Upload-Length: 8'
    tus success PATCH "$name" --data abcd -H 'Upload-Offset: 0'
    tus failure PATCH "$name" --data abcd -H 'Upload-Offset: 0'
    tus failure PATCH "$name" --data abcd -H 'Upload-Offset: 4' -H 'Upload-Checksum: sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA='
    media=video/mp4 tus failure PATCH "$name" --data abcd -H 'Upload-Offset: 4'
    tus success HEAD "$name"
    note failure "DELETE /douyin/upload/{name}" request DELETE "/douyin/upload/$name?token=$ann" # without a version
    tus success DELETE "$name"
    tus failure DELETE "$name"
    tus failure HEAD "$name"
}

ops() {
    for op in healthz readyz metrics; do
        works "GET /$op/"
        note failure "GET /$op/" request POST "/$op/"
    done
}

@test "each operation's replies match the OpenAPI document" {
    account
    social
    lists
    publishing
    uploads
    ops
    note failure "POST /douyin/comment/action/" request POST comment/action -d "$(printf '%070000d' 0)"
    "$T/openapi/judge" "$T/../static/openapi.yaml" "$BATS_TEST_TMPDIR/records"
}

@test "the OpenAPI document is served unchanged" {
    command curl -sS --noproxy '*' -o "$BATS_TEST_TMPDIR/served" -D "$BATS_TEST_TMPDIR/headers" "$(base)/static/openapi.yaml"
    cmp "$BATS_TEST_TMPDIR/served" "$T/../static/openapi.yaml"
    grep -qiE $'^Content-Type: text/yaml; charset=utf-8\r$' "$BATS_TEST_TMPDIR/headers"
}

# Who may call what: the route table, walked without a token.
load ../lib/common

# The policy: an endpoint requires a login unless it is listed here.
policy() {
    cat <<-EOT
		GET /douyin/comment/list/ optional
		GET /douyin/favorite/list/ optional
		GET /douyin/feed/ optional
		GET /douyin/publish/limits/ open
		GET /douyin/publish/list/ optional
		GET /douyin/relation/follow/list/ optional
		GET /douyin/relation/follower/list/ optional
		GET /douyin/user/ optional
		GET /healthz/ open
		GET /metrics/ open
		GET /readyz/ open
		OPTIONS /douyin/upload/ open
		OPTIONS /douyin/upload/* open
		POST /douyin/user/login/ open
		POST /douyin/user/register/ open
	EOT
}

# METHOD PATH ACCESS REPLY of the endpoints that report failures by status_code; the others have
# t/api/upload.bats and t/operate/metrics.bats.
app_routes() { awk -F'\t' '$2 ~ "^/douyin/" && $9 == "json" { print $1, $2, $3, $17 }' "$BATS_FILE_TMPDIR/routes"; }

setup_file() {
    instance_shared
    "$BIN/worker" describe routes >"$BATS_FILE_TMPDIR/routes"
}

# shape_of REPLY: the shape of its failures (t/lib/shapes.jq).
shape_of() {
    case $1 in
    AccountReply) echo no_account ;;
    UserReply) echo no_user ;;
    FeedReply) echo no_feed ;;
    VideosReply | WorksReply) echo no_videos ;;
    CommentsReply) echo no_comments ;;
    UsersReply | FriendsReply) echo no_users ;;
    MessagesReply) echo no_messages ;;
    *) echo failure ;;
    esac
}

@test "every endpoint requires a login unless the policy says otherwise" {
    is "$(awk -F'\t' '$3 != "login" { print $1, $2, $3 }' "$BATS_FILE_TMPDIR/routes" | sort)" "$(policy)"
}

@test "access is checked before parameters" {
    walked=0
    while read -r method path access reply; do
        for token in "" "token=broken"; do
            request "$method" "$path?$token"
            is "$http" 200
            if [ "$access" = login ]; then
                expect_error ERR_UNAUTHENTICATED token
                shape "$(shape_of "$reply")"
            else
                [ "$(got .status_code)" != 1101 ]
            fi
        done
        walked=$((walked + 1))
    done < <(app_routes)
    [ "$walked" -gt 0 ]
}

@test "every failure reply has all keys of its route" {
    failed=0
    while read -r method path _ reply; do
        request "$method" "$path?user_id=x&video_id=x&to_user_id=x&username=%ff"
        [[ $path != */feed/ && $path != */limits/ ]] || continue # no parameter can be invalid
        shape "$(shape_of "$reply")"
        failed=$((failed + 1))
    done < <(app_routes)
    [ "$failed" -gt 0 ]
}

@test "every route has exactly one method" {
    walked=0
    while read -r method path _ reply; do
        [ "$method" = GET ] && wrong=POST || wrong=GET
        for other in $wrong PUT DELETE PATCH; do
            expect_error ERR_METHOD "$method" request "$other" "$path" -D "$BATS_TEST_TMPDIR/headers"
            grep -qiE "^Allow: $method(, HEAD)?"$'\r$' "$BATS_TEST_TMPDIR/headers"
            shape "$(shape_of "$reply")"
        done
        walked=$((walked + 1))
    done < <(app_routes)
    [ "$walked" -gt 0 ]
}

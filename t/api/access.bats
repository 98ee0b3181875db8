# Who may call what: the route table, walked without a token.
load ../lib/common

# The whole policy.  A new route is closed until it is written down here.
policy() {
    cat <<-EOT
		DELETE /douyin/upload/* login
		GET /douyin/comment/list/ optional
		GET /douyin/favorite/list/ optional
		GET /douyin/feed/ optional
		GET /douyin/message/chat/ login
		GET /douyin/publish/limits/ open
		GET /douyin/publish/list/ optional
		GET /douyin/relation/follow/list/ optional
		GET /douyin/relation/follower/list/ optional
		GET /douyin/relation/friend/list/ login
		GET /douyin/user/ optional
		GET /healthz/ open
		GET /metrics/ open
		GET /readyz/ open
		HEAD /douyin/upload/* login
		OPTIONS /douyin/upload/ open
		OPTIONS /douyin/upload/* open
		PATCH /douyin/upload/* login
		POST /douyin/comment/action/ login
		POST /douyin/favorite/action/ login
		POST /douyin/message/action/ login
		POST /douyin/publish/action/ login
		POST /douyin/publish/delete/ login
		POST /douyin/publish/retry/ login
		POST /douyin/relation/action/ login
		POST /douyin/upload/ login
		POST /douyin/user/login/ open
		POST /douyin/user/logout/ login
		POST /douyin/user/password/ login
		POST /douyin/user/register/ open
	EOT
}

# The routes that speak by status_code; the others (tus) have t/api/upload.bats and t/operate/metrics.bats.
app_policy() { policy | grep /douyin/ | grep -v /upload/; }

setup_file() {
    "$BIN/worker" describe routes >"$BATS_FILE_TMPDIR/routes"
}

# shape_of PATH: of its failures.
shape_of() {
    case $1 in
    */user/login/ | */user/register/ | */user/password/) echo no_account ;;
    */user/) echo no_user ;;
    */feed/) echo no_feed ;;
    */publish/list/ | */favorite/list/) echo no_videos ;;
    */comment/list/) echo no_comments ;;
    */relation/*/list/) echo no_users ;;
    */message/chat/) echo no_messages ;;
    *) echo failure ;;
    esac
}

@test "the table says what the policy says" {
    is "$(cut -f1-3 "$BATS_FILE_TMPDIR/routes" | tr '\t' ' ' | sort)" "$(policy)"
}

@test "a route behaves as its access says, before it looks at anything else" {
    walked=0
    while read -r method path access; do
        for token in "" "token=broken"; do
            request "$method" "$path?$token"
            is "$http" 200
            if [ "$access" = login ]; then
                expect_error ERR_UNAUTHENTICATED token
                shape "$(shape_of "$path")"
            else
                [ "$(got .status_code)" != 1101 ]
            fi
        done
        walked=$((walked + 1))
    done < <(app_policy)
    is "$walked" 21
}

@test "every failure has all keys of its route" {
    failed=0
    while read -r method path _; do
        request "$method" "$path?user_id=x&video_id=x&to_user_id=x&username=%ff"
        [[ $path != */feed/ && $path != */limits/ ]] || continue # have nothing that can be wrong
        shape "$(shape_of "$path")"
        failed=$((failed + 1))
    done < <(app_policy)
    is "$failed" 19
}

@test "every route has exactly one method" {
    walked=0
    while read -r method path _; do
        [ "$method" = GET ] && wrong=POST || wrong=GET
        for other in $wrong PUT DELETE PATCH; do
            expect_error ERR_METHOD "$method" request "$other" "$path" -D "$BATS_TEST_TMPDIR/headers"
            grep -qiE "^Allow: $method(, HEAD)?"$'\r$' "$BATS_TEST_TMPDIR/headers"
            shape "$(shape_of "$path")"
        done
        walked=$((walked + 1))
    done < <(app_policy)
    is "$walked" 21
}

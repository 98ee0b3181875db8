# The calls of the official suite (RaymondCode/simple-demo, test/), as its HTTP
# client makes them: each parameter in the query and again in the form, also
# with GET; ids as Go prints a float64.
load ../lib/common

setup_file() {
    instance_shared
    people helper
    publish_ready "$helper" "for the feed"
    # Ids of a million and more, so that they are printed as 1e+06.
    sql "SELECT setval(pg_get_serial_sequence('video', 'id'), greatest(1000000, (SELECT max(id) FROM video)))"
}

# both METHOD PATH KEY=VALUE...
both() {
    local method=$1 path=$2 pair query='' args=()
    shift 2
    for pair; do
        args+=(--data-urlencode "$pair")
        query+="&${pair%%=*}=$(jq -rn --arg v "${pair#*=}" '$v | @uri')"
    done
    must request "$method" "/douyin/$path/?${query#&}" "${args[@]}"
}

# float NUMBER: prints it as Go prints a float64.
float() { awk -v n="$1" 'BEGIN { if (n >= 1e6) { n = sprintf("%.15e", n); sub(/\.?0+e/, "e", n) } print n }'; }

# test_user NAME: registers the user or logs in; sets user_id and token.
test_user() {
    both POST user/register username="$1" password="$1" || both POST user/login username="$1" password="$1"
    user_id=$(got .user_id) token=$(got .token)
    [ -n "$token" ]
}

test_video() {
    must get feed
    video=$(got '.video_list[0].id')
}

@test "TestFeed of the official suite passes" {
    must get feed
    [ "$(got '.video_list | length')" -gt 0 ]
    shape feed_reply
}

@test "TestUserAction of the official suite passes" {
    name=douyin$RANDOM$RANDOM
    both POST user/register username="$name" password="$name"
    shape account_reply
    both POST user/login username="$name" password="$name"
    shape account_reply
    must get user token="$(got .token)"
    shape user_reply
}

@test "TestPublish of the official suite passes" {
    test_user douyinTestUserA
    cp "$CHECK/clip.mp4" "$BATS_TEST_TMPDIR/bear.mp4"
    must upload "$BATS_TEST_TMPDIR/bear.mp4" "$token" Bear
    must get publish/list user_id="$user_id" token="$token"
    shape videos_reply
    is "$(got '.video_list[0].title')" Bear
    wait_ready "$(got '.video_list[0].id')"
}

@test "TestFavorite of the official suite passes" {
    test_video
    [ "$video" -gt 1000000 ]
    test_user douyinTestUserA
    both POST favorite/action token="$token" video_id="$(float "$video")" action_type=1
    both GET favorite/list token="$token" user_id="$user_id"
    shape videos_reply
    is "$(got '.video_list[0].id')" "$video"
    both POST favorite/action token="$token" video_id="$(float "$video")" action_type=2
}

@test "TestComment of the official suite passes" {
    test_video
    test_user douyinTestUserA
    both POST comment/action token="$token" video_id="$(float "$video")" action_type=1 comment_text=测试评论
    shape comment_reply
    comment=$(got .comment.id)
    both GET comment/list token="$token" video_id="$(float "$video")"
    shape comments_reply
    is "$(got ".comment_list[] | select(.id == $comment).content")" 测试评论
    both POST comment/action token="$token" video_id="$(float "$video")" action_type=2 comment_id="$comment"
}

@test "TestRelation of the official suite passes" {
    test_user douyinTestUserA
    a=$user_id token_a=$token
    test_user douyinTestUserB
    b=$user_id token_b=$token
    both POST relation/action token="$token_a" to_user_id="$b" action_type=1
    both GET relation/follow/list token="$token_a" user_id="$a"
    shape users_reply
    is "$(got "[.user_list[] | select(.id == $b)] | length")" 1
    both GET relation/follower/list token="$token_b" user_id="$b"
    is "$(got "[.user_list[] | select(.id == $a)] | length")" 1
}

@test "users who do not follow each other can exchange messages" {
    people carol dora
    both POST message/action token="$carol" to_user_id="$dora_id" action_type=1 content="测试消息"
    both GET message/chat token="$dora" to_user_id="$carol_id"
    shape messages_reply
    is "$(got '.message_list[0].content')" 测试消息
}

@test "a latest_time as other suites send it is accepted" {
    must get feed latest_time=2006-01-02T15:04:05.999Z
    [ "$(got '.video_list | length')" -gt 0 ]
}

@test "numbers as Go prints them are accepted" {
    is "$(float 1000000) $(float 1048577) $(float 999999) $(float 12345678)" "1e+06 1.048577e+06 999999 1.2345678e+07"
    must get user user_id="$(printf '%s' "${helper_id}e+00")"
    is "$(got .user.id)" "$helper_id"
    expect_error ERR_USER_UNKNOWN user_id get user user_id=7.09e+18
}

# Follows and friends.
load ../lib/common

setup_file() {
    instance_shared
    people alice bob carol
}

counts() { field '.user | "\(.follow_count) \(.follower_count)"' user user_id="$1"; }
list() { field '.user_list[].id' "relation/$1/list" "${@:2}" | xargs; }

@test "a follow counts on both sides, and once" {
    follow "$alice" "$bob_id"
    follow "$alice" "$bob_id"
    is "$(counts "$alice_id") $(counts "$bob_id")" "1 0 0 1"
    unfollow "$alice" "$bob_id"
    unfollow "$alice" "$bob_id"
    is "$(counts "$alice_id") $(counts "$bob_id")" "0 0 0 0"
    is "$(sql "SELECT count(*) FROM follow WHERE user_id = $alice_id")" 0
}

@test "follows and followers are listed newest first, with is_follow as the viewer sees it" {
    follow "$alice" "$bob_id"
    follow "$alice" "$carol_id"
    follow "$bob" "$carol_id"
    must get relation/follow/list token="$alice"
    shape users_reply
    is "$(list follow token="$alice")" "$carol_id $bob_id"
    is "$(list follow user_id="$alice_id" token="$bob")" "$carol_id $bob_id"
    must get relation/follower/list token="$carol"
    shape users_reply
    is "$(list follower token="$carol")" "$bob_id $alice_id"
    is "$(list follower user_id="$carol_id")" "$bob_id $alice_id"
    flags='[.user_list[].is_follow] | tojson'
    is "$(field "$flags" relation/follow/list token="$alice")" "[true,true]"
    is "$(field "$flags" relation/follow/list token="$bob" user_id="$alice_id")" "[true,false]"
    is "$(field "$flags" relation/follow/list user_id="$alice_id")" "[false,false]"
    is "$(field "$flags" relation/follower/list token="$alice" user_id="$carol_id")" "[true,false]"
}

@test "lists are paged by count and cursor" {
    must get relation/follow/list token="$alice" count=1
    is "$(got '.user_list[].id')" "$carol_id"
    must get relation/follow/list token="$alice" count=1 cursor="$(got .next_cursor)"
    is "$(got '.user_list[].id')" "$bob_id"
    is "$(got .next_cursor)" 0
    must get relation/follower/list token="$carol" count=1
    must get relation/follower/list token="$carol" count=1 cursor="$(got .next_cursor)"
    is "$(got '.user_list[].id')" "$alice_id"
}

@test "friends are users who follow each other" {
    is "$(list friend token="$alice")" ""
    follow "$bob" "$alice_id"
    is "$(list friend token="$alice")" "$bob_id"
    is "$(list friend token="$bob")" "$alice_id"
    is "$(list friend token="$carol")" ""
    follow "$carol" "$alice_id"
    is "$(list friend token="$alice")" "$carol_id $bob_id"
    must get relation/friend/list token="$alice"
    shape friends_reply
}

# preview TOKEN [KEY=VALUE...]: prints the message preview of bob or alice in a friend list.
preview() {
    field ".user_list[] | select(.id == $2) | \"\(.message)|\(.msgType)\"" \
        relation/friend/list token="$1" "${@:3}"
}

@test "the friend list shows the last message and its direction" {
    is "$(preview "$alice" "$bob_id")" "|0"
    say "$bob" "$alice_id" hello
    is "$(preview "$alice" "$bob_id")" "hello|0"
    is "$(preview "$bob" "$alice_id")" "hello|1"
    say "$alice" "$bob_id" "hi there"
    is "$(preview "$alice" "$bob_id")" "hi there|1"
    is "$(preview "$bob" "$alice_id")" "hi there|0"
}

@test "the friend list shows the time of the last message" {
    written=$(field '.message_list[-1].create_time' message/chat token="$alice" to_user_id="$bob_id")
    is "$(field ".user_list[] | select(.id == $bob_id) | .msgTime" relation/friend/list token="$alice")" "$written"
    is "$(field ".user_list[] | select(.id == $carol_id) | .msgTime" relation/friend/list token="$alice")" 0
    is "$(field ".user_list[] | select(.id == $bob_id) | .msgTime" relation/friend/list token="$carol" user_id="$alice_id")" 0
}

@test "message previews are visible only to the two users" {
    must get relation/friend/list token="$carol" user_id="$alice_id"
    shape friends_reply
    is "$(preview "$carol" "$bob_id" user_id="$alice_id")" "|0"
    say "$carol" "$alice_id" "from carol"
    is "$(preview "$bob" "$carol_id" user_id="$alice_id")" "|0"
}

@test "unfollowing ends the friendship" {
    unfollow "$alice" "$bob_id"
    is "$(list friend token="$alice")" "$carol_id"
    is "$(list friend token="$bob")" ""
}

@test "invalid follows store nothing" {
    before=$(facts)
    act() { post relation/action token="$alice" "$@"; }
    expect_error ERR_FOLLOW_SELF to_user_id act to_user_id="$alice_id" action_type=1
    expect_error ERR_FOLLOW_SELF to_user_id act to_user_id="$alice_id" action_type=2
    expect_error ERR_USER_UNKNOWN to_user_id act to_user_id=999999999 action_type=1
    expect_error ERR_USER_UNKNOWN to_user_id act to_user_id=999999999 action_type=2
    expect_error ERR_PARAM_RANGE action_type act to_user_id="$bob_id" action_type=3
    expect_error ERR_PARAM_MISSING to_user_id act action_type=1
    expect_error ERR_UNAUTHENTICATED token post relation/action to_user_id="$bob_id" action_type=1
    is "$(facts)" "$before"
}

@test "invalid list requests return empty lists" {
    for which in follow follower; do
        assert_empty_without_login relation/$which/list users_reply .user_list
        must get relation/$which/list user_id=999999999
        is "$(got .user_list)" "[]"
    done
    expect_error ERR_UNAUTHENTICATED token get relation/friend/list user_id="$alice_id"
    shape no_users
}

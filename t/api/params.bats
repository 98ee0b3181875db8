# Parameters: where they are read from, and how they are validated.
load ../lib/common

setup_file() {
    instance_shared
    people alice bob
    video=$(publish_ready "$alice" target)
    note=$(comment "$bob" "$video" note)
    export video note
}

# After each test: nothing was stored and no worker has ended.
setup() {
    before=$(facts) pids=$(workers)
}

teardown() {
    is "$(facts)" "$before"
    is "$(workers)" "$pids"
}

# numbers required|optional: prints the integer parameters of all endpoints, a line each: METHOD PATH
# PARAMETER, and the other required parameters with valid values.
numbers() {
    "$BIN/worker" describe params | awk -F'\t' -v need="$1" -v video="$video" -v user="$bob_id" '
        BEGIN { valid["video_id"] = video; valid["to_user_id"] = user; valid["action_type"] = 1 }
        {
            route[NR] = $1 " " substr($2, 9, length($2) - 9)
            name[NR] = $3
            required[NR] = $5 == "required"
            wanted[NR] = $5 == need && $6 == "int" && $4 != "multipart"
        }
        END {
            for (i = 1; i <= NR; i++) {
                if (!wanted[i])
                    continue
                line = route[i] " " name[i]
                for (j = 1; j <= NR; j++)
                    if (j != i && route[j] == route[i] && required[j])
                        line = line " " name[j] "=" (name[j] in valid ? valid[name[j]] : "x")
                print line
            }
        }'
}

@test "numbers that are not integers are rejected" {
    rows=0
    while read -r method path name others; do
        for value in abc 1.5 1e-3 0x10 +1 " 1" "1 " 9223372036854775808 1e400 null "1' OR '1'='1"; do
            # shellcheck disable=SC2086
            expect_error ERR_PARAM_INVALID "$name" api "$method" "$path" token="$alice" "$name=$value" $others
        done
        rows=$((rows + 1))
    done < <(numbers required)
    [ "$rows" -gt 0 ]
}

@test "negative numbers are rejected" {
    rows=0
    while read -r method path name others; do
        for value in -1 -1e+06 -9223372036854775807; do
            # shellcheck disable=SC2086
            expect_error ERR_PARAM_RANGE "$name" api "$method" "$path" token="$alice" "$name=$value" $others
        done
        rows=$((rows + 1))
    done < <(numbers required && numbers optional)
    [ "$rows" -gt 0 ]
}

@test "a missing, empty or zero required number is rejected" {
    rows=0
    # shellcheck disable=SC2086
    while read -r method path name others; do
        expect_error ERR_PARAM_MISSING "$name" api "$method" "$path" token="$alice" $others
        expect_error ERR_PARAM_MISSING "$name" api "$method" "$path" token="$alice" "$name=" $others
        expect_error ERR_PARAM_RANGE "$name" api "$method" "$path" token="$alice" "$name=0" $others
        rows=$((rows + 1))
    done < <(numbers required)
    [ "$rows" -gt 0 ]
}

@test "optional numbers are validated as strictly as required ones" {
    rows=0
    while read -r method path name others; do
        for value in x 0.5 99999999999999999999; do
            # shellcheck disable=SC2086
            expect_error ERR_PARAM_INVALID "$name" api "$method" "$path" token="$alice" "$name=$value" $others
        done
        rows=$((rows + 1))
    done < <(numbers optional)
    [ "$rows" -gt 0 ]
}

@test "count and action_type are limited to their range" {
    for value in 0 1001 1e+06; do
        expect_error ERR_PARAM_RANGE count get publish/list token="$alice" count=$value
    done
    for value in 0 3 9223372036854775807; do
        expect_error ERR_PARAM_RANGE action_type post relation/action token="$alice" to_user_id="$bob_id" action_type=$value
    done
    expect_error ERR_PARAM_RANGE action_type post message/action token="$alice" to_user_id="$bob_id" action_type=2 content=x
}

@test "a NUL in a number is rejected" {
    expect_error ERR_PARAM_INVALID video_id request POST "/douyin/favorite/action/?token=$alice&action_type=1&video_id=$video%00"
    expect_error ERR_PARAM_INVALID user_id request GET "/douyin/user/?user_id=%00"
}

@test "the largest 64-bit number is accepted" {
    expect_error ERR_VIDEO_UNKNOWN video_id get comment/list video_id=9223372036854775807
    expect_error ERR_VIDEO_UNKNOWN video_id get comment/list video_id=9.223372036854775e+18
    must get publish/list token="$alice" cursor=9223372036854775807
}

# texts: the same for text parameters.
texts() {
    cat <<-EOT
		user/register username password=$PASSWORD
		user/register password username=$(unique text)
		user/login username password=$PASSWORD
		user/login password username=nobody
		comment/action comment_text video_id=$video&action_type=1
		message/action content to_user_id=$bob_id&action_type=1
	EOT
}

@test "text with invalid UTF-8 or a NUL is rejected in query and form" {
    rows=0
    while read -r path name others; do
        for bad in %ff a%00b %00 %c0%af %ed%a0%80 %e4%b8 %f4%90%80%80 ok%80; do
            expect_error ERR_PARAM_TEXT "$name" request POST "/douyin/$path/?token=$alice&$others&$name=$bad"
            expect_error ERR_PARAM_TEXT "$name" request POST "$path" -d "token=$alice&$others&$name=$bad"
        done
        rows=$((rows + 1))
    done < <(texts)
    is "$rows" 6
}

@test "missing, empty and overlong text is rejected" {
    rows=0 long=$(printf 'x%.0s' {1..1001})
    while read -r path name others; do
        expect_error ERR_PARAM_MISSING "$name" request POST "/douyin/$path/?token=$alice&$others"
        expect_error ERR_PARAM_MISSING "$name" request POST "/douyin/$path/?token=$alice&$others&$name="
        expect_error ERR_PARAM_LENGTH "$name" request POST "/douyin/$path/?token=$alice&$others&$name=$long"
        rows=$((rows + 1))
    done < <(texts)
    is "$rows" 6
}

@test "names and passwords of 33 characters are rejected" {
    name=$(printf '名%.0s' {1..33})
    expect_error ERR_PARAM_LENGTH username post user/register username="$name" password="$PASSWORD"
    shape no_account
    expect_error ERR_PARAM_LENGTH password post user/register username="$(unique long)" password="$name"
    expect_error ERR_PARAM_LENGTH username post user/login username="$name" password="$PASSWORD"
}

@test "a query of 8 KB is parsed, and rejected for its content" {
    long=$(printf 'x%.0s' {1..8192})
    expect_error ERR_PARAM_LENGTH username post user/login username="$long" password=x
    expect_error ERR_UNAUTHENTICATED token get relation/friend/list token="$long"
    must get feed unknown="$long" # a parameter that nobody knows
    must get feed latest_time="$long"
}

@test "the query precedes the form, and the first of repeated parameters wins" {
    must request GET "/douyin/user/?user_id=$alice_id&user_id=$bob_id"
    is "$(got .user.id)" "$alice_id"
    must request GET "/douyin/user/?user_id=$alice_id" -d "user_id=$bob_id"
    is "$(got .user.id)" "$alice_id"
    must request GET user -d "user_id=$bob_id&user_id=$alice_id"
    is "$(got .user.id)" "$bob_id"
    must request GET user -F "user_id=$bob_id" -F "user_id=$alice_id"
    is "$(got .user.id)" "$bob_id"
    must request GET "/douyin/user/?user_id=$alice_id" -F "user_id=$bob_id"
    is "$(got .user.id)" "$alice_id"
}

@test "a body of an unknown or missing Content-Type is read as a form" {
    for type in "" text/plain application/json application/x-www-form-urlencoded\;charset=utf-8 x; do
        must request GET user -H "Content-Type: $type" -d "user_id=$bob_id"
        is "$(got .user.id)" "$bob_id"
    done
}

@test "POST accepts an empty body with all parameters in the query" {
    must request POST "/douyin/user/login/?username=$(field .user.name user token="$alice")&password=$PASSWORD"
    must request POST "/douyin/relation/action/?token=$alice&to_user_id=$bob_id&action_type=2" -H Content-Length:\ 0
}

@test "percent and plus escapes are decoded in names too; invalid ones are kept" {
    must request GET "/douyin/user/?us%65r_id=$bob_id"
    is "$(got .user.id)" "$bob_id"
    must request GET "/douyin/user/?&&=&%&x&user_id=$bob_id&"
    is "$(got .user.id)" "$bob_id"
    expect_error ERR_PARAM_INVALID user_id request GET "/douyin/user/?user_id=%zz"
    expect_error ERR_PARAM_INVALID user_id request GET "/douyin/user/?user_id=1+"
}

# Accounts: registration, login, user information.
load ../lib/common

setup_file() {
    instance_shared
    people alice bob
}

@test "registration returns an id and a token that work at once" {
    must post user/register username="$(unique carol)" password="$PASSWORD"
    shape account_reply
    is "$(id_of "$(got .token)")" "$(got .user_id)"
}

@test "registration rejects a taken name, with token still a string" {
    name=$(unique dora)
    register "$name"
    expect_error ERR_NAME_TAKEN username post user/register username="$name" password=other
    shape no_account
}

@test "of many concurrent registrations of one name one succeeds" {
    name=$(unique eve)
    for _ in {1..6}; do echo "user/register?username=$name&password=$PASSWORD"; done |
        flood 6 >"$BATS_TEST_TMPDIR/codes"
    is "$(sort -n "$BATS_TEST_TMPDIR/codes")" "1 0"$'\n'"5 1102"
    is "$(sql "SELECT count(*) FROM account WHERE name = '$name'")" 1
}

@test "a name that differs only in case, width or blanks is taken" {
    name=$(unique Fred)
    register "$name"
    for like in "$name" "${name,}" "${name^^}" "Ｆ${name#F}"; do
        expect_error ERR_NAME_TAKEN "" post user/register username="$like" password="$PASSWORD"
    done
}

@test "login returns the same id and a working token" {
    name=$(unique gina)
    register "$name"
    id=$(sql "SELECT id FROM account WHERE name = '$name'")
    must post user/login username="$name" password="$PASSWORD"
    shape account_reply
    is "$(got .user_id)" "$id"
    is "$(id_of "$(got .token)")" "$id"
}

@test "a wrong password and an unknown name get the same reply" {
    name=$(unique hans)
    register "$name"
    expect_error ERR_BAD_CREDENTIALS password post user/login username="$name" password="$PASSWORD."
    shape no_account
    wrong=$reply
    expect_error ERR_BAD_CREDENTIALS username post user/login username="$(unique nobody)" password="$PASSWORD"
    is "$reply" "$wrong"
}

# refusal NAME: prints the duration of a rejected login in milliseconds.
refusal() {
    curl -s --noproxy '*' -m 30 -o /dev/null -w '%{time_total}\n' -d "username=$1&password=wrong" \
        "$(base)/douyin/user/login/" | awk '{ print int($1 * 1000) }'
}

# as_fast: times one more login with a known and an unknown name; known and unknown are the minima so
# far, which other load does not raise.  Succeeds if they are about equal.
as_fast() {
    local name took
    name=$(unique ines)
    sql "INSERT INTO account (name, password) SELECT '$name', password FROM account WHERE id = $alice_id"
    took=$(refusal "$name")
    [ "$took" -ge "$known" ] || known=$took
    took=$(refusal "$(unique nobody)")
    [ "$took" -ge "$unknown" ] || unknown=$took
    echo "known $known ms, unknown $unknown ms"
    [ "$known" -gt 20 ] && [ "$unknown" -gt $((known / 2)) ] && [ "$unknown" -lt $((known * 2)) ]
}

@test "an unknown name takes as long as a wrong password" {
    known=99999 unknown=99999
    for _ in 1 2; do as_fast || true; done
    wait_for 5 as_fast
}

@test "passwords are stored as salted scrypt hashes" {
    register "$(unique jim)"
    hashes=$(sql "SELECT password FROM account WHERE password <> '' ORDER BY id DESC LIMIT 2")
    is "$(grep -cE '^\$s1\$0e0805\$[A-Za-z0-9+/=]{20,}\$[A-Za-z0-9+/=]{80,}$' <<<"$hashes")" 2
    is "$(sort -u <<<"$hashes" | wc -l)" 2
}

@test "all 32 characters of a password count" {
    name=$(unique kim) password=$(printf '密%.0s' {1..31})
    register "$name" "${password}x"
    must post user/login username="$name" password="${password}x"
    expect_error ERR_BAD_CREDENTIALS password post user/login username="$name" password="${password}y"
    expect_error ERR_BAD_CREDENTIALS password post user/login username="$name" password="$password"
}

@test "a stored hash with higher costs than ours is never computed" {
    name=$(unique lou)
    register "$name"
    sql "UPDATE account SET password = overlay(password placing '1f' from 5) WHERE name = '$name'"
    expect_error ERR_BAD_CREDENTIALS password post user/login username="$name" password="$PASSWORD"
    sql "UPDATE account SET password = 'plain' WHERE name = '$name'"
    expect_error ERR_BAD_CREDENTIALS password post user/login username="$name" password=plain
}

@test "without user_id, or with 0, the user of the token is shown" {
    must get user token="$alice"
    shape user_reply
    is "$(got .user.id)" "$alice_id"
    must get user token="$alice" user_id=0
    is "$(got .user.id)" "$alice_id"
    must get user token="$alice" user_id=
    is "$(got .user.id)" "$alice_id"
}

@test "is_follow is seen from the viewer's side" {
    follow "$alice" "$bob_id"
    is "$(field .user.is_follow user user_id="$bob_id" token="$alice")" true
    is "$(field .user.is_follow user user_id="$alice_id" token="$bob")" false
    is "$(field .user.is_follow user user_id="$alice_id" token="$alice")" false
    is "$(field .user.is_follow user user_id="$bob_id")" false
    is "$(field .user.is_follow user user_id="$bob_id" token=broken)" false
    unfollow "$alice" "$bob_id"
    is "$(field .user.is_follow user user_id="$bob_id" token="$alice")" false
}

@test "an anonymous request must name a user" {
    expect_error ERR_PARAM_MISSING user_id get user
    shape no_user
    expect_error ERR_PARAM_MISSING user_id get user token=broken
    must get user user_id="$alice_id"
    shape user_reply
}

@test "an unknown user is an error with all keys" {
    expect_error ERR_USER_UNKNOWN user_id get user user_id=999999999 token="$alice"
    shape no_user
}

@test "URLs in replies have the host of the request" {
    must request GET "/douyin/user/?user_id=$alice_id" -H 'Host: dousheng.example:8123'
    is "$(got .user.avatar | cut -d/ -f1-3)" http://dousheng.example:8123
    is "$(got .user.background_image | cut -d/ -f1-3)" http://dousheng.example:8123
    must get user user_id="$alice_id"
    is "$(got .user.avatar | cut -d/ -f1-3)" "$(base)"
}

@test "the default avatars and backgrounds are served" {
    must get user token="$alice"
    for key in avatar background_image; do
        url=$(got ".user.$key")
        is "$(curl -s -o /dev/null -w '%{http_code} %{content_type}' "$url")" "200 image/png"
    done
}

@test "a token is valid for seven days, and its key is secret" {
    payload=$(cut -d. -f2 <<<"$alice" | tr _- /+)
    is "$(base64 -d <<<"$payload==" 2>/dev/null | jq '.exp - .iat')" 604800
    is "$(stat -c '%a %s' "$DOUSHENG_HOME/keys/token")" "600 32"
}

# Tokens: which are accepted.
load ../lib/common

setup_file() {
    instance_shared
    people alice bob
    follow "$alice" "$bob_id"
    later=$(($(date +%s) + 3600))
    export later
}

# good, bad TOKEN: checked on an endpoint that requires a login and on one with optional login.
good() {
    must get relation/friend/list token="$1"
    is "$(field .user.is_follow user user_id="$bob_id" token="$1")" true
}

bad() {
    expect_error ERR_UNAUTHENTICATED token get relation/friend/list token="$1"
    shape no_users
    must get user user_id="$bob_id" token="$1"
    is "$(got .user.is_follow)" false
}

payload() { printf '{"sub":"%s","iat":%s,"exp":%s}' "$alice_id" "$((later - 7200))" "${1:-$later}"; }

@test "a token signed by the rules is accepted" {
    good "$alice"
    good "$(jwt "$(payload)")"
    good "$(jwt '{"sub":"'"$alice_id"'","exp":'"$later"',"more":1}')"
}

@test "a missing or malformed token is rejected" {
    expect_error ERR_UNAUTHENTICATED token get relation/friend/list
    for value in "" x null undefined . .. ... a.b.c "$alice_id" "Bearer $alice" '{"sub":"1"}' 令牌; do
        bad "$value"
    done
}

@test "a token with algorithm none is rejected" {
    for alg in none None NONE nOnE; do
        unsigned=$(base64url <<<'{"alg":"'$alg'","typ":"JWT"}').$(base64url <<<"$(payload)")
        bad "$unsigned."
        bad "$unsigned"
        bad "$unsigned.${alice##*.}"
    done
    bad "$(base64url <<<'{"typ":"JWT"}').$(base64url <<<"$(payload)")."
}

@test "a token with another algorithm and the right key is rejected" {
    bad "$(jwt "$(payload)" '{"alg":"HS512","typ":"JWT"}' sha512)"
    bad "$(jwt "$(payload)" '{"alg":"HS384","typ":"JWT"}' sha384)"
    bad "$(jwt "$(payload)" '{"alg":"RS256","typ":"JWT"}')"
    bad "$(jwt "$(payload)" '{"alg":"HS512","typ":"JWT"}')"
    bad "$(jwt "$(payload)" '{"alg":"HS256","typ":"JWT"}' sha512)"
}

@test "a token signed with another key is rejected" {
    head -c 32 /dev/zero >"$BATS_TEST_TMPDIR/zero"
    head -c 32 /dev/urandom >"$BATS_TEST_TMPDIR/random"
    for key in zero random; do
        bad "$(jwt "$(payload)" '{"alg":"HS256","typ":"JWT"}' sha256 "$BATS_TEST_TMPDIR/$key")"
    done
}

@test "an expired token and one without exp are rejected" {
    now=$(date +%s)
    bad "$(jwt "$(payload $((now - 1)))")"
    bad "$(jwt "$(payload "$now")")"
    bad "$(jwt "$(payload 0)")"
    bad "$(jwt "$(payload -1)")"
    bad "$(jwt '{"sub":"'"$alice_id"'"}')"
    bad "$(jwt '{"sub":"'"$alice_id"'","exp":"soon"}')"
    bad "$(jwt '{"sub":"'"$alice_id"'","exp":null}')"
}

@test "a token expires while it is in use" {
    end=$(($(date +%s) + 5))
    token=$(jwt "$(payload "$end")")
    good "$token"
    until [ "$(date +%s)" -ge "$end" ]; do sleep 0.1; done
    bad "$token"
}

@test "a token with a modified signature, payload or header is rejected" {
    IFS=. read -r head body signature <<<"$alice"
    first=${signature:0:1}
    other=$([ "$first" = A ] && echo B || echo A)
    bad "$head.$body.$other${signature:1}"
    bad "$head.$body.${signature:0:20}"
    bad "$head.$body."
    bad "$head.$(base64url <<<"${body/$alice_id/$bob_id}").$signature"
    bad "$head.$(base64url <<<'{"sub":"'"$bob_id"'","exp":'"$later"'}').$signature"
    bad "$(base64url <<<'{"typ":"JWT","alg":"HS256"}').$body.$signature"
    bad "$head.$body.$signature.$signature"
}

@test "the token of a nonexistent user is rejected" {
    for sub in '"0"' '"-1"' '"999999999"' '"x"' '""' null '"1.5"' '["1"]'; do
        bad "$(jwt '{"sub":'"$sub"',"exp":'"$later"'}')"
    done
    bad "$(jwt '{"exp":'"$later"'}')"
    bad "$(jwt '[]')"
    bad "$(jwt 'no json')"
}

@test "a token longer than 1,024 bytes is rejected" {
    fill=$(printf 'x%.0s' {1..600})
    short=$(jwt '{"sub":"'"$alice_id"'","exp":'"$later"',"fill":"'"$fill"'"}')
    [ "${#short}" -le 1024 ]
    good "$short"
    long=$(jwt '{"sub":"'"$alice_id"'","exp":'"$later"',"fill":"'"$fill$fill"'"}')
    [ "${#long}" -gt 1024 ]
    bad "$long"
    expect_error ERR_UNAUTHENTICATED token request GET "/douyin/relation/friend/list/" \
        -d "token=$(printf 'x%.0s' {1..60000})"
}

@test "a token with a NUL is rejected" {
    expect_error ERR_UNAUTHENTICATED token request GET "/douyin/relation/friend/list/?token=$alice%00"
    expect_error ERR_UNAUTHENTICATED token request GET "/douyin/relation/friend/list/?token=%00"
    expect_error ERR_UNAUTHENTICATED token request GET "/douyin/relation/friend/list/?token=$alice%00$alice"
    expect_error ERR_UNAUTHENTICATED token request GET "/douyin/relation/friend/list/?token=%ff%fe"
}

@test "the token of a deleted user is rejected within a second" {
    people carol
    follow "$carol" "$bob_id"
    good "$carol"
    sql "DELETE FROM account WHERE id = $carol_id"
    sql "DELETE FROM follow WHERE user_id = $carol_id"
    sql "INSERT INTO account_ledger (account_id, followers) VALUES ($bob_id, -1)"
    wait_for 1 expect_error ERR_UNAUTHENTICATED token get relation/friend/list token="$carol"
    bad "$carol"
    expect_error ERR_UNAUTHENTICATED token post relation/action token="$carol" to_user_id="$bob_id" action_type=1
    expect_error ERR_USER_UNKNOWN user_id get user user_id="$carol_id"
}

@test "a second login returns a second valid token" {
    name=$(field .user.name user token="$alice")
    must post user/login username="$name" password="$PASSWORD"
    good "$(got .token)"
    good "$alice"
}

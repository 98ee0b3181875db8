# Tokens revoked before they expire: by logout, by a new password, by a key rotation.
load ../lib/common

setup_file() {
    instance_up crash-session
    people bob
}

teardown_file() {
    instance_down
}

teardown() {
    [ -n "${BATS_TEST_COMPLETED:-}" ] || up
}

# somebody: registers a user; sets name, id and two tokens, token and other.
somebody() {
    name=$(unique somebody)
    must post user/register username="$name" password="$PASSWORD"
    id=$(got .user_id) token=$(got .token)
    other=$(token_with "$id" 0)
}

token_with() { jwt '{"sub":"'"$1"'","ver":'"$2"',"exp":'$(($(date +%s) + 3600))'}'; }

login() { must post user/login username="$name" password="${1:-$PASSWORD}" >&2 && got .token; }

good() {
    must get relation/friend/list token="$1"
    is "$(field .user.id user token="$1")" "$id"
}

bad() { expect_error ERR_UNAUTHENTICATED token get relation/friend/list token="$1"; }

# bad TOKEN: every pool rejects it at once; endpoints with optional login treat it as anonymous.
bad_everywhere() {
    local path
    for path in GET:relation/friend/list "GET:message/chat?to_user_id=$bob_id" "POST:user/logout" \
        "POST:favorite/action?video_id=1&action_type=1" "POST:user/password?password=x&new_password=y"; do
        expect_error ERR_UNAUTHENTICATED token request "${path%%:*}" "/douyin/${path#*:}" -H "Authorization: Bearer $1"
    done
    expect_error ERR_PARAM_MISSING user_id get user token="$1"
    request POST /douyin/upload/ -H "Authorization: Bearer $1" -H 'Tus-Resumable: 1.0.0' -H 'Upload-Length: 9'
    is "$http" 401
    must get feed token="$1"
}

redis() { "$REDIS_CLI" -s "$DOUSHENG_HOME/run/redis/redis.sock" "$@"; }

@test "logout revokes all tokens of the user and of nobody else; the next login works" {
    somebody
    good "$token"
    good "$other"
    must post user/logout token="$token"
    bad_everywhere "$token"
    bad "$other"
    good "$(login)"
    must get relation/friend/list token="$bob"
}

@test "of many concurrent logouts one succeeds, and the others get ERR_UNAUTHENTICATED" {
    somebody
    is "$(for _ in {1..8}; do echo "user/logout?token=$token"; done | flood 8 | xargs)" "1 0 7 1101"
    is "$(sql "SELECT token_version FROM account WHERE id = $id")" 1
}

@test "a new password revokes all older tokens and returns a valid one" {
    somebody
    must post user/password token="$token" password="$PASSWORD" new_password="$PASSWORD-2"
    shape account_reply
    is "$(got .user_id)" "$id"
    fresh=$(got .token)
    good "$fresh"
    bad "$token"
    bad "$other"
    good "$(login "$PASSWORD-2")"
    good "$fresh"
    expect_error ERR_BAD_CREDENTIALS password post user/login username="$name" password="$PASSWORD"
}

@test "changing the password requires the old one and a valid new one" {
    somebody
    expect_error ERR_BAD_PASSWORD password post user/password token="$token" password=wrong new_password=x
    shape no_account
    expect_error ERR_PARAM_MISSING password post user/password token="$token" new_password=x
    expect_error ERR_PARAM_MISSING new_password post user/password token="$token" password="$PASSWORD"
    expect_error ERR_PARAM_LENGTH new_password post user/password token="$token" password="$PASSWORD" \
        new_password="$(printf '密%.0s' {1..33})"
    good "$token"
    good "$(login)"
}

@test "the next request sees a logout without the fold job" {
    somebody
    good "$token" # and it is cached now
    workers fold | xargs kill -s STOP
    must post user/logout token="$token"
    result=0
    bad "$token" || result=$?
    workers fold | xargs kill -s CONT
    is "$result" 0
}

@test "tokens without a version stay valid until their user logs out" {
    somebody
    old=$(token_of "$id")
    good "$old"
    must post user/logout token="$old"
    bad "$old"
    bad "$token"
    redis flushall >/dev/null
    bad "$(token_with "$id" -1)"
    bad "$(token_with "$id" 2)"
    good "$(token_with "$id" 1)"
}

@test "incrementing account.token_version by SQL revokes the account's tokens within a second" {
    somebody
    token=$(token_with "$id" "$(sql "SELECT token_version FROM account WHERE id = $id")")
    good "$token"
    sql "UPDATE account SET token_version = token_version + 1 WHERE id = $id"
    wait_for 1 bad "$token"
}

# given_up EPOCH: this cache epoch has been replaced.
given_up() { [ "$(redis get "$(epoch_key)" | tr -d '\n')" != "$1" ] && is "$(redis ping)" PONG; }

@test "a logout holds while Redis is down and after it returns with old copies" {
    somebody
    good "$token"
    redis save
    epoch=$(redis get "$(epoch_key)")
    kill_server KILL redis
    good "$token"
    must post user/logout token="$token"
    bad "$token"
    fresh=$(login)
    up # with what it has saved
    wait_for 1 given_up "$epoch"
    bad "$token"
    bad "$other"
    good "$fresh"
}

rotate() { timeout 500 "$T/../spawn/rotate-secret" "$@" 3>&-; }

@test "after a key rotation old tokens stay valid, and new ones are signed with the new key" {
    somebody
    cp "$DOUSHENG_HOME/keys/token" "$BATS_TEST_TMPDIR/old"
    (until [ -e "$BATS_TEST_TMPDIR/done" ]; do
        fresh=$(login 2>/dev/null)
        for _ in {1..10}; do
            echo "relation/action?token=$token&to_user_id=$bob_id&action_type=1"
            echo "relation/action?token=$fresh&to_user_id=$bob_id&action_type=1"
        done | flood 1
    done >"$BATS_TEST_TMPDIR/codes") 3>&- &
    flood=$!
    rotate
    touch "$BATS_TEST_TMPDIR/done"
    wait "$flood"
    cat "$BATS_TEST_TMPDIR/codes"
    is "$(cut -d' ' -f2 "$BATS_TEST_TMPDIR/codes" | sort -u)" 0
    fails cmp -s "$BATS_TEST_TMPDIR/old" "$DOUSHENG_HOME/keys/token"
    cmp "$BATS_TEST_TMPDIR/old" "$DOUSHENG_HOME/keys/token.old"
    is "$(stat -c '%a %s' "$DOUSHENG_HOME"/keys/* | sort -u)" "600 32"
    good "$token"
    fresh=$(login)
    good "$fresh"
    claim='{"sub":"'"$id"'","exp":'$(($(date +%s) + 3600))'}'
    good "$(jwt "$claim")"
    good "$(jwt "$claim" '{"alg":"HS256","typ":"JWT"}' sha256 "$BATS_TEST_TMPDIR/old")"
}

@test "a second rotation waits until tokens of the first key expire; NOW revokes all" {
    somebody
    run rotate
    [ "$status" != 0 ]
    [[ $output == *"valid until"* ]]
    good "$token"
    rotate now
    fails test -e "$DOUSHENG_HOME/keys/token.old"
    bad "$token"
    bad "$other"
    good "$(login)"
}

@test "an interrupted rotation is completed by the next one" {
    somebody
    # The state of an interrupted rotation: the next key exists, the old one is kept.
    cd "$DOUSHENG_HOME/keys"
    cp -p token token.old
    cp -p token token.next
    head -c 32 /dev/urandom >token.next
    touch token.old
    cp token.next "$BATS_TEST_TMPDIR/next"
    rotate
    cmp token "$BATS_TEST_TMPDIR/next"
    good "$token"
    good "$(login)"
    run rotate
    is "$status" 1 # and that was a whole one
}

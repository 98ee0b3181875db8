# Tokens that end before they expire: POST user/logout, and an operator's SQL.
load ../lib/common
load ../lib/tokens

setup_file() {
    instance_up crash-logout
    people bob
}

teardown_file() {
    instance_down
}

teardown() {
    [ -n "${BATS_TEST_COMPLETED:-}" ] || up
}

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

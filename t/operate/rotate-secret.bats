# spawn/rotate-secret: a new key signs tokens.
load ../lib/common
load ../lib/tokens

setup_file() {
    instance_up crash-rotate
    people bob
}

teardown_file() {
    instance_down
}

teardown() {
    [ -n "${BATS_TEST_COMPLETED:-}" ] || up
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

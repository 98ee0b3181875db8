# POST user/password: a new password, which ends all tokens.
load ../lib/common
load ../lib/tokens

setup_file() {
    instance_shared
    people bob
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

# tokens.bash: accounts with two tokens, and whether a token is good.  `load ../lib/tokens` after `load ../lib/common`.
# shellcheck shell=bash disable=SC2034,SC2154

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

# The driver answers as curl, jq and psql do.
load ../lib/common

setup_file() {
    instance_shared
    people ann
}

REPLY='{"status_code":0,"status_msg":"ok","list":[{"id":5,"title":"ä b","a":{"x":true},"z":null},
    {"id":6,"title":"c","a":{"x":false},"z":1.5}],"large":9007199254740993,"none":[]}'

@test "lookups in a reply equal those of jq" {
    reply=$REPLY
    for filter in .status_code .status_msg '.list[0].id' '.list[].title' '.list | length' '[.list[].id] | tojson' \
        '[.list[].id]' '.list[] | "\(.id) \(.a.x) \(.z)"' '.list[] | select(.id == 6).title' '.list[-1].id' \
        '.list[] | select(.title == "c") | .a.x' '[.list[] | select(.id == 5)] | length' .absent.x '.list[7].id' \
        .large '.list[0]' 'has("none")' .none '"\(.list[0] | tojson)"' '.list | map(.id) | tojson' \
        '[.list[] | select(.id == 9)]' '.list[] | select(.a.x == true) | .id'; do
        is "$filter: $(got "$filter")" "$filter: $(jq -r "$filter" <<<"$reply")"
    done
    fails got .status_code.x
}

@test "lookups that most assertions use need no jq" {
    reply=$REPLY
    jq() { echo "jq $*"; }
    is "$(got .status_msg) $(got '.list[1].id') $(got '.list | length') $(got '[.list[].id] | tojson')" "ok 6 2 [5,6]"
}

@test "a shape fails for a reply that lacks it" {
    must get user token="$ann"
    shape user_reply
    fails shape failure
    fails shape users_reply
    shape 'success and .user.id > 0'
    fails shape 'success and .user.id < 0'
    get user user_id=999999999 token="$ann"
    fails shape success
    expect_error ERR_USER_UNKNOWN user_id
    fails expect_error ERR_USER_UNKNOWN absent
    fails expect_error ERR_UNAUTHENTICATED user_id
    reply='no JSON'
    fails shape success
}

@test "requests equal those of curl" {
    for how in "GET user token=$ann" "GET user" "POST user/login username=é&%+ password=x" "GET nowhere"; do
        # shellcheck disable=SC2086
        api $how
        found="$http $reply"
        # shellcheck disable=SC2086
        BY_CURL=1 api $how
        is "$how: $found" "$how: $http $reply"
    done
    DOUSHENG_PORT=1 run get user
    is "$status" 7 # curl: could not connect
}

@test "statements equal those of psql" {
    psql_prints() { psql -XqAt -v ON_ERROR_STOP=1 -h "$DOUSHENG_HOME/run/postgres" -U dousheng -d dousheng -c "$1"; }
    for text in "SELECT 1, NULL, 'a|b', true" "SELECT n FROM generate_series(1, 3) n" "SELECT 1; SELECT 2" \
        "CREATE TEMP TABLE t (n int); INSERT INTO t VALUES (1) RETURNING n"; do
        is "$text: $(sql "$text")" "$text: $(psql_prints "$text")"
    done
    run sql "SELECT 1/0"
    [ "$status" != 0 ]
    [[ $output == *"division by zero"* ]]
    is "$(PGOPTIONS='-c work_mem=1234kB' sql 'SHOW work_mem')" 1234kB
}

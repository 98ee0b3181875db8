# Rate limits: per address in nginx, per user and per name in the workers.
# bats file_tags=slow
load ../lib/common

setup_file() {
    instance_up crash-rates rate_read=20 rate_register=30 rate_login=30 rate_publish=3 rate_write=30
    people alice bob
    video=$(publish "$CHECK/clip.mp4" "$alice" rated)
    wait_ready "$video"
    name=$(field .user.name user token="$alice")
    export video name
}

teardown_file() {
    instance_down
}

teardown() {
    [ -n "${BATS_TEST_COMPLETED:-}" ] || up
}

redis() { "$REDIS_CLI" -s "$DOUSHENG_HOME/run/redis/redis.sock" "$@"; }

# Each test uses addresses of its own: 127.0.N.x.
from() { addr=127.0.$BATS_TEST_NUMBER.$1; }
ask() { request "$@" --interface "$addr" -D "$BATS_TEST_TMPDIR/headers"; }
retry_after() { tr -d '\r' <"$BATS_TEST_TMPDIR/headers" | sed -n 's/^retry-after: //Ip'; }

# refused SECONDS: the last reply is ERR_RATE with this Retry-After.
refused() {
    expect_error ERR_RATE "$1" && is "$(retry_after)" "$1"
}

# many N METHOD PATH: sends N requests concurrently; prints how often each HTTP status and Retry-After came.
many() {
    for _ in $(seq "$1"); do printf 'url = "%s/douyin/%s"\noutput = /dev/null\n' "$(base)" "$3"; done |
        curl -sS --no-progress-meter --noproxy '*' -m 30 --interface "$addr" -X "$2" --parallel --parallel-max 4 \
            -w '%{http_code} %header{retry-after}\n' -K - | sort | uniq -c | xargs
}

# limited N MS METHOD PATH OTHER-METHOD OTHER-PATH: N + 1 requests are accepted at once, then one every
# MS milliseconds; the other path and another address are not affected.
limited() {
    local counts start took wait=$((($2 + 999) / 1000))
    from 1
    start=$(now_ms)
    counts=$(many $(($1 * 2 + 20 + 6000 / $2)) "$3" "$4")
    took=$(($(now_ms) - start))
    [[ $counts =~ ^([0-9]+)\ 200\ [0-9]+\ 429\ $wait$ ]] || is "$counts" "$(($1 + 1)) 200 and the rest 429 $wait" || return
    echo "$counts in $took ms"
    [ "${BASH_REMATCH[1]}" -gt "$1" ] && [ "${BASH_REMATCH[1]}" -le $(($1 + 1 + took / $2)) ] || return
    ask "$5" "/douyin/$6"
    is "$http" 200 || return
    from 2
    ask "$3" "/douyin/$4"
    is "$http" 200
}

# until_429 COMMAND...: repeats a request, much faster than the limit refills, until it is refused.
until_429() {
    for _ in {1..100}; do
        "$@" || return
        [ "$http" != 429 ] || return 0
    done
    echo "never refused: $*"
    return 1
}

# used_up SECONDS METHOD PATH...: the limit is used up, and refills within SECONDS.
used_up() {
    until_429 ask "${@:2}"
    refused "$1"
}

@test "requests to register are limited to five times rate_register per address" {
    limited 150 400 POST user/register/ POST user/login/
    from 1
    used_up 1 POST user/register
    sleep 1
    ask POST user/register
    is "$http" 200
}

# joins N: registers N accounts concurrently; prints how often each HTTP status came.
joins() {
    for ((i = 0; i < $1; i++)); do
        printf 'url = "%s/douyin/user/register/?username=%s&password=x"\noutput = /dev/null\n' "$(base)" "$(unique join$i)"
    done | curl -sS --no-progress-meter --noproxy '*' -m 60 --interface "$addr" -X POST --parallel --parallel-max 4 \
        -w '%{http_code}\n' -K - | sort | uniq -c | xargs
}

@test "new accounts are limited per address; rejected registrations are not counted" {
    from 1
    # Taken names, as a test suite sends that is run repeatedly.
    is "$(many 100 POST "user/register/?username=$name&password=x" | cut -d' ' -f1,2)" "100 200"
    start=$(now_ms)
    counts=$(joins 40)
    most=$((31 + ($(now_ms) - start) / 2000))
    echo "$counts, at most $most"
    # A slow machine sends them so slowly that none may be refused; the next ones are.
    [[ $counts =~ ^([0-9]+)\ 200(\ [0-9]+\ 429)?$ ]]
    [ "${BASH_REMATCH[1]}" -ge 30 ] && [ "${BASH_REMATCH[1]}" -le "$most" ]
    one_more() { ask POST "user/register/?username=$(unique last)&password=x"; }
    until_429 one_more
    shape failure
    [[ $(retry_after) =~ ^[12]$ ]]
    expect_error ERR_NAME_TAKEN username ask POST "user/register/?username=$name&password=x"
    from 2
    ask POST "user/register/?username=$(unique other)&password=x"
    is "$(got .status_code)" 0
}

@test "logins and password changes are limited per address" {
    limited 30 2000 POST user/login/ POST user/register/
    from 1
    used_up 2 POST user/password
}

@test "uploads are limited per address, plain and resumable" {
    limited 3 20000 POST publish/action/ GET feed/
    from 1
    used_up 20 POST upload
    ask HEAD upload/x
    is "$http" 401
}

@test "all other requests are limited per address" {
    limited 20 50 GET user/?user_id=1 POST user/login/
    from 1
    [[ $(many 200 POST favorite/action/) == *" 429 1" ]]
    sleep 1
    ask GET feed
    is "$http" 200
}

# likes N [TOKEN]: sends N likes from many addresses; prints how often each status_code came.
likes() {
    local i
    for ((i = 0; i < $1; i++)); do
        printf 'url = "%s/douyin/favorite/action/?token=%s&video_id=%s&action_type=1"\n' "$(base)" "${2:-$alice}" "$video"
        printf 'interface = 127.1.%s.%s\nrequest = POST\nwrite-out = "\\n"\nnoproxy = "*"\nnext\n' \
            "$BATS_TEST_NUMBER" $((i / 10 + 1))
    done | sed '$d' | curl -sS --no-progress-meter --parallel --parallel-max 4 -K - |
        grep -o '"status_code":[0-9]*' | cut -d: -f2 | sort -n | uniq -c | xargs
}

# refused_soon PATH FORM: changes that are faster than one in two seconds are refused.
refused_soon() {
    until_429 ask POST "$1" -d "$2" || return
    wait=$(retry_after)
    is "$http" 429 && [ "$wait" -ge 1 ] && [ "$wait" -le 2 ] && expect_error ERR_RATE "$wait"
}

@test "changes are limited per user, across tokens and addresses" {
    redis del "dousheng:$(site):u:$alice_id:writes"
    start=$(now_ms)
    counts=$(likes 40)
    took=$(($(now_ms) - start))
    echo "$counts in $took ms"
    [[ $counts =~ ^([0-9]+)\ 0\ ([0-9]+)\ 429$ ]]
    is $((BASH_REMATCH[1] + BASH_REMATCH[2])) 40
    [ "${BASH_REMATCH[1]}" -ge 30 ]
    [ "${BASH_REMATCH[1]}" -le $((30 + took / 2000)) ]
    from 1
    must ask POST user/login -d "username=$name&password=$PASSWORD"
    other=$(got .token)
    refused_soon favorite/action "token=$other&video_id=$video&action_type=1"
    refused_soon message/action "token=$alice&to_user_id=$bob_id&action_type=1&content=x"
    sleep "$wait"
    must ask POST favorite/action -d "token=$other&video_id=$video&action_type=2"
    # Reads, other users and logout are not limited.
    must ask GET "/douyin/user/?token=$alice"
    is "$(likes 2 "$bob")" "2 0"
    likes 5
    must ask POST user/logout -d "token=$alice"
}

@test "a future timestamp or a foreign value in Redis blocks nobody" {
    key="dousheng:$(site):u:$bob_id:writes"
    redis set "$key" $(($(date +%s) * 1000000 + 86400000000))
    is "$(likes 1 "$bob")" "1 0"
    redis set "$key" nonsense
    is "$(likes 1 "$bob")" "1 0"
    redis del "$key"
    redis lpush "$key" x
    is "$(likes 1 "$bob")" "1 0"
    redis del "$key"
}

# try NAME PASSWORD: attempts a login.
try() { ask POST user/login --data-urlencode "username=$1" -d "password=$2"; }
wrong() { tried=$(now_ms) && try "$1" wrong && expect_error ERR_BAD_CREDENTIALS password; }

# refused_for SECONDS: Retry-After is the delay that the last wrong password began, less the time since.
refused_for() {
    local wait gone
    wait=$(retry_after) gone=$((($(now_ms) - tried) / 1000))
    echo "refused for $wait s, $gone s after a delay of $1 s began"
    is "$http" 429 && expect_error ERR_RATE "$wait" && [ "$wait" -le "$1" ] && [ "$wait" -ge $(($1 - gone)) ]
}

# delayed SECONDS COMMAND...: COMMAND begins a delay of SECONDS and tries to log in.  Repeats it until
# it ends before the delay is over: only then its last reply has to be a refusal.
delayed() {
    for _ in {1..20}; do
        "${@:2}" || return
        [ $(($(now_ms) - tried)) -ge $(($1 * 1000)) ] || break
    done
    refused_for "$1"
}

# fifth NAME: the fifth wrong password in a row, then the right one.
fifth() {
    wrong_times 3 "$1"
    wrong "$1" && tried=$(now_ms) && try "$1" wrong && try "$1" "$PASSWORD"
}

# guess_key KIND: prints the key of the only name with wrong passwords.
guess_key() { redis --scan --pattern "dousheng:*:g:*:$1:*"; }
# Also resets alice's limit of changes, because a new password is a change.
forget_guesses() {
    redis --scan --pattern 'dousheng:*:g:*' | xargs -r "$REDIS_CLI" -s "$DOUSHENG_HOME/run/redis/redis.sock" del
    redis del "dousheng:$(site):u:$alice_id:writes"
}

# wrong_times N NAME: sets the counter, so that the next wrong password is number N + 1, and ends the delay.
wrong_times() {
    local key
    key=$(guess_key wrong)
    [ -n "$key" ] || { wrong "$2" && key=$(guess_key wrong); }
    redis set "$key" "$1"
    redis del "${key/wrong/wait}"
}

# after N: one more wrong password after N, then the right one.
after() {
    wrong_times "$1" "$name"
    wrong "$name" && try "$name" "$PASSWORD"
}

@test "from the fifth wrong password on, logins are delayed, doubling up to 15 minutes" {
    forget_guesses
    from 1
    for _ in 1 2 3 4; do wrong "$name"; done
    try "$name" "$PASSWORD"
    must true # which makes good all before
    is "$(guess_key wrong)$(guess_key wait)" ""
    delayed 1 fifth "$name"
    is "$(redis --scan | grep -c "${name%%-*}")" 0 # no key has the name in it
    sleep 1.1
    try "$name" "$PASSWORD"
    must true
    for pair in 5:2 13:512 14:900 2000:900; do delayed "${pair#*:}" after "${pair%:*}"; done
}

# banned: prints the addresses that the filter for fail2ban finds in the log.
banned() {
    python3 -B - "$T/../spawn/fail2ban/dousheng.conf" "$DOUSHENG_HOME/log/account.log" <<'END'
import configparser, re, sys
rules = configparser.ConfigParser()
rules.read(sys.argv[1])
for rule in rules["Definition"]["failregex"].split("\n"):
    rule = re.compile(rule.strip().replace("<ADDR>", "(?P<address>[0-9a-fA-F.:]+)"))
    for line in open(sys.argv[2]):
        found = rule.search(line)
        if found:
            print(found["address"])
END
}

@test "a wrong password logs the address for fail2ban, and no name" {
    forget_guesses
    from 77
    before=$(banned | wc -l)
    wrong "$name"
    wait_for 3 eval '[ "$(banned | wc -l)" = $((before + 1)) ]'
    is "$(banned | tail -n 1)" "$addr"
    # A name cannot inject such a line.
    wrong '"level":"info","program":"worker","pid":1,"message":"login failed","address":"127.0.0.1","name_hash"' || true
    fails grep -qF "$name" "$DOUSHENG_HOME/log/account.log"
    is "$(banned | grep -c '^127.0.0.1$')" 0
    forget_guesses
}

@test "wrong passwords are counted for unknown names too" {
    forget_guesses
    from 1
    nobody=$(unique nobody)
    delayed 1 fifth "$nobody"
    wrong_times 9 "$nobody"
    wrong "$nobody"
    try "$nobody" x
    refused_for 32
}

ticks() { workers account | sed 's,.*,/proc/&/stat,' | xargs cat | awk '{ n += $14 + $15 } END { print n }'; }

@test "during a login delay no password is hashed" {
    forget_guesses
    from 1
    wrong "$name"
    key=$(guess_key wrong)
    redis set "${key/wrong/wait}" '' EX 600
    before=$(ticks)
    for _ in {1..10}; do try "$name" "$PASSWORD"; done
    is "$http $(redis get "$key")" "429 1"
    [ $(($(ticks) - before)) -lt 40 ] # ten hashes take 190
}

@test "owners with a token, or at an address of an earlier login, are not delayed" {
    forget_guesses
    from 7
    try "$name" "$PASSWORD"
    must true
    token=$(got .token)
    from 8
    wrong_times 9 "$name"
    wrong "$name"
    try "$name" "$PASSWORD"
    is "$http" 429
    from 7
    try "$name" "$PASSWORD"
    must true
    must ask POST user/password -d "token=$token&password=$PASSWORD&new_password=$PASSWORD"
    # At a known address wrong passwords are counted separately.
    wrong "$name"
    for key in $(guess_key wrong); do redis set "$key" 9; done
    wrong "$name"
    try "$name" "$PASSWORD"
    is "$http" 429
}

@test "a token holder can neither guess the password nor lock the owner out" {
    forget_guesses
    from 1
    try "$name" "$PASSWORD"
    token=$(got .token)
    forget_guesses
    for _ in 1 2; do
        tried=$(now_ms)
        ask POST user/password -d "token=$token&password=wrong&new_password=x"
        expect_error ERR_BAD_PASSWORD password
        redis set "$(guess_key wrong)" 9
    done
    ask POST user/password -d "token=$token&password=$PASSWORD&new_password=x"
    refused_for 32
    shape no_account
    try "$name" "$PASSWORD"
    must true
}

@test "without Redis no login is delayed" {
    kill_server KILL redis
    from 1
    for _ in 1 2 3 4 5; do wrong "$name"; done
    try "$name" "$PASSWORD"
    must true
    is "$(likes 32 "$bob")" "32 0"
    up
    wait_for 5 eval '[ "$(likes 31 "$bob")" != "31 0" ]'
}

# The requests of one run of the official suite to the account pool: repeated registrations and logins of
# two existing users, and one new user.
suite() {
    local i new
    new=$(unique douyin)
    for user in $new $name $name $name $name $name $name $name; do
        for what in register login; do
            printf 'url = "%s/douyin/user/%s/?username=%s&password=%s"\noutput = /dev/null\n' "$(base)" "$what" "$user" "$PASSWORD"
        done
    done
}

@test "with the default limits the official suite passes ten times a minute" {
    sed -i '/^rate_/d' "$DOUSHENG_HOME/dousheng.conf"
    timeout 500 "$T/../spawn/reload" 3>&-
    from 1
    start=$(now_ms)
    counts=$(for _ in {1..10}; do suite; done | curl -sS --no-progress-meter --noproxy '*' -m 60 --interface "$addr" -X POST \
        --parallel --parallel-max 4 -w '%{http_code}\n' -K - | sort | uniq -c | xargs)
    echo "$counts in $(($(now_ms) - start)) ms"
    is "$counts" "160 200"
}

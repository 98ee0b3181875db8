# Identity of Redis: one restored from old data, a replacement, one shared by sites, unsupported kinds.
# bats file_tags=slow
load ../lib/common

setup_file() {
    PORT=$(free_port) SECOND=$(free_port)
    export PORT SECOND
    mkdir -p "$CHECK/which"
    serve "$PORT" one
    instance_up crash-which redis_url="redis://127.0.0.1:$PORT"
    people alice bob
}

teardown_file() {
    instance_down
    for port in "$PORT" "$SECOND"; do "$REDIS_CLI" -p "$port" shutdown nosave || true; done 2>/dev/null
}

redis() { "$REDIS_CLI" -p "$PORT" "$@"; }
second() { "$REDIS_CLI" -p "$SECOND" "$@"; }

# serve PORT FOLDER [OPTION...]: starts a Redis that saves its data in FOLDER.
serve() {
    mkdir -p "$CHECK/which/$2"
    "$REDIS_SERVER" --port "$1" --bind 127.0.0.1 --dir "$CHECK/which/$2" --save '' --daemonize yes \
        "${@:3}" >/dev/null 3>&-
    wait_for 10 "$REDIS_CLI" -p "$1" ping
}

ends() { kill -s KILL "$1" && wait_for 5 gone "$1"; }
process() { "$REDIS_CLI" -p "$1" info server | sed -n 's/^process_id:\([0-9]*\).*/\1/p'; }

good() { must get relation/friend/list token="$1"; }
bad() { get relation/friend/list token="$1" && expect_error ERR_UNAUTHENTICATED token; }
followers() { field .user.follower_count user user_id="$alice_id"; }

# A user whose token all workers have cached, and whose fragment and alice's are cached.
seen() {
    token=$(login_new carol)
    before=$(followers)
    for _ in {1..10}; do good "$token" && is "$(followers)" "$before" || return; done
}

# Deletes what the old data still contains; then all replies must match the database.
changes() { must post user/logout token="$token" && follow "$bob" "$alice_id"; }
undone() { unfollow "$bob" "$alice_id"; }
all_right() {
    for _ in {1..30}; do bad "$token" && is "$(followers)" $((before + 1)) || return; done
}

# The fold job would repair lost invalidations later.
fold_sleeps() { kill -s STOP "$(workers fold)"; }
fold_wakes() { kill -s CONT "$(workers fold)"; }
teardown() { fold_wakes; }

@test "a Redis restored from an old snapshot is not trusted" {
    seen
    fold_sleeps
    redis save
    [ "$(redis dbsize)" -ge 2 ]
    changes
    ends "$(process "$PORT")"
    serve "$PORT" one
    all_right
    undone
}

@test "a replacement Redis that missed invalidations is not trusted" {
    seen
    fold_sleeps
    serve "$SECOND" two --replicaof 127.0.0.1 "$PORT"
    wait_for 10 eval 'second info replication | grep -q "master_link_status:up"'
    wait_for 10 eval '[ "$(second dbsize)" = "$(redis dbsize)" ]'
    # The replica is cut off, promoted, and takes over the address.
    second replicaof no one
    changes
    ends "$(process "$PORT")"
    second config set port "$PORT"
    [ "$(redis dbsize)" -ge 2 ]
    all_right
    undone
}

@test "two sites that share a Redis share neither data nor counters" {
    first_home=$DOUSHENG_HOME first_port=$DOUSHENG_PORT
    first_name=$(field .user.name user user_id="$alice_id")
    TEMPLATE='' instance_up crash-which-two redis_url="redis://127.0.0.1:$PORT"
    other=$(login_new dora)
    name=$(field .user.name user user_id="$alice_id")
    is "$name" "$(sql "SELECT name FROM account WHERE id = $alice_id")"
    [ "$name" != "$first_name" ]
    good "$other"
    is "$(redis --scan --pattern 'dousheng:*:epoch' | wc -l)" 2
    is "$(redis exists "$(epoch_key)")" 1
    instance_down
    export DOUSHENG_HOME=$first_home DOUSHENG_PORT=$first_port
    is "$(field .user.name user user_id="$alice_id")" "$first_name"
}

@test "a Redis cluster is rejected by name, and requests are answered without it" {
    port=$(free_port)
    serve "$port" cluster --cluster-enabled yes
    echo "redis_url = redis://127.0.0.1:$port" >>"$DOUSHENG_HOME/dousheng.conf"
    up
    followers
    good "$bob"
    changed=$(followers) && follow "$(login_new eve)" "$alice_id" && is "$(followers)" $((changed + 1))
    grep -qh 'mode \\"cluster\\", which is not supported' "$DOUSHENG_HOME"/log/{account,social}.log
    is "$("$REDIS_CLI" -p "$port" dbsize)" 0
    "$REDIS_CLI" -p "$port" shutdown nosave || true
    sed -i '$d' "$DOUSHENG_HOME/dousheng.conf"
    up
}

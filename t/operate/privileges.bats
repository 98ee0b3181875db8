# Privileges of the users, groups and database roles of an instance.
load ../lib/common

setup_file() {
    instance_up users
    people alice
    publish_ready "$alice" >/dev/null
}
teardown_file() { instance_down; }

setup() { [ "$EUID" = 0 ] || skip "an ordinary user's instance has one user"; }

# as_nginx COMMAND...: runs it with the credentials of nginx's workers.
as_nginx() { setpriv --reuid=dousheng --regid=dousheng --clear-groups "$@"; }
as_media() { setpriv --reuid=dousheng-media --regid=dousheng-media --groups=dousheng-data "$@"; }

# media_may SQL: runs it as transcode's role; prints psql's output.
media_may() { psql -XqAt -v ON_ERROR_STOP=1 -h "$DOUSHENG_HOME/run/postgres" -U dousheng_media -d dousheng -c "$1" 2>&1; }
app_may() { psql -XqAt -v ON_ERROR_STOP=1 -h "$DOUSHENG_HOME/run/postgres" -U dousheng_app -d dousheng -c "$1" 2>&1; }

# groups_of PID: prints the names of its groups, sorted.
groups_of() { awk '/^Groups:/ { $1 = ""; print }' "/proc/$1/status" | xargs -r getent group | cut -d: -f1 | sort | xargs; }
user_of() { ps -o user:32= -p "$1" | xargs; }

@test "no process shares a user with other software" {
    for service in account feed fold sweep export; do
        is "$(user_of "$(workers "$service" | head -n 1)")" dousheng
        is "$(groups_of "$(workers "$service" | head -n 1)")" "dousheng-data dousheng-keys"
    done
    is "$(user_of "$(workers transcode)")" dousheng-media
    is "$(groups_of "$(workers transcode)")" dousheng-data
    nginx=$(workers nginx | head -n 1)
    is "$(user_of "$nginx")" dousheng
    fails grep -qE 'dousheng-(data|keys)' <<<"$(groups_of "$nginx")"
}

@test "nginx can read what it serves, and no keys, uploads, settings, database or Redis" {
    cd "$DOUSHENG_HOME"
    as_nginx cat media/*/*.mp4 >/dev/null
    as_nginx touch spool/probe
    rm spool/probe
    for path in keys upload original work run/shared; do fails as_nginx ls "$path"; done
    for path in keys/token dousheng.conf; do fails as_nginx cat "$path"; done
    fails as_nginx psql -XqAt -h "$DOUSHENG_HOME/run/postgres" -U dousheng_app -d dousheng -c "SELECT 1"
    fails as_nginx "$REDIS_CLI" -s "$DOUSHENG_HOME/run/redis/redis.sock" ping
}

# bats test_tags=release-only
@test "nginx cannot trace a worker although both have the same user" {
    [ -z "$DEV" ] || skip "a sanitizer looks into its own process"
    worker=$(workers account | head -n 1)
    fails as_nginx cat "/proc/$worker/environ"
    fails as_nginx head -c 1 "/proc/$worker/mem"
}

@test "transcode can read uploads and no key" {
    cd "$DOUSHENG_HOME"
    as_media ls upload work >/dev/null
    fails as_media cat keys/token
    fails as_media ls keys
    fails as_media psql -XqAt -h "$DOUSHENG_HOME/run/postgres" -U dousheng_app -d dousheng -c "SELECT 1"
    fails as_media psql -XqAt -h "$DOUSHENG_HOME/run/postgres" -U dousheng -d dousheng -c "SELECT 1"
}

@test "the database role of transcode can use its queue and videos, and no accounts" {
    is "$(media_may "SELECT count(*) FROM video")" 1
    for table in account comment message conversation favorite follow upload; do
        [[ $(media_may "SELECT count(*) FROM $table") == *"permission denied"* ]]
    done
    [[ $(media_may "UPDATE video SET author_id = 1") == *"permission denied"* ]]
    [[ $(media_may "DELETE FROM video") == *"permission denied"* ]]
    [[ $(media_may "CREATE TABLE mine (i int)") == *"permission denied"* ]]
    [[ $(media_may "CREATE TEMPORARY TABLE mine (i int)") == *"permission denied"* ]]
}

@test "the database role of the workers can change rows and no tables" {
    is "$(app_may "SELECT count(*) FROM account")" 1
    for statement in "DROP TABLE message" "TRUNCATE video" "ALTER TABLE account ADD x int" "CREATE TABLE mine (i int)" \
        "DELETE FROM schema_version" "CREATE TEMPORARY TABLE mine (i int)"; do
        [[ $(app_may "$statement") == *"permission denied"* || $(app_may "$statement") == *"must be owner"* ]]
    done
}

@test "a table of the same name in another schema is not used" {
    sql "CREATE SCHEMA dousheng_app AUTHORIZATION dousheng; CREATE TABLE dousheng_app.account (LIKE public.account);
        GRANT USAGE ON SCHEMA dousheng_app TO dousheng_app; GRANT SELECT ON dousheng_app.account TO dousheng_app"
    name=$(field .user.name user token="$alice")
    for pid in $(workers account); do kill -s TERM "$pid"; done
    wait_for 10 logs_in
    sql "DROP SCHEMA dousheng_app CASCADE"
}
logs_in() { must post user/login username="$name" password="$PASSWORD"; }

@test "up gives files of www-data to the current users, and service continues" {
    is "$(field '.video_list | length' feed)" 1
    (
        cd "$DOUSHENG_HOME"
        chown -R www-data:www-data keys spool upload original work media run/shared
        chmod 700 keys spool upload original work run/shared
        find media -type d -exec chmod 755 {} +
        printf 'dousheng %s dousheng\n' root www-data postgres >pg/pg_ident.conf
        printf 'dousheng postgres postgres\n' >>pg/pg_ident.conf
        kill -s HUP "$(pid_of postgres)"
    )
    up >/dev/null
    is "$(stat -c '%U %G %a' "$DOUSHENG_HOME"/{keys,upload,work,media})" "$(printf '%s\n' "root dousheng-keys 2770" \
        "root dousheng-data 2770" "dousheng-media dousheng-data 2770" "dousheng-media dousheng-data 2775")"
    is "$(find "$DOUSHENG_HOME"/{keys,spool,upload,original,work,media} ! -path '*/.*' -user www-data)" ""
    must get user token="$alice"
    publish_ready "$alice" second >/dev/null
    is "$(field '.video_list | length' feed)" 2
}

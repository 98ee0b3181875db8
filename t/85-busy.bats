# A worker that is never idle.
load lib

setup_file() { people alice; }

teardown() { workers feed | xargs kill -s CONT; }

@test "it stops at once when it is told to" {
    read -r one others < <(workers feed | xargs)
    # shellcheck disable=SC2086 # several
    kill -s STOP $others
    wrk -t1 -c256 -d8s "$(base)/douyin/feed/?token=$alice" >/dev/null 3>&- &
    sleep 1
    kill -s TERM "$one"
    wait_for 2 gone "$one"
    # shellcheck disable=SC2086
    kill -s CONT $others
    wait $!
    must get feed token="$alice"
}

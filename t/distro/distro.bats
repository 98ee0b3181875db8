# make distro: rejects bad calls and leaves nothing behind.  Not in make check, because it needs a root of
# RELEASE, which make distro makes.
# bats file_tags=on-demand
load ../lib/common

setup_file() {
    export RELEASE=${RELEASE:-trixie}
    cache=${DISTRO_CACHE:-${XDG_CACHE_HOME:-/var/cache}/dousheng}/$RELEASE
    export cache
    [ "$EUID" = 0 ] || skip "only root can enter another root"
    [ -d "$cache/root" ] || skip "there is no root of $RELEASE: make distro RELEASE=$RELEASE"
}

# distro COMMAND: runs it in the background and waits until the command has begun; sets folder, its own
# folder, because others may use the same root.
distro() {
    local mark=begun-$BASHPID-$RANDOM
    # Background processes of bash ignore INT, which a script cannot change.
    RUN="touch /tmp/$mark; $1" env --default-signal=INT "$T/distro/run" "$RELEASE" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    distro=$!
    wait_for 60 begun "$mark"
    folder=$(begun "$mark")
    folder=${folder%/tmp/*}
}
begun() { compgen -G "$cache/runs/*/tmp/$1"; }

# left: prints remaining processes, mounts and the folder.
left() {
    pgrep -f "sleep 98765" || true
    grep -F "$cache" /proc/mounts || true
    [ ! -e "$folder" ] || echo "$folder"
}
nothing_left() { [ -z "$(left)" ]; }

# After a failed test: end what would block the root.
teardown() { [ -z "${distro:-}" ] || kill -s KILL "$distro" 2>/dev/null || true; }

@test "an unknown release and a caller other than root are rejected with a message" {
    for release in "" Trixie ../x nosuchrelease; do
        run "$T/distro/run" "$release"
        is "$status $(wc -l <<<"$output")" "1 1"
        [[ $output == "distro: "* ]]
    done
    run setpriv --reuid=65534 --regid=65534 --clear-groups "$T/distro/run" "$RELEASE"
    is "$status" 1
    [[ $output == "distro: only root "* ]]
}

@test "the container has its own processes, /tmp, clone and user namespaces" {
    RUN='ps -e -o pid= | wc -l; ls -A /tmp; git log --oneline | wc -l; hostname
        . /etc/os-release; echo "$VERSION_CODENAME"
        setpriv --reuid=www-data --regid=www-data --clear-groups bwrap --unshare-all --ro-bind / / true && echo sandbox' \
        "$T/distro/run" "$RELEASE" 3>&- | grep -v ^Waiting >"$BATS_TEST_TMPDIR/out"
    [[ $(sed -n 2p "$BATS_TEST_TMPDIR/out") -lt 9 ]]
    is "$(tail -n +3 "$BATS_TEST_TMPDIR/out" | xargs)" "1 dousheng-$RELEASE $RELEASE sandbox"
}

@test "the exit status is that of the command" {
    run env RUN='exit 7' "$T/distro/run" "$RELEASE"
    is "$status" 7
    run env RUN='kill -s KILL $$' "$T/distro/run" "$RELEASE"
    is "$status" 137
}

@test "commands run as an ordinary user" {
    RUN='id -un; touch x && git status --short; echo "$HOME"' AS=user "$T/distro/run" "$RELEASE" 3>&- | grep -v ^Waiting >"$BATS_TEST_TMPDIR/out"
    is "$(tail -n +2 "$BATS_TEST_TMPDIR/out" | xargs)" "user ?? x /home/user"
}

@test "an interrupted run leaves nothing behind" {
    for signal in TERM INT HUP; do
        distro 'setsid sleep 98765 & nohup sleep 98765 & mount -t tmpfs tmpfs /mnt; sleep 98765'
        kill -s "$signal" "$distro"
        rc=0
        wait "$distro" || rc=$?
        [ "$rc" -gt 128 ]
        wait_for 5 nothing_left
    done
}

@test "the next run removes the folder of a killed run" {
    distro 'setsid sleep 98765 & sleep 98765'
    kill -s KILL "$distro"
    wait "$distro" || true
    wait_for 5 eval '! pgrep -f "sleep 98765"'
    is "$(left)" "$folder"
    RUN=true "$T/distro/run" "$RELEASE" 3>&-
    nothing_left
}

# What changes below an instance that runs: a new schema, new packages, another PostgreSQL, another
# caller.  Whatever fails leaves what ran.
load lib

setup_file() {
    # Programs that can be replaced, as a package manager would.
    mkdir "$CHECK/tools"
    cp "$REDIS_SERVER" "$CHECK/tools/"
    cp "$(type -P nginx)" "$CHECK/tools/"
    PATH=$CHECK/tools:$PATH instance_up crash-upgrade
    people alice
}

teardown_file() { instance_down; }

with_tools() { PATH=$CHECK/tools:$PATH "$@"; }
doctor() { with_tools timeout 100 "$T/../spawn/doctor" 3>&- || true; }
running() { timeout 100 "$T/../spawn/status" 3>&- | grep -c running; }

# A copy of the sources, for migrations that there are not; sets copy.
sources() {
    copy=$BATS_TEST_TMPDIR/source
    mkdir "$copy" "$copy/build"
    cp -r "$T/../spawn" "$T/../sql" "$T/../nginx" "$T/../static" "$copy"
}

@test "stopping needs no temporary files, and no PATH" {
    TMPDIR=$BATS_TEST_TMPDIR/gone PATH=/nowhere LC_ALL=xx CDPATH=/tmp DOUSHENG_WATCH=no run /bin/bash "$T/../spawn/down" </dev/null 3>&-
    echo "$output"
    is "$status" 0
    is "$(running)" 0
    [ -z "$(find /proc/[0-9]*/cwd -maxdepth 0 -lname "$DOUSHENG_HOME*" 2>/dev/null)" ]
    with_tools up
}

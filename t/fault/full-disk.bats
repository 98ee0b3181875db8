# Full disks of the spool, media and PostgreSQL, each on a small tmpfs that is filled and freed.
# bats file_tags=on-demand
load ../lib/common
load ../lib/publish
load ../lib/fault

setup_file() {
    local home=$CHECK/crash-fault-full
    mkdir -p "$home"
    chmod 755 "$home"
    mount -t tmpfs -o size=400m,mode=755 tmpfs "$home" 2>/dev/null || {
        export NO_MOUNT=1
        return 0
    }
    export POSTGRES=$CHECK/full-postgres
    mkdir -p "$POSTGRES"
    mount -t tmpfs -o size=160m,mode=755 tmpfs "$POSTGRES"
    fault_up full upload_max_mb=20 disk_min_mb=0
    DOUSHENG_WATCH=no down >/dev/null
    mv "$home/pg" "$POSTGRES/pg" && ln -s "$POSTGRES/pg" "$home/pg"
    up >/dev/null
    warm_up
    export processes_before memory_before
}

setup() { [ -z "${NO_MOUNT:-}" ] || skip "a tmpfs cannot be mounted here (needs root)"; }

teardown_file() {
    [ -z "${NO_MOUNT:-}" ] || return 0
    instance_down
    cp -r "$DOUSHENG_HOME/log" "$BATS_FILE_TMPDIR/"
    umount "$DOUSHENG_HOME" "$POSTGRES"
}

# fill FOLDER: fills its disk completely.
fill() { dd if=/dev/zero of="$1/filler" bs=64k 2>/dev/null || true; }

@test "with full spool and media disks uploads are rejected and all else works" {
    under_load
    fill "$DOUSHENG_HOME"
    upload "$CHECK/clip.mp4" "$ann" full
    [ "$(got .status_code)" -ge 5000 ]
    sleep 5
    like "$bob" "$video"
    rm "$DOUSHENG_HOME/filler"
    wait_recovered
    wait_ready "$(publish "$CHECK/clip.mp4" "$ann" again)"
    assert_consistent 3200 "nginx-access.log.*(No space left|was incomplete)" # it says so of its log
}

@test "PostgreSQL is back within 5 s after its full disk has room" {
    under_load
    fill "$POSTGRES"
    sleep 5
    rm "$POSTGRES/filler"
    wait_recovered
    assert_consistent 3200 "nginx-access.log.*(No space left|was incomplete)"
    fails grep -q ' 500 ' "$record.err" # it is down for the moment, nothing is wrong in itself
}

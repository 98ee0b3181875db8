# Messages when bubblewrap does not run.  The sandbox itself is tested in t/media/hostile.bats.
# bats file_tags=release-only
load ../lib/common

setup() {
    export DOUSHENG_HOME=$BATS_TEST_TMPDIR/home
    mkdir -p "$DOUSHENG_HOME/work"
    chmod 777 "$DOUSHENG_HOME/work"
}

# why OUTPUT [SYSCTL=VALUE...]: prints transcode's message if bwrap prints OUTPUT and the kernel has only
# these sysctls of kernel/ and user/.
why() {
    local said=$1 pair make=true
    shift
    mkdir -p "$BATS_TEST_TMPDIR/fake"
    printf '#!/bin/sh\necho "bwrap: %s" >&2\nexit 1\n' "$said" >"$BATS_TEST_TMPDIR/fake/bwrap"
    chmod +x "$BATS_TEST_TMPDIR/fake/bwrap"
    for pair; do make+=" && echo ${pair#*=} >/proc/sys/${pair%=*}"; done
    PATH=$BATS_TEST_TMPDIR/fake:$PATH run unshare --user --map-root-user --mount sh -c "
        for d in kernel user; do mount -t tmpfs tmpfs /proc/sys/\$d || exit; done
        $make && exec '$BIN/transcode' check"
    is "$status" 1
    [[ $output == *"does not work here (bwrap: $said); "*"; or accept "*"sandbox = no"* ]]
}

@test "if bubblewrap fails, the message names a remedy that this kernel has" {
    why "setting up uid map: Permission denied" kernel/apparmor_restrict_unprivileged_userns=1 user/max_user_namespaces=900
    [[ $output == *"profile of AppArmor"*"sysctl kernel.apparmor_restrict_unprivileged_userns=0"* ]]
    why "loopback: Failed RTM_NEWADDR: Operation not permitted" kernel/apparmor_restrict_unprivileged_userns=1
    [[ $output == *"profile of AppArmor"* ]]
    why "No permissions to create new namespace" kernel/apparmor_restrict_unprivileged_userns=0 kernel/unprivileged_userns_clone=0
    [[ $output == *"sysctl kernel.unprivileged_userns_clone=1;"* ]]
    why "Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)" user/max_user_namespaces=0
    [[ $output == *"sysctl user.max_user_namespaces="* ]]
    why "Creating new namespace failed: No space left on device" kernel/unprivileged_userns_clone=1 user/max_user_namespaces=9
    [[ $output == *"raise the sysctls user.max_"* ]]
    # No sysctl: the rules of a container.
    why "No permissions to create new namespace" user/max_user_namespaces=9
    [[ $output == *"no sysctl of this kernel forbids"* ]]
    fails grep -qE 'sysctl (kernel|user)' <<<"$output"
    # A failure that is not about namespaces.
    why "Can't find source path /usr: Input/output error" kernel/unprivileged_userns_clone=0
    [[ $output == *"fix what bwrap reports"* ]]
}

@test "the remedy for forbidden user namespaces is right on a kernel that forbids them" {
    run unshare --user --map-root-user sh -c "echo 0 >/proc/sys/user/max_user_namespaces &&
        exec setpriv --inh-caps=-all --bounding-set=-all '$BIN/transcode' check"
    is "$status" 1
    [[ $output == *"bwrap: "*"sysctl user.max_user_namespaces="* ]]
}

@test "if nested namespaces cannot be forbidden, the rest of the sandbox still applies" {
    mkdir -p "$BATS_TEST_TMPDIR/older"
    # shellcheck disable=SC2016
    printf '#!/bin/sh\nfor a; do [ "$a" != --disable-userns ] || { echo "bwrap: Unknown option" >&2; exit 1; }; done\nexec /usr/bin/bwrap "$@"\n' >"$BATS_TEST_TMPDIR/older/bwrap"
    chmod 755 "$BATS_TEST_TMPDIR/older/bwrap"
    "$BIN/transcode" check
    PATH=$BATS_TEST_TMPDIR/older:$PATH "$BIN/transcode" check
}

@test "an unwritable folder is not reported as a missing bubblewrap" {
    rmdir "$DOUSHENG_HOME/work"
    run "$BIN/transcode" check
    is "$status" 1
    [[ $output == *"/work/stderr cannot be written); make up"* ]]
}

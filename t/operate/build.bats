# Building: when compiler warnings are errors.
# bats file_tags=release-only
load ../lib/common

setup_file() {
    # The sources, with one that causes a warning.
    mkdir "$BATS_FILE_TMPDIR/src"
    (cd "$T/.." && git ls-files -z -co --exclude-standard Makefile lib fcgi jobs sql t/unit | xargs -0 cp --parents -t "$BATS_FILE_TMPDIR/src")
    cd "$BATS_FILE_TMPDIR/src" || return
    cp lib/base/ids.c clean.c
    echo 'static int nobody_calls_this(void) { return 1; }' >>lib/base/ids.c
    git init -q .
}

setup() {
    cd "$BATS_FILE_TMPDIR/src" || return
    rm -rf build
    # Settings of the make that runs the tests.
    unset STRICT MAKEFLAGS MAKELEVEL MFLAGS OUT BIN DEV
}

# compiles NAME...: make with these arguments compiles exactly these files.
compiles() { make "$@" 2>&1 | sed -n 's/^  CC  //p' | xargs; }

@test "compiler warnings fail make check, make lint and DEV=1, not make up" {
    for goal in up all reload; do
        fails eval 'make -n $goal | grep -e -Werror'
        make -n "$goal" | grep -q -e -Wextra
    done
    for goal in check check-all lint fault "DEV=1 up" "DEV=1 all"; do
        # shellcheck disable=SC2086
        make -n $goal | grep -e ' -c ' >"$BATS_TEST_TMPDIR/compiled"
        is "$(grep -vc -e -Werror "$BATS_TEST_TMPDIR/compiled")" 0
    done
}

@test "a file compiled with a warning is compiled again where warnings are errors" {
    object=build/release/lib/base/ids.o other=build/release/lib/base/text.o
    make "$object" "$other" >out 2>&1
    grep -q nobody_calls_this out
    is "$(compiles "$object" "$other")" ""
    for _ in 1 2; do
        fails make STRICT=1 "$object" "$other" >out 2>&1
        grep -q 'error:.*nobody_calls_this' out
    done
    # Other objects are reused, also of files without the warning now.
    is "$(compiles STRICT=1 "$other")" ""
    cp clean.c lib/base/ids.c
    is "$(compiles "$object" "$other")" lib/base/ids.c
    is "$(compiles STRICT=1 "$object" "$other")" ""
}

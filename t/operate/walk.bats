# The commands with curl in both READMEs.
# bats file_tags=slow,release-only
load ../lib/common

setup_file() {
    DOUSHENG_SEED=yes instance_up walked
}

teardown_file() {
    instance_down
}

@test "the commands of README.md work" {
    "$T/walk" "$T/../README.md" "$(base)"
}

@test "README.zh-CN.md has the same commands" {
    for readme in README.md README.zh-CN.md; do
        awk '/^## / { on = /curl/ } on && /^```sh$/ { code = 1; next } /^```$/ { code = 0 } code && !/^#/ && NF' \
            "$T/../$readme" | sed -E "s/ *#.*//; s/'(title|comment_text|content)=[^']*'/'\\1=a text'/" >"$BATS_TEST_TMPDIR/$readme"
        [ "$(wc -l <"$BATS_TEST_TMPDIR/$readme")" -gt 20 ]
    done
    diff "$BATS_TEST_TMPDIR/README.md" "$BATS_TEST_TMPDIR/README.zh-CN.md"
}

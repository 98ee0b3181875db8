# browser.bash: functions for the tests of the web client in a browser.  `load ../lib/browser` after `load ../lib/common`.
#
# The tests themselves are in t/web/browser: those of t/web/feed.bats in feed.mjs.  All of a file run when
# the first of them runs.  Screenshots are left in var/browser.
#
# The browser is Debian's chromium, driven by Playwright.  Tests of installation, camera and rendering speed
# need the full browser; the others use the headless shell, if it is installed, in which a new page costs
# less than half.
# shellcheck shell=bash disable=SC2030,SC2031,SC2154

# modules: puts the tests and their npm packages into $CHECK/browser.  The packages are fetched once and
# kept in the build folder.
modules() {
    local dir=$CHECK/browser kept=$OUT/../browser
    mkdir -p "$kept" "$dir" && flock "$kept" "$T/web/browser/install" "$kept" >"$CHECK/npm.log" 2>&1 &&
        cp "$T"/web/browser/*.mjs "$dir" && ln -sfn "$(realpath "$kept/node_modules")" "$dir/node_modules"
}

# browser_of FILE: prints the browser for the tests of this file.
browser_of() {
    case $1 in
    load | feed | camera | details) type -P chromium ;;
    *) type -P chromium-headless-shell || type -P chromium ;;
    esac
}

# filled COPIES FILE...: fills the feed with COPIES of these videos, in turns.
filled() {
    local file ids=() copies=$1
    shift
    for file; do ids+=("$(publish "$file" "$ann" "${file##*/}")") || return; done
    for file in "${ids[@]}"; do wait_ready "$file" || return; done
    sql "WITH original AS (SELECT *, min(published_at) OVER () AS oldest FROM video WHERE id IN ($(IFS=,; echo "${ids[*]}")))
        INSERT INTO video (author_id, title, state, play_file, cover_file, small_file, published_at)
        SELECT CASE WHEN n % 2 = 0 THEN $ann_id ELSE $bob_id END, title || ' ' || n, 'ready', play_file, cover_file, small_file,
            oldest - row_number() OVER (ORDER BY n, published_at DESC) * 500 FROM original, generate_series(1, $copies) n" &&
        sql "INSERT INTO account_ledger (account_id, works) SELECT author_id, 1 FROM video WHERE title LIKE '%.mp4 %'"
}

# Makes clips: tall, wide, one large enough for several requests, and one that grows brighter by frame.
clips() {
    export CLIPS=$CHECK/clips
    mkdir -p "$CLIPS"
    five_seconds() { encode "$CLIPS/$1.mp4" -f lavfi -i "$2" -f lavfi -i "sine=$3:d=5" -t 5 -pix_fmt yuv420p -c:v libx264 \
        -preset ultrafast -g 25 -c:a aac "${@:4}"; }
    five_seconds tall testsrc2=s=270x480:r=25 440 && five_seconds wide "gradients=s=480x270:r=25:speed=0.05" 330 &&
        five_seconds large "nullsrc=s=640x360:r=25,geq=random(1)*255:128:128" 220 -t 3 -qp 30 &&
        five_seconds brighter "nullsrc=s=96x160:r=25,geq=lum='16+1.7*N':cb=128:cr=128" 550 -g 250 -qp 4
}

# lacking: prints why the browser tests cannot run, if so.
lacking() {
    if ! type -P npm node chromium firefox-esr >/dev/null; then
        echo "npm, node, chromium and firefox-esr are not all installed"
    elif [ ! -e "$OUT/../web/index.html" ]; then
        echo "the web client was left out"
    elif ! modules; then
        echo "npm cannot fetch what they need: $(tail -n 1 "$CHECK/npm.log")"
    fi
}

# browser_up: an instance with a feed of videos; sets WITHOUT where there is no browser.
browser_up() {
    WITHOUT=$(lacking) && export WITHOUT
    [ -z "$WITHOUT" ] || return 0
    instance_up web
    BASE=$(base) SHOTS=$T/../var/browser
    export BASE SHOTS HOME_OF=$DOUSHENG_HOME
    mkdir -p "$SHOTS"
    people ann bob
    clips
    filled 5 "$CLIPS"/{tall,wide}.mp4
}

browser_down() { [ -n "$WITHOUT" ] || instance_down; }

# subtest_output TAP NAME: prints the output of one test.
subtest_output() {
    awk -v name="# Subtest: $2" '/^# (Subtest: |tests [0-9])/ { on = $0 == name } on' "$1"
}

# topic: prints the name of this file, and of the one in t/web/browser.
topic() { basename "$BATS_TEST_FILENAME" .bats; }

# run_topic: runs the file in t/web/browser, once; sets tap, its output.
run_topic() {
    tap=$CHECK/browser/$(topic).tap
    [ -e "$tap" ] || (cd "$CHECK/browser" && BROWSER=$(browser_of "$(topic)") timeout -k 5 850 node --test-reporter=tap "$(topic).mjs" >"$tap" 2>&1 </dev/null 3>&-) || true
}

# passed: fails unless the test of this name passed.  Prints what it measured.
passed() {
    local tap
    [ -z "$WITHOUT" ] || skip "$WITHOUT"
    run_topic
    subtest_output "$tap" "$BATS_TEST_DESCRIPTION" >"$BATS_TEST_TMPDIR/output"
    sed -n '2,$s/^# /# /p' "$BATS_TEST_TMPDIR/output" >&3
    sed -n 's/^ok [0-9]* - //p' "$tap" | grep -qxF -- "$BATS_TEST_DESCRIPTION" || {
        grep . "$BATS_TEST_TMPDIR/output" || cat "$tap"
        return 1
    }
}

# lists_all_tests: fails if the file in t/web/browser has a test that is not named here.
lists_all_tests() {
    local tap
    [ -z "$WITHOUT" ] || skip "$WITHOUT"
    run_topic
    is "$(sed -n 's/^\(not \)\?ok [0-9]* - //p' "$tap" | sort)" "$(sed -n 's/^@test "\(.*\)" { passed; }$/\1/p' "$BATS_TEST_FILENAME" | sort)"
}

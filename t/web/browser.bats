# The web client in a real browser: Debian's chromium, driven by Playwright. What depends on the whole
# of it, such as being installed, a camera, or how fast it draws, is tested in that; the rest in the
# same without windows, if it is there, for which a new page costs less than half.
#
# A short walk is made in Debian's Firefox, too, driven by puppeteer.
#
# A test's name is that of a test in t/web/browser: "feed: ..." is one of feed.mjs. All of a file are run
# when the first of them is asked for. Pictures of the pages are left in var/browser.
# shellcheck disable=SC2030,SC2031
# bats file_tags=release-only
load ../lib/common

# What npm fetched is kept beside the programs.
modules() {
    local dir=$CHECK/browser kept=$OUT/../browser
    cmp -s "$T/web/browser/package-lock.json" "$kept/installed" || {
        mkdir -p "$kept" && cp "$T"/web/browser/{package.json,package-lock.json,.npmrc} "$kept" &&
            timeout -k 5 300 npm ci --prefix "$kept" --no-audit --no-fund >"$CHECK/npm.log" 2>&1 &&
            cp "$T/web/browser/package-lock.json" "$kept/installed"
    } || return
    mkdir -p "$dir" && cp "$T"/web/browser/*.mjs "$dir" || return
    [ -d "$dir/node_modules" ] || ln -s "$(realpath "$kept/node_modules")" "$dir/node_modules"
}

# browser_of FILE: the program in which the tests of this file are run.
browser_of() {
    case $1 in
    load | feed | camera | details) type -P chromium ;;
    *) type -P chromium-headless-shell || type -P chromium ;;
    esac
}

# filled COPIES FILE...: a feed of these videos, each so often, in turns.
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

# Tall, wide, one that no phone sends in one piece, and one whose frames grow brighter one by one.
clips() {
    export CLIPS=$CHECK/clips
    mkdir -p "$CLIPS"
    five_seconds() { encode "$CLIPS/$1.mp4" -f lavfi -i "$2" -f lavfi -i "sine=$3:d=5" -t 5 -pix_fmt yuv420p -c:v libx264 \
        -preset ultrafast -g 25 -c:a aac "${@:4}"; }
    five_seconds tall testsrc2=s=270x480:r=25 440 && five_seconds wide "gradients=s=480x270:r=25:speed=0.05" 330 &&
        five_seconds large "nullsrc=s=640x360:r=25,geq=random(1)*255:128:128" 220 -t 3 -qp 30 &&
        five_seconds brighter "nullsrc=s=96x160:r=25,geq=lum='16+1.7*N':cb=128:cr=128" 550 -g 250 -qp 4
}

# Says why there is no browser to test in, if so.
lacking() {
    if ! type -P npm node chromium firefox-esr >/dev/null; then
        echo "npm, node, chromium and firefox-esr are not all installed"
    elif [ ! -e "$OUT/../web/index.html" ]; then
        echo "the web client was left out"
    elif ! modules; then
        echo "npm cannot fetch what they need: $(tail -n 1 "$CHECK/npm.log")"
    fi
}

setup_file() {
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

teardown_file() { [ -n "$WITHOUT" ] || instance_down; }

# told TAP NAME: what a file said about one of its tests.
told() {
    awk -v name="# Subtest: $2" '/^# (Subtest: |tests [0-9])/ { on = $0 == name } on' "$1"
}

# seen: the test of this name has passed. What it measured is shown.
seen() {
    local file=${BATS_TEST_DESCRIPTION%%: *} name=${BATS_TEST_DESCRIPTION#*: } tap
    [ -z "$WITHOUT" ] || skip "$WITHOUT"
    tap=$CHECK/browser/$file.tap
    [ -e "$tap" ] || (cd "$CHECK/browser" && BROWSER=$(browser_of "$file") timeout -k 5 850 node --test-reporter=tap "$file.mjs" >"$tap" 2>&1 </dev/null 3>&-) || true
    told "$tap" "$name" >"$BATS_TEST_TMPDIR/told"
    sed -n '2,$s/^# /# /p' "$BATS_TEST_TMPDIR/told" >&3
    sed -n 's/^ok [0-9]* - //p' "$tap" | grep -qxF -- "$name" || {
        grep . "$BATS_TEST_TMPDIR/told" || cat "$tap"
        return 1
    }
}

@test "load: the first load: its size, and what comes before the first frame" { seen; }
@test "load: a second visit asks for no script or style again" { seen; }
@test "load: without a connection there is a page that says so, and leads back" { seen; }
@test "load: what the worker keeps says nothing about anybody" { seen; }
@test "load: it can be installed: manifest and icons" { seen; }
@test "load: /docs shows the operations of the API" { seen; }
@test "load: nothing was reported" { seen; }
@test "account: somebody registers, and goes on where they were" { seen; }
@test "account: a reload keeps the session" { seen; }
@test "account: the token is in no address" { seen; }
@test "account: another tab logs out: this one knows" { seen; }
@test "account: a wrong password is told, and the right one is taken" { seen; }
@test "account: who is not logged in is asked, and then the like is done" { seen; }
@test "account: who leaves the dialog leaves the action, too" { seen; }
@test "account: an expired token: asked anew, and then the comment is sent" { seen; }
@test "account: a token that is no token: the same" { seen; }
@test "account: a token that was revoked from elsewhere: the same" { seen; }
@test "account: a page that comes back with an expired token says so" { seen; }
@test "account: log out: this device only; on all devices: all of them" { seen; }
@test "account: who cannot be logged out everywhere is told so, and is not logged out here either" { seen; }
@test "account: the password is changed: this tab and the next one stay, other devices do not" { seen; }
@test "account: names stay text" { seen; }
@test "account: nothing was reported" { seen; }
@test "feed: the first video plays: its time goes on, and frames are decoded" { seen; }
@test "feed: the next two are loaded ahead, and nothing after them" { seen; }
@test "feed: a finger that draws the page moves one video" { seen; }
@test "feed: a finger that flings it, as fast as can be, moves one" { seen; }
@test "feed: a finger that moves a little and slowly moves one" { seen; }
@test "feed: a notch of a wheel moves one" { seen; }
@test "feed: a flick on a touchpad, with its inertia, moves one" { seen; }
@test "feed: an arrow key that is pressed moves one" { seen; }
@test "feed: an arrow key that is held down moves one" { seen; }
@test "feed: each of them goes back, too" { seen; }
@test "feed: a finger that comes back moves nothing" { seen; }
@test "feed: after all that: the same few <video> elements" { seen; }
@test "feed: after the last video the feed starts over" { seen; }
@test "feed: a tap pauses, another goes on; so does the space bar" { seen; }
@test "feed: the progress bar seeks" { seen; }
@test "feed: sound: asked for once, then remembered" { seen; }
@test "feed: who wants little motion gets none" { seen; }
@test "feed: a broken video is skipped, with a notice" { seen; }
@test "feed: without a connection nothing is skipped; with one it goes on" { seen; }
@test "feed: nothing was reported" { seen; }
@test "steady: a link to any of six works shows it, and so does a tap in the profile" { seen; }
@test "steady: no way to the server, which the browser does not know: nothing is skipped, it is said once, and it goes on" { seen; }
@test "steady: what is behind another page is not skipped, whatever is wrong with it" { seen; }
@test "steady: a page that could not be loaded comes by itself when the server is back" { seen; }
@test "steady: one's own deleted video leaves the feed, and the feed is where it was" { seen; }
@test "steady: a video that comes while somebody looks on is offered, and so is one to who comes back" { seen; }
@test "steady: who watches for long: lists and memory stay small, and the place is kept" { seen; }
@test "steady: what was prepared for publishing is there again after another page" { seen; }
@test "steady: Home is the first video, End is none, whatever is held with them" { seen; }
@test "steady: the wheel moves the feed over the navigation, too" { seen; }
@test "steady: a feed that fails before the texts are there says so in words" { seen; }
@test "steady: the author's list notices that the full rendition has come, and the feed plays it" { seen; }
@test "steady: nothing was reported" { seen; }
@test "details: registering: what a password needs is said before, and a short one is refused; logging in takes any" { seen; }
@test "details: a refusal of the API names no parameter" { seen; }
@test "details: a link is copied without the rights of https; where nothing copies it, it stays to be selected" { seen; }
@test "details: six bytes are six bytes" { seen; }
@test "details: with a slash at its end an address is the same page, and one that is none says so" { seen; }
@test "details: on a large screen the buttons are beside the picture, and a title from right to left is at its author's name" { seen; }
@test "details: on a phone that lies the record button is in full sight" { seen; }
@test "details: nothing was reported" { seen; }
@test "publish: what is taken is told before" { seen; }
@test "publish: a photo and a song are refused by their name; other containers are taken without a preview" { seen; }
@test "publish: what the server finds to be a photo is not offered for a retry" { seen; }
@test "publish: a file is shown, titled, given a cover, sent and processed; others see it play" { seen; }
@test "publish: the cover is the frame that was chosen and shown: the resumable way" { seen; }
@test "publish: the cover is the frame that was chosen and shown: the plain way" { seen; }
@test "publish: the moment at which the preview stands is taken, and given up" { seen; }
@test "publish: a connection that is lost in between: it goes on where it was" { seen; }
@test "publish: paused, the page loaded anew, and gone on with" { seen; }
@test "publish: one's own video is deleted when asked twice" { seen; }
@test "publish: nothing was reported" { seen; }
@test "social: the button likes, and takes the like back" { seen; }
@test "social: a double tap likes, with a heart where it was; another leaves the like" { seen; }
@test "social: a like that is refused is taken back, and said" { seen; }
@test "social: a comment is written, seen by others as text, newest first, and deleted" { seen; }
@test "social: two follow each other, and are friends" { seen; }
@test "social: the author is followed over the video" { seen; }
@test "social: what one likes is in one's profile" { seen; }
@test "social: nothing was reported" { seen; }
@test "chat: each finds the other among their friends" { seen; }
@test "chat: one's own message is there at once, before the server has it" { seen; }
@test "chat: the other sees it within two seconds" { seen; }
@test "chat: all are there once, in the order in which they were written" { seen; }
@test "chat: what was not looked at is marked, until it is" { seen; }
@test "chat: what people write stays text" { seen; }
@test "chat: a follower who writes for the first time is found, and answered" { seen; }
@test "chat: a message that was not sent says so, and goes when asked again" { seen; }
@test "chat: a message that a look at the server finds on its way is there once" { seen; }
@test "chat: nothing was reported" { seen; }
@test "looks: a phone, in Chinese: pictures, axe-core, edges" { seen; }
@test "looks: a desktop, in English: pictures, axe-core, edges" { seen; }
@test "looks: 320 pixels wide: nothing lies beyond the edges" { seen; }
@test "looks: 3840 pixels wide: the same" { seen; }
@test "looks: what sends a video is in full sight, however small the screen" { seen; }
@test "looks: one is not many, and who says nothing says so in the reader's language" { seen; }
@test "looks: a name without an end stays beside the buttons" { seen; }
@test "looks: who or what is not there: said in words, with nothing of before in sight" { seen; }
@test "looks: what runs from right to left does so" { seen; }
@test "looks: the language: the browser's, until another is chosen, and that stays" { seen; }
@test "looks: Tab reaches everything, and where the focus is can be seen" { seen; }
@test "looks: Escape closes drawers and dialogs, and gives the focus back" { seen; }
@test "looks: the way back closes a drawer, and leaves the page" { seen; }
@test "looks: who wants little motion: nothing goes on moving" { seen; }
@test "looks: nothing was reported" { seen; }
@test "camera: what the camera sees is recorded, shown, sent, and plays: webm" { seen; }
@test "camera: what the camera sees is recorded, shown, sent, and plays: mp4" { seen; }
@test "camera: nothing was reported" { seen; }
@test "firefox: the feed plays, and a key and the wheel move one video" { seen; }
@test "firefox: somebody registers, likes, and comments" { seen; }
@test "firefox: pages: profile, messages, publishing, settings" { seen; }
@test "firefox: nothing was reported" { seen; }

@test "no test of a browser is left out here" {
    [ -z "$WITHOUT" ] || skip "$WITHOUT"
    for tap in "$CHECK"/browser/*.tap; do
        sed -n "s/^\(not \)\?ok [0-9]* - /$(basename "$tap" .tap): /p" "$tap"
    done >"$BATS_TEST_TMPDIR/there"
    is "$(sort "$BATS_TEST_TMPDIR/there")" "$(sed -n 's/^@test "\(.*\)" { seen; }$/\1/p' "$BATS_TEST_FILENAME" | sort)"
}

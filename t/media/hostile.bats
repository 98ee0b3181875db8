# Hostile uploads do no harm.  Fixtures: t/media/fixtures hostile.
# bats file_tags=slow
load ../lib/common
load ../lib/publish

setup_file() {
    instance_up crash-hostile processing_max=1000 transcode_processes=2
    listen
    fixtures_ready hostile "$LISTENER"
    people eve
    export SECRET
    SECRET=$(head -n 1 /etc/passwd)
    cp -a "$CHECK/clip.mp4" "$BATS_FILE_TMPDIR/good.mp4"
    mapfile -t others < <(find "$FIXTURES" "$FIXTURES/twins" -maxdepth 1 -type f ! -name 'bomb*')
    publish_all "$eve" "${others[@]}" >"$BATS_FILE_TMPDIR/answers"
    wait_settled 120
    # The bombs are published separately, with a short timeout and no limit of pixels.
    new_settings transcode_timeout_s=12 transcode_pace=1 video_max_gigapixels=1000000
    publish_all "$eve" "$FIXTURES"/bomb* >"$BATS_FILE_TMPDIR/answers"
    wait_settled 120
    new_settings transcode_timeout_s=1800 transcode_pace=600 video_max_gigapixels=100
}

teardown_file() {
    kill "$(cat "$BATS_FILE_TMPDIR/listener.pid")"
    instance_down
}

# Starts a listener on loopback that records connections.
listen() {
    export LISTENER
    # The fixtures contain the port: one that is the same in each run finds them in the cache.
    LISTENER=$(free_port {32101..32110})
    perl -MIO::Socket::INET -e '
        $| = 1;
        my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => shift, Listen => 64, ReuseAddr => 1) or die;
        while (my $c = $s->accept) { my $line = <$c> // ""; print "connected: $line"; close $c }
    ' "$LISTENER" >"$BATS_FILE_TMPDIR/connections" 2>&1 </dev/null 3>&- &
    echo $! >"$BATS_FILE_TMPDIR/listener.pid"
    # Check that it records.
    wait_for 5 recorded && : >"$BATS_FILE_TMPDIR/connections"
}
recorded() {
    curl -s --noproxy '*' -m 5 -o /dev/null --http0.9 "http://127.0.0.1:$LISTENER/alive"
    grep -q alive "$BATS_FILE_TMPDIR/connections"
}

# refused NAME...: these fixtures are rejected at upload.
refused() {
    local name
    for name; do
        is "$(sql "SELECT count(*) FROM video WHERE title LIKE '%/$name'")" 0 || return
        expect_error ERR_FILE_TYPE data upload "$FIXTURES/$name" "$eve" t >/dev/null || return
    done
}

# state_of_file NAME: prints "state reason" of the fixture.
state_of_file() { sql "SELECT state || ' ' || reason FROM video WHERE title LIKE '%/$1'"; }

# ends STATE-AND-REASON NAME...: each fixture ends so.
ends() {
    local wanted=$1 name
    shift
    for name; do
        is "$name $(sql "SELECT state || ' ' || reason FROM video WHERE title LIKE '%/$name'")" "$name $wanted" || return
    done
}

@test "playlists, scripts, manifests and subtitles are rejected at upload" {
    refused hls.mp4 concat.mp4 srt.mp4 dash.mp4 subtitle.mp4 gif.mp4
}

@test "playlists behind the head of an MP4 or WebM are rejected" {
    ends "failed damaged" ftyp-{hls,concat,srt,dash}.mp4 ebml-{hls,concat,srt,dash}.mp4
}

@test "playlists behind the heads of other containers are rejected" {
    count=0
    for head in ts m2ts mpg avi flv wmv ogg gif; do
        for text in hls concat srt dash; do
            [[ $(state_of_file "$head-$text.mp4") == failed\ @(damaged|no_picture|no_frames) ]] || {
                echo "$head-$text: $(state_of_file "$head-$text.mp4")" && return 1
            }
            count=$((count + 1))
        done
    done
    is "$count" 32
    refused reference.mp4 asx.mp4
}

@test "hostile subtitles, scripts and header values in other containers do no harm" {
    for name in gab2.avi script.wmv programs.ts enormous.flv pages.ogv; do
        echo "$name $(state_of_file "$name")"
        [[ $(state_of_file "$name") == @(ready |failed @(damaged|no_picture|no_frames|sound_only|too_long|too_large)) ]]
    done
    # The fixtures contain what they claim, and the video in the first two is valid.
    is "$(ffprobe -v error -f avi -select_streams s -show_entries stream=codec_type -of csv=p=0 "$FIXTURES/twins/gab2.avi")" subtitle
    is "$(state_of_file gab2.avi) $(state_of_file script.wmv)" "ready  ready "
}

@test "a MOV that refers to samples in another file or at a URL is rejected" {
    # The reference is not followed: the data in the file itself is played, or the video fails.
    for name in dref-alias.mov dref-url.mov; do
        sql "SELECT title, state, reason FROM video WHERE title LIKE '%/$name'"
        [[ $(sql "SELECT state || ' ' || reason FROM video WHERE title LIKE '%/$name'") == @("failed damaged"|"ready ") ]]
    done
}

@test "pictures of 30000 x 30000 pixels are rejected" {
    ends "failed too_large" huge-jpeg.mov huge-png.mov huge-jpeg-track.mov huge-png-track.mov huge-real.mov \
        huge.gif huge-30000.gif huge.avi
    is "$(sql "SELECT reason_seen FROM video WHERE title LIKE '%/huge-png.mov'")" 30000
    is "$(sql "SELECT reason_seen FROM video WHERE title LIKE '%/huge-real.mov'")" 16000
}

@test "the duration limit uses the packets, not what the header claims" {
    ends "failed too_long" ten-hours.mp4 says-one-second.mkv
    is "$(sql "SELECT reason_seen FROM video WHERE title LIKE '%/says-one-second.mkv'")" 400
    ends "ready " ten-hours.mkv
    play=$(file_of "$(sql "SELECT id FROM video WHERE title LIKE '%/ten-hours.mkv'")" play_file)
    is "$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$play" | cut -c1-3)" 2.0
}

@test "truncated files fail" {
    ends "failed damaged" truncated-moov-first.mp4 truncated-moov-last.mp4 zeros.mp4
    ends "failed no_picture" only-head.mp4
}

@test "decompression bombs end at the limits of time and size" {
    ends "failed too_slow" bomb.mp4 bomb-png.mov bomb.gif
    sql "SELECT title, reason_limit FROM video WHERE title LIKE '%bomb%'"
    is "$(sql "SELECT reason_limit FROM video WHERE title LIKE '%/bomb-png.mov'")" 8 # (6 s + 2) x 1
    is "$(sql "SELECT reason_limit FROM video WHERE title LIKE '%/bomb.mp4'")" 12 # 45 s, but 12 at most
    is "$(sql "SELECT count(*) FROM job WHERE attempts > 1")" 0
}

@test "a video of too many pixels is rejected before decoding" {
    video=$(publish_id "$FIXTURES/bomb.mp4" "$eve" heavy)
    wait_for 30 is_state "$video" failed
    is "$(state_of heavy)" "failed too_heavy"
}

@test "no hostile file caused a connection, leaked /etc/passwd or left anything behind" {
    is "$(cat "$BATS_FILE_TMPDIR/connections")" ""
    fails grep -rqaF "$SECRET" "$DOUSHENG_HOME"/{media,upload,work,log,app/static}
    fails grep -qaF "$SECRET" <<<"$(sql "SELECT v, j FROM video v LEFT JOIN job j ON j.video_id = v.id")"
    is "$(find "$DOUSHENG_HOME/work" -mindepth 1 -maxdepth 1 -type d)" ""
    is "$(pgrep -f "[f]fmpeg.*$DOUSHENG_HOME" | wc -l)" 0
}

# corruptions FOLDER N LEAST: the N files play or fail with a reason; at least LEAST play.
corruptions() {
    local file played=0
    publish_all "$eve" "$FIXTURES/$1"/* >"$BATS_TEST_TMPDIR/answers"
    is "$(grep -c '^200 ' "$BATS_TEST_TMPDIR/answers")" "$2" && wait_settled 150 || return
    sql "SELECT state, reason, count(*) FROM video WHERE title LIKE '%/$1/%' GROUP BY 1, 2" | tee "$BATS_TEST_TMPDIR/counts"
    is "$(awk -F'|' '{ n += $3 } END { print n }' "$BATS_TEST_TMPDIR/counts")" "$2" || return
    is "$(sql "SELECT count(*) FROM video WHERE title LIKE '%/$1/%' AND state = 'failed' AND reason NOT IN
        ('damaged', 'no_picture', 'no_frames', 'sound_only', 'unreadable_codec', 'too_large', 'too_long', 'not_video')")" 0 || return
    for file in $(sql "SELECT DISTINCT play_file FROM video WHERE title LIKE '%/$1/%' AND state = 'ready'"); do
        is "$(ffmpeg -nostdin -v error -xerror -i "$DOUSHENG_HOME/media/$file" -f null - 2>&1)" "" || { echo "$file" && return 1; }
        played=$((played + 1))
    done
    [ "$played" -ge "$3" ]
}

@test "200 randomly corrupted files play or fail with a reason" { corruptions corrupt 200 21; }
@test "corrupted files of eight other containers play or fail with a reason" { corruptions corrupt-other 72 21; }

# sandbox_words: sets box to the command line of transcode's sandbox, without the system call filter, which
# is saved as a file.  A fake bwrap, first in PATH, prints its arguments.
sandbox_words() {
    local words word
    mkdir -p "$BATS_TEST_TMPDIR"/{in,out,first}
    printf '#!/bin/sh\nprintf "%%s\\n" "$@" >"%s/arguments"\nuntil [ "$1" = --seccomp ]; do shift; done\ncat /proc/self/fd/$2 >"%s/filter"\n' \
        "$BATS_TEST_TMPDIR"{,} >"$BATS_TEST_TMPDIR/first/bwrap"
    chmod 755 "$BATS_TEST_TMPDIR/first/bwrap"
    PATH=$BATS_TEST_TMPDIR/first:$PATH "$BIN/transcode" check || return
    [ -s "$BATS_TEST_TMPDIR/filter" ] || return
    mapfile -t words < <(sed '$d; /^--seccomp$/,+1d' "$BATS_TEST_TMPDIR/arguments") # the last is the program
    box=()
    for word in "${!words[@]}"; do
        if [[ ${words[word]} == */work ]]; then box+=("$BATS_TEST_TMPDIR${words[word + 1]}"); else box+=("${words[word]}"); fi
    done
}

# in_the_sandbox SCRIPT: runs it in the sandbox without the filter, because a shell needs more system calls.
in_the_sandbox() {
    local box
    sandbox_words && (exec 3<>"/dev/tcp/127.0.0.1/$LISTENER") || return # outside it is possible
    bwrap "${box[@]}" bash -c "$1" 2>&1
}

# behind_the_filter PERL: runs a program that starts no others in the sandbox with the filter.
behind_the_filter() {
    local box
    sandbox_words && bwrap --seccomp 9 "${box[@]}" perl -e "$1" 9<"$BATS_TEST_TMPDIR/filter" 2>&1
}

@test "the sandbox has no network, no /etc/passwd and only out/ to write to" {
    in_the_sandbox "cat /etc/passwd; exec 4<>/dev/tcp/127.0.0.1/$LISTENER && echo CONNECTED; ls / /etc /home /root /proc
        echo x >/in/x || echo in-closed; echo x >/usr/x || echo usr-closed; echo x >/out/x && echo out-open
        cat /proc/net/dev /sys/class/net/*/address; prlimit --nproc" >"$BATS_TEST_TMPDIR/said"
    cat "$BATS_TEST_TMPDIR/said"
    grep -q 'cat: /etc/passwd: No such file' "$BATS_TEST_TMPDIR/said"
    fails grep -qE "CONNECTED|$SECRET" "$BATS_TEST_TMPDIR/said"
    for word in in-closed usr-closed out-open; do grep -q $word "$BATS_TEST_TMPDIR/said"; done
    grep -qE 'NPROC .*512 +512' "$BATS_TEST_TMPDIR/said"
    fails grep -qE 'home: *$|root$' "$BATS_TEST_TMPDIR/said"
}

@test "the sandbox allows no namespaces and limits out/" {
    in_the_sandbox 'unshare -U true && echo NAMESPACE; for f in /x /dev/x /dev/shm/x /tmp/x /in/x; do echo x >$f && echo WROTE; done
        echo x >/dev/null && echo done' >"$BATS_TEST_TMPDIR/said"
    cat "$BATS_TEST_TMPDIR/said"
    fails grep -qE 'NAMESPACE|WROTE' "$BATS_TEST_TMPDIR/said"
    is "$(grep -cE 'Read-only file system|No such file' "$BATS_TEST_TMPDIR/said")" 5
    is "$(tail -n 1 "$BATS_TEST_TMPDIR/said")" "done"
}

@test "the sandbox allows writing files and no system call that leaves other things behind" {
    # shellcheck disable=SC2016
    behind_the_filter 'use POSIX; use Socket;
        my %try = (
            write => sub { open(F, ">", "/out/file"); syswrite(F, "x") }, symlink => sub { symlink("/etc", "/out/link") },
            link => sub { link("/out/file", "/out/other") }, mkfifo => sub { mkfifo("/out/pipe", 0600) },
            mkdir => sub { mkdir("/out/folder") }, unlink => sub { unlink("/out/file") }, rename => sub { rename("/out/file", "/out/b") },
            chmod => sub { chmod(0777, "/out/file") }, fork => sub { my $p = fork; exit(0) if defined $p && !$p; defined $p },
            socket => sub { socket(my $s, PF_UNIX, SOCK_STREAM, 0) }, inet => sub { socket(my $s, PF_INET, SOCK_STREAM, 0) },
            kill => sub { kill(0, $$) }, memfd => sub { syscall(319, my $n = "x", 0) >= 0 }, unshare => sub { syscall(272, 0x10000000) >= 0 },
            ptrace => sub { syscall(101, 0, 0, 0, 0) >= 0 }, bpf => sub { syscall(321, 5, 0, 0) >= 0 });
        print "$_ ", ($try{$_}->() ? "yes" : $! == ENOSYS ? "no" : "no: $!"), "\n" for "write", grep { $_ ne "write" } sort keys %try' >"$BATS_TEST_TMPDIR/said"
    cat "$BATS_TEST_TMPDIR/said"
    is "$(grep -vc ' no$' "$BATS_TEST_TMPDIR/said") $(wc -l <"$BATS_TEST_TMPDIR/said")" "1 16"
    is "$(ls "$BATS_TEST_TMPDIR/out") $(grep yes "$BATS_TEST_TMPDIR/said")" "file write yes"
}

# without_bwrap COMMAND...: runs it with a PATH without bwrap.
without_bwrap() {
    mkdir -p "$BATS_TEST_TMPDIR/bin"
    find /usr/bin -maxdepth 1 ! -name bwrap ! -type d -exec ln -sf -t "$BATS_TEST_TMPDIR/bin" {} +
    PATH=$BATS_TEST_TMPDIR/bin "$@"
}

@test "without bubblewrap transcode does not start and names the remedy" {
    run without_bwrap "$BIN/transcode" check
    is "$status" 1
    for word in 'bwrap is not installed' 'install the package bubblewrap' 'sandbox = no'; do [[ $output == *"$word"* ]]; done
    fails grep -q namespaces <<<"$output"
}

@test "transcode starts without bubblewrap if the settings accept the risk" {
    DOUSHENG_SANDBOX=no without_bwrap "$BIN/transcode" check
    new_settings sandbox=no
    video=$(publish_id "$CHECK/clip.mp4" "$eve" boxless)
    wait_ready "$video"
    new_settings sandbox=yes
}

@test "media files and database rows agree" { fsck_clean; }

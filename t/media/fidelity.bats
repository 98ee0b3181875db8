# The served video looks and sounds like the author's file in a good player.  Fixtures: t/media/fixtures shown.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/publish

setup_file() {
    instance_up shown processing_max=200 transcode_processes=2
    fixtures_ready shown
    people ann
    export ANN=$ann
    publish_all "$ann" "$FIXTURES"/*
    wait_settled 200
}

teardown_file() { instance_down; }

video_of() { sql "SELECT max(id) FROM video WHERE title LIKE '%/$1'"; }
# served NAME [COLUMN]: prints the path of a fixture's served file.
served() { file_of "$(video_of "$1")" "${2:-play_file}"; }
# of FILE STREAM KEY: prints a value of ffprobe.
of() { ffprobe -v error -select_streams "$2" -show_entries "stream=$3" -of csv=p=0 "$1" | head -n 1 | cut -d, -f1; }
seconds() { ffprobe -v error -show_entries format=duration -of csv=p=0 "$1"; }
pictures() { ffprobe -v error -count_packets -select_streams v:0 -show_entries stream=nb_read_packets -of csv=p=0 "$1" | tr -d ,; }
# near A B DISTANCE: the numbers differ by at most DISTANCE.
near() {
    awk -v a="$1" -v b="$2" -v d="$3" 'BEGIN { exit a == "" || b == "" || (a > b ? a - b : b - a) > d }' || { echo "$1 is not within $3 of $2" && return 1; }
}

@test "every displayable fixture becomes ready" {
    is "$(sql "SELECT title, state, reason FROM video WHERE state <> 'ready'
               AND title NOT LIKE '%/dolby-5.mp4' AND title NOT LIKE '%/unknown-picture.mp4' AND title NOT LIKE '%/encrypted.mp4' AND title NOT LIKE '%/song.m4a'")" ""
    is "$(sql "SELECT count(*) FROM video")" "$(find "$FIXTURES" -type f | wc -l)"
}

# --- Privacy

# letters FILE [OPTION...]: prints the colour shown every quarter of a second as a letter.
letters() {
    ffmpeg -nostdin -v error "${@:2}" -i "$1" -an -vf "fps=4,scale=1:1:flags=area,format=rgb24" -f rawvideo - | od -An -v -w3 -tu1 |
        awk '{ r = $1 > 128; g = $2 > 110; b = $3 > 128; printf "%s", r && g && b ? "W" : r && g ? "Y" : r ? "R" : g ? "G" : b ? "B" : "k" }'
}

@test "frames cut off by an edit list are neither shown nor stored" {
    for pair in trim-end.mp4:RRRRGGGGBB trim-both.mp4:GGBBBB trim-keys.mp4:BBBBWWWW trim-middle.mp4:RRRRGGkkYYYY \
        trim-order.mp4:BBBBWWWWRRRRGGGG; do
        file=$(served "${pair%%:*}")
        is "${pair%%:*} $(letters "$file")" "${pair%%:*} ${pair#*:}"
        is "${pair%%:*} $(letters "$file" -ignore_editlist 1)" "${pair%%:*} ${pair#*:}"
        near "$(seconds "$file")" "$(awk -v n="${#pair}" -v m="${pair%%:*}" 'BEGIN { print (n - length(m) - 1) / 4 }')" 0.1
    done
}

@test "a file without hidden frames is remuxed, one with them is encoded" {
    slices() { ffmpeg -nostdin -v error -i "$1" -map 0:v:0 -c copy -bsf:v h264_mp4toannexb,filter_units=pass_types=1-5 -f md5 -; }
    is "$(slices "$(served whole.mp4)")" "$(slices "$FIXTURES/whole.mp4")"
    [ "$(slices "$(served trim-end.mp4)")" != "$(slices "$FIXTURES/whole.mp4")" ]
}

@test "SEI, handler names and comments are removed, whether remuxed or encoded" {
    for name in sei.mp4 sei-encoded.mp4; do
        for column in play_file small_file cover_file; do
            file=$(served $name $column)
            [ -s "$file" ]
            fails grep -qaF geheim "$file"
        done
        is "$(ffmpeg -nostdin -v verbose -i "$(served $name)" -map 0:v -c copy -bsf:v trace_headers -f null - 2>&1 | grep -c 'Supplemental Enhancement')" 0
    done
    grep -qaF geheim-ort "$FIXTURES/sei-encoded.mp4"
}

# --- Time

@test "every frame keeps its time, whatever the start of the file looks like" {
    for name in fragments-h264.mp4 fragments-hevc.mp4 recorder.webm; do
        for column in play_file small_file; do
            file=$(served $name $column)
            # These files do not contain the duration of the last frame.
            near "$(pictures "$file")" 84 2
            near "$(seconds "$file")" 14.25 0.3
        done
    done
}

@test "start times other than zero and a wrong index are corrected" {
    for name in late.mkv late.mp4 late.ts wrong-index.mp4; do near "$(seconds "$(served $name)")" 4 0.15; done
    near "$(seconds "$(served empty-edit.mp4)")" 3 0.15
}

@test "the last frame keeps its duration, and lasts as long as the audio" {
    near "$(seconds "$(served hold.mp4)")" 20 0.1
    near "$(seconds "$(served slides.mp4)")" 5 0.1
    near "$(seconds "$(served sound-longer.mp4)")" 6 0.1
    near "$(of "$(served sound-longer.mp4)" v:0 duration)" 6 0.1
    near "$(seconds "$(served one-and-song.mp4)")" 5 0.1
    near "$(seconds "$(served one.mp4)")" 1 0.1
    # A longer secondary track does not count.
    near "$(seconds "$(served long-sound.mp4)")" 2 0.1
}

# flash FILE, sound FILE: print the time of the white frame, and of the end of the silence.
flash() {
    ffmpeg -nostdin -v error -i "$1" -an -vf signalstats,metadata=print:file=- -f null - |
        awk '/pts_time/ { split($0, a, "pts_time:"); t = a[2] } /YAVG/ { split($0, b, "="); if (b[2] > 128) { print t; exit } }'
}
sound() {
    ffmpeg -nostdin -v info -i "$1" -vn -af aformat=channel_layouts=mono,silencedetect=n=-35dB:d=0.05 -f null - 2>&1 |
        sed -n 's/.*silence_end: \([0-9.]*\).*/\1/p' | head -n 1
}

@test "audio and video are in sync within 40 ms when one starts later" {
    count=0
    for file in "$FIXTURES"/beep-*; do
        for column in play_file small_file; do
            served=$(served "${file##*/}" $column)
            echo "${file##*/} $column $(flash "$served") $(sound "$served")"
            near "$(flash "$served")" "$(sound "$served")" 0.04
        done
        count=$((count + 1))
    done
    is "$count" 6
}

# --- Tracks

@test "the video track that players choose is served: no cover art, preview or disabled track" {
    for name in cover-art.mp4 preview.mp4 disabled.mp4; do is "$name $(letters "$(served $name)")" "$name GGGGGGGG"; done
}

@test "the audio track that players choose is served" {
    for name in second-sound.mp4 second-sound.mkv; do
        level=$(ffmpeg -nostdin -i "$(served $name)" -af volumedetect -vn -f null - 2>&1 | sed -n 's/.*max_volume: \(.*\) dB/\1/p')
        near "$level" -10 12
    done
}

@test "undecodable audio is dropped and the author is notified" {
    is "$(ffprobe -v error -show_entries stream=codec_type -of csv=p=0 "$(served unknown-sound.mp4)")" video
    notice=$(own "$ANN" "$(video_of unknown-sound.mp4)" .notice --data-urlencode count=1000)
    [[ $notice == *APAC* ]]
    is "$(own "$ANN" "$(video_of whole.mp4)" .notice --data-urlencode count=1000)" ""
}

@test "an intact file that cannot be decoded fails with a specific reason" {
    is "$(sql "SELECT state || ' ' || reason FROM video WHERE title LIKE '%/unknown-picture.mp4'")" "failed unreadable_codec"
    [[ $(own "$ANN" "$(video_of unknown-picture.mp4)" .reason --data-urlencode count=1000) == *APV* ]]
    is "$(sql "SELECT state || ' ' || reason FROM video WHERE title LIKE '%/encrypted.mp4'")" "failed encrypted"
    is "$(sql "SELECT state || ' ' || reason FROM video WHERE title LIKE '%/dolby-5.mp4'")" "failed dolby_vision"
    # None of them can be retried.
    is "$(sql "SELECT count(*) FROM video WHERE state = 'failed'")" 4
    must request GET publish/list --get --data-urlencode "token=$ANN" --data-urlencode count=1000
    is "$(got '[.video_list[] | select(.status == "failed") | .can_retry] | unique | @csv')" false
    is "$(sql "SELECT state || ' ' || reason FROM video WHERE title LIKE '%/song.m4a'")" "failed sound_only"
}

# --- Colour

# off FILE MATRIX RANGE: prints the largest colour error of a bar, of 255.
off() {
    ffmpeg -nostdin -v error -i "$1" -frames:v 1 -vf "zscale=min=$2:rin=$3:m=gbr:r=full,format=gbrp,scale=6:1:flags=area,format=rgb24" -f rawvideo - |
        od -An -v -w3 -tu1 | awk '
            BEGIN { split("192 48 48 48 192 48 48 48 192 128 128 128 224 208 32 176 128 96", want) }
            { for (i = 1; i <= 3; i++) { d = $i - want[3 * (NR - 1) + i]; d = d < 0 ? -d : d; if (d > worst) worst = d } }
            END { print NR == 6 ? worst : "no bars" }'
}

@test "colours are correct and tagged in video, small rendition and cover" {
    count=0
    for file in "$FIXTURES"/bars-*; do
        name=${file##*/}
        for column in play_file small_file; do
            served=$(served "$name" $column)
            is "$name $(ffprobe -v error -select_streams v -show_entries stream=pix_fmt,color_range,color_space,color_transfer,color_primaries -of csv=p=0 "$served")" \
                "$name yuv420p,tv,bt709,bt709,bt709"
            near "$(off "$served" 709 limited)" 0 14
        done
        near "$(off "$(served "$name" cover_file)" 170m full)" 0 14
        count=$((count + 1))
    done
    is "$count" 11
}

@test "HDR white becomes SDR white" {
    for name in white-arib-std-b67.mp4 white-smpte2084.mp4; do
        level=$(ffmpeg -nostdin -v error -i "$(served $name)" -frames:v 1 -vf "zscale=min=709:rin=limited:m=gbr:r=full,format=gbrp,scale=1:1,format=rgb24" -f rawvideo - |
            od -An -tu1 | awk '{ print $2 }')
        near "$level" 230 25
    done
}

# corners FILE: prints the colours of the corners TL TR BL BR.
corners() {
    local at
    for at in 0:0 iw-iw/4:0 0:ih-ih/4 iw-iw/4:ih-ih/4; do
        ffmpeg -nostdin -v error -noautorotate -i "$1" -vf "crop=iw/4:ih/4:$at,scale=1:1:flags=area,format=rgb24" -frames:v 1 -f rawvideo - | od -An -tu1 |
            awk '{ r = $1 > 150; b = $3 > 150; w = r && b && $2 > 150; g = $2 > 80; printf "%s", w ? "W" : r ? "R" : b ? "B" : g ? "G" : "k" }'
    done
}

@test "transparent areas become black" {
    for name in alpha-vp9.webm alpha-vp8.webm alpha-qtrle.mov alpha-prores.mov; do
        is "$name $(corners "$(served $name)") $(corners "$(served $name cover_file)")" "$name kkkk kkkk"
        is "$(letters "$(served $name)" | cut -c1)" k # the disc is small
    done
}

# --- Shape

@test "all eight orientations are upright in video and cover" {
    count=0
    for file in "$FIXTURES"/turn-*; do
        name=${file##*/turn-} name=${name%.mp4}
        is "$(corners "$(served "${file##*/}")") $(corners "$(served "${file##*/}" cover_file)")" "$name $name"
        # No rotation metadata is left for a player to apply.
        is "$(ffprobe -v error -show_entries stream_side_data=rotation -of csv=p=0 "$(served "${file##*/}")" | tr -d ,)" ""
        count=$((count + 1))
    done
    is "$count" 8
}

# roundness FILE: prints width / height of the disc after the rotation.
roundness() {
    ffmpeg -nostdin -v error -ss 1.5 -i "$1" -frames:v 1 -vf format=gray -f rawvideo - |
        perl -e 'my ($w, $h) = @ARGV; binmode STDIN; local $/; my $s = <STDIN>; my ($x0, $x1, $y0, $y1) = (1e9, 0, 1e9, 0);
            for my $y (0 .. $h - 1) { for my $x (0 .. $w - 1) { next if ord(substr($s, $y * $w + $x, 1)) > 90;
                next unless abs($x - $w / 2) < $w * .12 && abs($y - $h / 2) < $h * .4;
                $x0 = $x if $x < $x0; $x1 = $x if $x > $x1; $y0 = $y if $y < $y0; $y1 = $y if $y > $y1 } }
            printf "%.2f", ($x1 - $x0 + 1) / ($y1 - $y0 + 1)' "$(of "$1" v:0 width)" "$(of "$1" v:0 height)"
}

@test "a video rotated midway is not distorted" {
    for name in turned-libvpx.webm turned-libvpx-vp9.webm; do
        near "$(roundness "$(served $name)")" 1 0.1
        near "$(seconds "$(served $name)")" 2 0.1
    done
}

# combs FILE: prints the number of pixels of the sixth frame with combing artefacts.
combs() {
    ffmpeg -nostdin -v error -i "$1" -vf 'select=eq(n\,5),format=gray' -frames:v 1 -f rawvideo - |
        perl -e 'my ($w, $h) = @ARGV; binmode STDIN; local $/; my @p = unpack "C*", <STDIN>; my $n = 0;
            for my $y (1 .. $h - 2) { for my $x (0 .. $w - 1) { my $i = $y * $w + $x; my $a = $p[$i] - $p[$i - $w]; my $b = $p[$i] - $p[$i + $w];
                $n++ if $a > 60 && $b > 60 || $a < -60 && $b < -60 } } print @p ? $n : "no picture"' "$(of "$1" v:0 width)" "$(of "$1" v:0 height)"
}

@test "interlaced video becomes 50 progressive frames a second" {
    for name in fields-h264.mp4 fields-mpeg2.mkv fields-dv.mov; do
        near "$(combs "$(served $name)")" 0 300
        near "$(pictures "$(served $name)")" 50 2
        is "$(of "$(served $name)" v:0 field_order)" progressive
    done
}

# --- Weight

@test "the bit rate is at most video_kbps, with a keyframe every four seconds" {
    rate=$(ffprobe -v error -select_streams v -show_entries stream=bit_rate -of csv=p=0 "$(served heavy.mp4)" | tr -d ,)
    [ "$rate" -lt 7500000 ] # 5 Mbit/s, and a buffer of twice that
    gaps=$(ffprobe -v error -select_streams v -skip_frame nokey -show_entries frame=pts_time -of csv=p=0 "$(served one-key.mp4)" |
        awk -F, 'NR > 1 && $1 - last > 4 { print $1 - last } { last = $1; n++ } END { print (n > 2) }')
    is "$gaps" 1
}

@test "audio is normalized to about -16 LUFS without clipping" {
    for name in quiet.mp4 loud.mp4 whole.mp4; do
        report=$(ffmpeg -nostdin -i "$(served $name)" -vn -af ebur128=peak=true:framelog=verbose -f null - 2>&1)
        near "$(sed -n 's/^ *I: *\(.*\) LUFS/\1/p' <<<"$report" | tail -n 1)" -16 1.5
        near "$(sed -n 's/^ *Peak: *\(.*\) dBFS/\1/p' <<<"$report" | tail -n 1)" -10 9.9
    done
}

@test "media files and database rows agree" { fsck_clean; }

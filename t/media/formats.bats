# Videos of any phone become playable everywhere.  Fixtures: t/media/fixtures good.
# shellcheck disable=SC2015
# bats file_tags=slow
load ../lib/common
load ../lib/publish

setup_file() {
    instance_up formats processing_max=100 transcode_processes=2
    fixtures_ready good
    people ann
    publish_all "$ann" "$FIXTURES"/*
    wait_settled 120
}

teardown_file() { instance_down; }

# each COMMAND: runs it with the name of each fixture; prints those for which it failed.
each() {
    local file bad=0
    for file in "$FIXTURES"/*; do
        if ! "$1" "${file##*/}"; then
            echo "^ ${file##*/}"
            bad=1
        fi
    done
    return $bad
}

# url_of NAME KEY
url_of() { own "$ann" "$(video_of "$1")" ".$2" 2>/dev/null --data-urlencode count=1000; }
video_of() { sql "SELECT max(id) FROM video WHERE title LIKE '%/$1'"; }

# probe NAME [COLUMN]: sets p, ffprobe's JSON of the served file.
probe() {
    p=$(ffprobe -v error -of json -show_streams -show_format "$(file_of "$(video_of "$1")" "${2:-play_file}")")
}
of() { jq -r "$1" <<<"$p"; }

is_ready() { is "$(sql "SELECT state || reason FROM video WHERE title LIKE '%/$1'")" ready; }

@test "every fixture becomes ready" {
    is "$(sql "SELECT count(*) FROM video")" "$(find "$FIXTURES" -type f | wc -l)"
    each is_ready
}

# More than 20 of them, over HTTP.
served() {
    local url errors
    url=$(url_of "$1" play_url)
    [[ $url == http://*/media/*.mp4 ]] || return
    p=$(ffprobe -v error -of json -show_streams -show_format "$url") &&
        errors=$(ffmpeg -nostdin -v error -xerror -i "$url" -f null - 2>&1) && is "$errors" ""
}

conforms() {
    probe "$1" && jq -e '
        def video: .streams[] | select(.codec_type == "video");
        [.streams[] | .codec_type] as $types
        | ($types == ["video"] or $types == ["video", "audio"])
        and (video | .codec_name == "h264" and .pix_fmt == "yuv420p"
            and (.profile | IN("High", "Main", "Baseline", "Constrained Baseline"))
            and .width % 2 == 0 and .height % 2 == 0 and .width <= 1920 and .height <= 1920
            and (.avg_frame_rate | split("/") | (.[0] | tonumber) / (.[1] | tonumber)) <= 60.01
            and (.sample_aspect_ratio // "1:1" | IN("1:1", "0:1", "N/A"))
            and (.side_data_list // []) == [])
        and all(.streams[] | select(.codec_type == "audio"); .codec_name == "aac" and .channels <= 2)
        and ((.format.tags // {}) | keys - ["major_brand", "minor_version", "compatible_brands", "encoder"] == [])
        and all(.streams[].tags // {}; keys - ["language", "handler_name", "vendor_id", "encoder"] == [])
        ' <<<"$p" >/dev/null || { echo "$p" && return 1; }
}

# Each lasts a second; containers store the duration with different precision.
@test "other containers keep all of the video and their audio" {
    local name frames
    for name in transport.ts camcorder.mts broadcast.ts disc.vob old.mpg camera.avi xvid.avi flash.flv sorenson.flv windows.wmv theora.ogv; do
        probe "$name"
        frames=$(of '.streams[0].nb_frames | tonumber')
        echo "$name $frames $(of '[.streams[] | "\(.codec_type) \(.duration)"] | join(" ")')"
        [ "$frames" -ge 24 ] && [ "$frames" -le 27 ]
        is "$(of '.streams | length')" 2
    done
    for name in pnot-first.mov uuid-first.mp4 styp-first.mp4; do
        probe "$name"
        is "$(of '.streams[0].nb_frames')" 25
    done
    probe animated.gif
    is "$(of '.streams[0].nb_frames')" 10
}

faststart() {
    local order
    order=$(grep -abom1 moov "$(file_of "$(video_of "$1")" play_file)" | cut -d: -f1)
    [ "$order" -lt "$(grep -abom1 mdat "$(file_of "$(video_of "$1")" play_file)" | cut -d: -f1)" ]
}

@test "served files decode to the end without a warning" { each served; }
@test "served files are H.264 and AAC within the limits, without metadata" { each conforms; }
@test "the index precedes the media data" { each faststart; }

small_enough() {
    local small errors
    small=$(url_of "$1" play_url_small)
    p=$(ffprobe -v error -of json -show_streams "$small")
    [ "$(of '.streams[0].width')" -le 540 ] && errors=$(ffmpeg -nostdin -v error -xerror -i "$small" -f null - 2>&1) &&
        is "$errors" ""
}

cover_good() {
    local cover url
    url=$(url_of "$1" cover_url) && cover=$(file_of "$(video_of "$1")" cover_file)
    is "$(curl -s --noproxy '*' -o "$BATS_TEST_TMPDIR/c.jpg" -w '%{http_code} %{content_type}' "$url")" "200 image/jpeg" &&
        cmp "$BATS_TEST_TMPDIR/c.jpg" "$cover" || return
    p=$(ffprobe -v error -of json -show_streams "$cover")
    [ "$(of '.streams[0].codec_name')" = mjpeg ] && [ "$(of '.streams[0].width')" -le 1080 ] &&
        [ "$(luma "$cover")" -gt 32 ]
}

# luma FILE: prints the mean brightness, 0 to 255.
luma() {
    ffprobe -v error -f lavfi "movie=$1,signalstats" -show_entries frame_tags=lavfi.signalstats.YAVG -of csv=p=0 |
        awk -F, '{ sum += $1; n++ } END { printf "%d", sum / n }'
}

@test "the small rendition is at most 540 pixels wide" { each small_enough; }
@test "the cover is a JPEG of at most 1080 pixels and not black" { each cover_good; }

# size_of NAME: prints WIDTHxHEIGHT.
size_of() { probe "$1" && of '.streams[0] | "\(.width)x\(.height)"'; }

@test "the served size is the displayed one, at most 1920" {
    is "$(size_of uhd60.mp4)" 1920x1080
    is "$(size_of portrait.mp4)" 720x1280
    is "$(size_of wide-pixels.mp4)" 320x180
    is "$(size_of rotate90.mov) $(size_of rotate180.mov) $(size_of rotate270.mov)" "180x320 320x180 180x320"
    [[ $(size_of odd.webm) == 16[02]x9[02] ]]
    probe portrait.mp4 small_file
    is "$(of '.streams[0] | "\(.width)x\(.height)"')" 540x960
}

# corner VIDEO-NAME: prints R, G, B of the upper left corner.
corner() {
    ffmpeg -nostdin -v error -i "$(file_of "$(video_of "$1")" play_file)" -vf crop=16:16:8:8,format=rgb24,scale=1:1 -frames:v 1 -f rawvideo \
        -pix_fmt rgb24 - | od -An -tu1 | awk '{ print ($1 > 128 ? "red" : $3 > 128 ? "blue" : "?") }'
}

@test "a rotated video is served upright" {
    # The left half is red.  A matrix of 90 in a MOV means a rotation to the left (ffprobe: rotation=90).
    is "$(corner rotate90.mov) $(corner rotate180.mov) $(corner rotate270.mov)" "blue blue red"
}

@test "120 frames a second become 60, and 60 stay" {
    probe fps120.mp4
    is "$(of '.streams[0].avg_frame_rate')" 60/1
    probe uhd60.mp4
    is "$(of '.streams[0].avg_frame_rate')" 60/1
}

@test "a variable frame rate keeps its timestamps" {
    probe vfr.mp4
    [ "$(of '.format.duration | tonumber * 10 | round')" -ge 19 ]
    is "$(of '.streams[0].nb_frames')" 30
}

@test "mono stays at most stereo, 5.1 becomes stereo, and silence stays silent" {
    probe silent.mp4
    is "$(of '.streams | length')" 1
    probe surround.mp4
    is "$(of '.streams[1].channels')" 2
    probe vp9-opus.webm
    is "$(of '.streams[1].codec_name')" aac
}

@test "HDR becomes SDR BT.709 with plausible brightness" {
    for name in pq.mp4 hlg.mov; do
        probe $name
        is "$(of '.streams[0] | "\(.color_transfer) \(.color_primaries) \(.color_space)"')" "bt709 bt709 bt709"
        mean=$(luma "$(file_of "$(video_of $name)" play_file)") plain=$(luma "$FIXTURES/h264.mp4")
        echo "$name $mean, the same in SDR $plain"
        [ "$mean" -gt $((plain / 2)) ] && [ "$mean" -lt $((plain * 3 / 2)) ]
    done
}

# slices_hash FILE: prints a hash of the coded slices, without parameter sets and SEI.
slices_hash() { ffmpeg -nostdin -v error -i "$1" -map 0:v:0 -c copy -bsf:v h264_mp4toannexb,filter_units=pass_types=1-5 -f md5 -; }

@test "a compliant video is remuxed without its metadata" {
    for name in compliant.mp4 compliant-main.mov; do
        file=$(file_of "$(video_of $name)" play_file)
        is "$(slices_hash "$file")" "$(slices_hash "$FIXTURES/$name")"
        grep -qa geheim "$FIXTURES/$name"
        fails grep -qaE 'geheim|48\.1371' "$file"
    done
}

@test "the author may set the cover by a picture or a time" {
    cd "$BATS_TEST_TMPDIR"
    encode white.jpg -f lavfi -i color=white:s=2000x1000 -frames:v 1 -metadata comment=geheim
    encode red.png -f lavfi -i color=red:s=100x200 -frames:v 1
    encode white.webp -f lavfi -i color=white:s=64x64 -frames:v 1
    jpg=$(publish_id "$CHECK/clip.mp4" "$ann" cover-jpg -F cover=@white.jpg)
    png=$(publish_id "$CHECK/clip.mp4" "$ann" cover-png -F cover=@red.png)
    webp=$(publish_id "$CHECK/clip.mp4" "$ann" cover-webp -F cover=@white.webp)
    moment=$(publish_id "$FIXTURES/black-first.mp4" "$ann" cover-ms -F cover_ms=0)
    broken=$(publish_id "$CHECK/clip.mp4" "$ann" cover-broken -F "cover=@-;filename=c" < <(printf '\xff\xd8\xff\xe0 nothing'))
    wait_settled
    is "$(luma "$(file_of "$jpg" cover_file)")" 255
    p=$(ffprobe -v error -of json -show_streams "$(file_of "$jpg" cover_file)")
    is "$(of '.streams[0] | "\(.codec_name) \(.width)x\(.height)"')" "mjpeg 1080x540"
    fails grep -qa geheim "$(file_of "$jpg" cover_file)"
    is "$(luma "$(file_of "$webp" cover_file)")" 255
    is "$(ffprobe -v error -of csv=p=0 -show_entries stream=codec_name,width "$(file_of "$png" cover_file)")" mjpeg,100
    [ "$(luma "$(file_of "$moment" cover_file)")" -lt 32 ]
    is "$(state_of cover-broken)" "ready " # ours stays
    [ "$(luma "$(file_of "$broken" cover_file)")" -gt 32 ]
}

# stop_at_cover: sends TERM to transcode while ffmpeg reads the author's cover.
stop_at_cover() {
    local job pid
    for job in $(workers transcode); do
        for pid in $(ffmpeg_below "$job"); do
            grep -qaF ../in/cover "/proc/$pid/cmdline" && kill -s STOP "$pid" && kill -s TERM "$job" && return
        done
    done
    return 1
}

@test "a restart while the cover is made keeps the author's cover" {
    encode "$BATS_TEST_TMPDIR/large.png" -f lavfi -i color=white:s=8000x8000 -frames:v 1
    id=$(publish_id "$CHECK/clip.mp4" "$ann" cover-stopped -F "cover=@$BATS_TEST_TMPDIR/large.png")
    wait_for 20 stop_at_cover
    wait_ready "$id"
    is "$(luma "$(file_of "$id" cover_file)")" 255
}

ffmpeg_runs() { [ -n "$(for job in $(workers transcode); do ffmpeg_below "$job"; done)" ]; }

@test "an attempt that lost its lease does not disturb the one that has it" {
    encode "$BATS_TEST_TMPDIR/long.mp4" -f lavfi -i testsrc2=s=1280x720:r=30:d=4 -c:v mpeg4
    publish_id "$BATS_TEST_TMPDIR/long.mp4" "$ann" lost
    wait_for 20 ffmpeg_runs
    sql "UPDATE job SET lease_until = 0"
    wait_settled
    is "$(state_of lost)" "ready "
}

@test "a cover that is no picture is rejected" {
    for text in 'just words' '#EXTM3U' '<svg xmlns="http://www.w3.org/2000/svg"/>' 'GIF89a..........'; do
        printf '%s' "$text" >"$BATS_TEST_TMPDIR/c.jpg"
        expect_error ERR_COVER_TYPE cover request POST publish/action -F "data=@$CHECK/clip.mp4" -F "token=$ann" \
            -F title=t -F "cover=@$BATS_TEST_TMPDIR/c.jpg"
    done
    expect_error ERR_COVER_TYPE cover request POST publish/action -F "data=@$CHECK/clip.mp4" -F "token=$ann" -F title=t \
        -F "cover=@$CHECK/clip.mp4"
    expect_error ERR_PARAM_RANGE cover_ms request POST publish/action -F "data=@$CHECK/clip.mp4" -F "token=$ann" -F title=t \
        -F cover_ms=-1
}

@test "media files and database rows agree" { fsck_clean; }

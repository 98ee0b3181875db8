# One upload of each kind: containers, codecs, a rotated one, a hostile one.  Every combination is in
# t/media/formats.bats, every attack in t/media/hostile.bats.
load ../lib/common
load ../lib/publish

# kind NAME EXTENSION FFMPEG-OPTION...: one second, 96x64.
kind() {
    encode "$KINDS/$1.$2" -f lavfi -i testsrc2=s=96x64:r=10:d=1 -f lavfi -i sine=d=1 "${@:3}"
}

setup_file() {
    instance_shared
    people ann
    export KINDS=$BATS_FILE_TMPDIR/kinds
    mkdir "$KINDS"
    kind h264-aac mp4 -pix_fmt yuv420p -c:v libx264 -preset ultrafast -c:a aac
    kind hevc-10bit mov -pix_fmt yuv420p10le -c:v libx265 -preset ultrafast -x265-params log-level=none -tag:v hvc1 -c:a aac
    kind vp9-opus webm -pix_fmt yuv420p -c:v libvpx-vp9 -cpu-used 8 -deadline realtime -c:a libopus
    kind mpeg4-mp3 mkv -pix_fmt yuv420p -c:v mpeg4 -c:a libmp3lame
    kind mjpeg-pcm avi -pix_fmt yuvj420p -c:v mjpeg -c:a pcm_s16le
    kind tagged mp4 -pix_fmt yuv420p -c:v libx264 -preset ultrafast -c:a aac -metadata title=标题 \
        -metadata:s:v handler_name=视频 -metadata:s:a handler_name=Été
    kind silent mp4 -pix_fmt yuv420p -c:v libx264 -preset ultrafast -an
    ffmpeg -nostdin -v error -display_rotation 90 -i "$KINDS/h264-aac.mp4" -c copy -y "$KINDS/rotated.mp4" 2>/dev/null ||
        ffmpeg -nostdin -v error -i "$KINDS/h264-aac.mp4" -c copy -metadata:s:v rotate=90 -y "$KINDS/rotated.mp4"
    publish_all "$ann" "$KINDS"/* >"$BATS_FILE_TMPDIR/published"
    wait_settled 60
}

served() { ffprobe -v error -of json -show_streams "$(file_of "$(sql "SELECT id FROM video WHERE title LIKE '%/$1'")" play_file)"; }

@test "each kind of video becomes ready" {
    is "$(cut -d' ' -f1 "$BATS_FILE_TMPDIR/published" | sort -u)" 200
    is "$(sql "SELECT title, state, reason FROM video WHERE author_id = $ann_id AND state <> 'ready'")" ""
    is "$(sql "SELECT count(*) FROM video WHERE author_id = $ann_id")" "$(find "$KINDS" -type f | wc -l)"
}

@test "each is served as H.264 in yuv420p, with AAC unless it is silent" {
    for file in "$KINDS"/*; do
        name=${file##*/} audio=' aac'
        [[ $name != silent.* ]] || audio=
        is "$name $(served "$name" | jq -r '[.streams[] | .codec_name] | join(" ")')" "$name h264$audio"
        is "$name $(served "$name" | jq -r '.streams[0].pix_fmt')" "$name yuv420p"
    done
}

@test "a rotated video is served upright" {
    is "$(served rotated.mp4 | jq -r '.streams[0] | "\(.width) \(.height)"')" "64 96"
    is "$(served h264-aac.mp4 | jq -r '.streams[0] | "\(.width) \(.height)"')" "96 64"
}

@test "a playlist with the name of a video is rejected" {
    printf '#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n' >"$BATS_TEST_TMPDIR/list.mp4"
    expect_error ERR_FILE_TYPE data upload "$BATS_TEST_TMPDIR/list.mp4" "$ann" list
}

# Videos and covers as served by nginx.
load ../lib/common

setup_file() {
    instance_shared
    people alice
    # Incompressible, so that the file is large enough for range requests.
    make_clip "$BATS_FILE_TMPDIR/long.mp4" -filter_complex '[0]loop=loop=-1:size=10,noise=alls=60:allf=t[v]' \
        -map '[v]' -map 1 -t 8 -metadata title=private-title -metadata location=+31.2+121.4/
    video=$(publish "$BATS_FILE_TMPDIR/long.mp4" "$alice" media)
    wait_ready "$video"
    must get publish/list token="$alice"
    play=$(got '.video_list[0].play_url') cover=$(got '.video_list[0].cover_url')
    export video play cover
    curl -sS --noproxy '*' -m 30 -o "$BATS_FILE_TMPDIR/play" "$play"
}

# ask URL CURL-OPTION...: sets http; header LINE checks the headers.
ask() {
    http=$(curl -sS --noproxy '*' -m 30 -D "$BATS_TEST_TMPDIR/headers" -o "$BATS_TEST_TMPDIR/body" \
        -w '%{http_code}' "${@:2}" "$1")
    tr -d '\r' <"$BATS_TEST_TMPDIR/headers"
}
header() { tr -d '\r' <"$BATS_TEST_TMPDIR/headers" | grep -qixE "$1"; }

@test "a video has type, size, an unlimited cache lifetime and nosniff" {
    ask "$play"
    is "$http" 200
    header 'content-type: video/mp4'
    header 'accept-ranges: bytes'
    header 'cache-control: public, max-age=31536000, immutable'
    header 'x-content-type-options: nosniff'
    header 'etag: .+'
    header "content-length: $(stat -c %s "$BATS_TEST_TMPDIR/body")"
    fails header 'set-cookie:.*'
}

@test "range requests for a video are answered" {
    size=$(stat -c %s "$BATS_FILE_TMPDIR/play")
    [ "$size" -gt 20000 ]
    ask "$play" -H 'Range: bytes=1000-1999'
    is "$http" 206
    header "content-range: bytes 1000-1999/$size"
    cmp "$BATS_TEST_TMPDIR/body" <(tail -c +1001 "$BATS_FILE_TMPDIR/play" | head -c 1000)
    ask "$play" -H 'Range: bytes=-500'
    is "$http" 206
    cmp "$BATS_TEST_TMPDIR/body" <(tail -c 500 "$BATS_FILE_TMPDIR/play")
    ask "$play" -H "Range: bytes=$((size - 10))-"
    cmp "$BATS_TEST_TMPDIR/body" <(tail -c 10 "$BATS_FILE_TMPDIR/play")
    ask "$play" -H "Range: bytes=$size-"
    is "$http" 416
    header "content-range: bytes \*/$size"
}

@test "conditional requests for an unchanged video get 304" {
    ask "$play"
    etag=$(sed -n 's/^etag: //Ip' <(tr -d '\r' <"$BATS_TEST_TMPDIR/headers"))
    ask "$play" -H "If-None-Match: $etag"
    is "$http" 304
    header 'cache-control: .*immutable'
}

@test "HEAD of a video has no body, and POST is 405 with Allow" {
    is "$(curl -sI --noproxy '*' -m 30 -o /dev/null -w '%{http_code} %{size_download}' "$play")" "200 0"
    ask "$play" -X POST -d x
    is "$http" 405
    header 'allow: GET, HEAD'
}

@test "the video is H.264 and AAC with the index first" {
    is "$(ffprobe -v error -show_entries stream=codec_name -of csv=p=0 "$play" | sort | xargs)" "aac h264"
    is "$(ffprobe -v error -select_streams v -show_entries stream=pix_fmt,width,height -of csv=p=0 "$play")" 64,96,yuv420p
    moov=$(grep -abo moov "$BATS_FILE_TMPDIR/play" | head -n 1 | cut -d: -f1)
    mdat=$(grep -abo mdat "$BATS_FILE_TMPDIR/play" | head -n 1 | cut -d: -f1)
    [ "$moov" -lt "$mdat" ]
}

@test "the served video is never the upload and has no metadata of the phone" {
    fails cmp -s "$BATS_FILE_TMPDIR/long.mp4" "$BATS_FILE_TMPDIR/play"
    fails grep -qaE 'private-title|31\.2' "$BATS_FILE_TMPDIR/play"
    is "$(grep -caE 'private-title' "$BATS_FILE_TMPDIR/long.mp4")" 1
}

@test "the cover is a JPEG of the same shape" {
    ask "$cover"
    is "$http" 200
    header 'content-type: image/jpeg'
    header 'cache-control: public, max-age=31536000, immutable'
    is "$(head -c 3 "$BATS_TEST_TMPDIR/body" | od -An -tx1 | tr -d ' ')" ffd8ff
    is "$(ffprobe -v error -show_entries stream=width,height -of csv=p=0 "$cover")" 64,96
}

@test "the cover is not black where the video starts black" {
    encode "$BATS_TEST_TMPDIR/dark.mp4" -f lavfi -i color=black:s=64x96:r=10:d=0.5 -f lavfi -i testsrc2=s=64x96:r=10:d=3 \
        -filter_complex '[0][1]concat' -pix_fmt yuv420p -c:v libx264 -preset ultrafast
    id=$(publish "$BATS_TEST_TMPDIR/dark.mp4" "$alice" dark)
    wait_ready "$id"
    url=$(field ".video_list[] | select(.id == $id).cover_url" publish/list token="$alice")
    luma=$(ffmpeg -nostdin -v error -i "$url" -vf scale=1:1,format=gray -f rawvideo - | od -An -tu1 | tr -d ' ')
    [ "$luma" -gt 30 ]
}

@test "folders are not listed, and only media is served" {
    folder=${play%/*}
    for url in "$(base)/media/" "$folder/" "$folder" "$(base)/media" "$folder/../../upload/" "$folder/.."; do
        ask "$url" --path-as-is
        [[ $http == 404 || $http == 400 ]] || is "$url $http" "$url 404"
    done
}

@test "a removed file is gone at once in all nginx processes" {
    mkdir -p "$DOUSHENG_HOME/media/0e"
    cp "$CHECK/clip.mp4" "$DOUSHENG_HOME/media/0e/0e.mp4"
    asked() { for _ in {1..24}; do curl -s --noproxy '*' -m 30 -o /dev/null -w '%{http_code}\n' "$(base)/media/0e/0e.mp4"; done | sort -u | xargs; }
    is "$(asked)" 200
    rm -r "$DOUSHENG_HOME/media/0e"
    sleep 1.2
    is "$(asked)" 404
}

@test "missing pictures are replaced by placeholders" {
    sql "INSERT INTO video (author_id, title, state) VALUES ($alice_id, 'waiting', 'processing')"
    must get publish/list token="$alice"
    sql "DELETE FROM video WHERE title = 'waiting'"
    ask "$(got '.video_list[0].cover_url')"
    is "$http" 200
    header 'content-type: image/png'
    ask "$(got '.video_list[0].play_url')"
    is "$http" 200
    header 'content-type: video/mp4'
    fails header 'cache-control: .*immutable' # these may change
}

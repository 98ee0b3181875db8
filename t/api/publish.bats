# Publishing: upload, transcoding, the author's list.
load ../lib/common

setup_file() {
    instance_shared
    people alice bob
}

# nothing_left: the folders through which an upload passes are empty.
nothing_left() { [ -z "$(find "$DOUSHENG_HOME"/{spool,upload,work} -type f)" ]; }

# works_are N: alice's work_count; after a failure it is right once the ledger is folded.
works_are() { is "$(field .user.work_count user token="$alice")" "$1"; }

# times VIDEO PATH KEY=VALUE...: prints how often the video is in this list.
times() { field "[.video_list[] | select(.id == $1)] | length" "${@:2}"; }

status_of() { field ".video_list[] | select(.id == $2).status" publish/list token="$1"; }

@test "a published video is in its author's list at once, and in the feed when ready" {
    video=$(publish "$CHECK/clip.mp4" "$alice" first)
    must get publish/list token="$alice"
    shape videos_reply
    is "$(got '.video_list[0] | "\(.id) \(.title) \(.author.id)"')" "$video first $alice_id"
    wait_ready "$video"
    is "$(field '.video_list[0].id' feed)" "$video"
    must get publish/list token="$alice"
    is "$(got '.video_list[0] | "\(.id) \(.status)"')" "$video ready"
    is "$(got '.video_list[0].play_url' | grep -cE '/media/../[0-9a-f]+\.mp4$')" 1
    is "$(got '.video_list[0].cover_url' | grep -cE '/media/../[0-9a-f]+\.jpg$')" 1
    wait_for 5 nothing_left
}

@test "multipart parts may come in any order, and the token in the query" {
    before=$(field .user.work_count user token="$bob")
    d=(-F "data=@$CHECK/clip.mp4") t=(-F "token=$bob") n=(-F title=order)
    must request POST publish/action "${d[@]}" "${t[@]}" "${n[@]}"
    must request POST publish/action "${n[@]}" "${d[@]}" "${t[@]}"
    must request POST publish/action "${t[@]}" "${n[@]}" "${d[@]}"
    must request POST "/douyin/publish/action/?token=$bob&title=query" "${d[@]}"
    is "$(field '.video_list[0].title' publish/list token="$bob")" query
    is "$(field .user.work_count user token="$bob")" $((before + 4))
}

@test "only its author sees a video in processing" {
    video=$(sql "INSERT INTO video (author_id, title, state)
        VALUES ($alice_id, 'secret', 'processing') RETURNING id")
    must get publish/list token="$alice"
    shape videos_reply # play_url and cover_url are there
    is "$(status_of "$alice" "$video")" processing
    is "$(times "$video" publish/list user_id="$alice_id" token="$bob")" 0
    is "$(times "$video" publish/list user_id="$alice_id")" 0
    is "$(times "$video" feed token="$alice")" 0
    expect_error ERR_VIDEO_UNKNOWN video_id post favorite/action token="$bob" video_id="$video" action_type=1
    sql "DELETE FROM video WHERE id = $video"
}

@test "a file that only looks like a video fails and is not counted" {
    { head -c 32 "$CHECK/clip.mp4" && head -c 20000 /dev/urandom; } >"$BATS_TEST_TMPDIR/broken.mp4"
    before=$(field .user.work_count user token="$alice")
    video=$(publish "$BATS_TEST_TMPDIR/broken.mp4" "$alice" broken)
    wait_for 30 is_state "$video" failed
    is "$(status_of "$alice" "$video")" failed
    is "$(sql "SELECT reason FROM video WHERE id = $video")" damaged
    wait_for 2 works_are "$before"
    is "$(times "$video" publish/list user_id="$alice_id" token="$bob")" 0
    must post publish/delete token="$alice" video_id="$video"
    wait_for 5 nothing_left
}

@test "audio without video fails" {
    encode "$BATS_TEST_TMPDIR/sound.mp4" -f lavfi -i sine=d=1 -c:a aac -f mp4
    video=$(publish "$BATS_TEST_TMPDIR/sound.mp4" "$alice" sound)
    wait_for 30 is_state "$video" failed
    is "$(sql "SELECT reason FROM video WHERE id = $video")" sound_only
    must post publish/delete token="$alice" video_id="$video"
}

@test "Matroska, odd dimensions and missing sound are made playable" {
    encode "$BATS_TEST_TMPDIR/odd.mkv" -f lavfi -i testsrc2=s=65x97:r=10:d=1 -pix_fmt yuv444p -c:v libx264 \
        -preset ultrafast -f matroska
    video=$(publish "$BATS_TEST_TMPDIR/odd.mkv" "$alice" odd)
    wait_ready "$video"
    url=$(field ".video_list[] | select(.id == $video).play_url" publish/list token="$alice")
    is "$(ffprobe -v error -show_entries stream=codec_name,pix_fmt -of csv=p=0 "$url")" h264,yuv420p
}

@test "publishing the same file twice makes two videos" {
    one=$(publish "$CHECK/clip.mp4" "$alice" same) two=$(publish "$CHECK/clip.mp4" "$bob" same)
    wait_ready "$one"
    wait_ready "$two"
    [ "$one" != "$two" ]
}

@test "a user's videos are listed newest first, paged by count and cursor" {
    must get publish/list token="$alice"
    all=$(got '[.video_list[].id]')
    is "$all" "$(got '[.video_list[].id] | sort | reverse')"
    must get publish/list token="$alice" count=2
    is "$(got '[.video_list[].id] | length')" 2
    first=$(got '[.video_list[].id]')
    must get publish/list token="$alice" count=1000 cursor="$(got .next_cursor)"
    is "$(jq -n "$first + $(got '[.video_list[].id]')")" "$all"
    is "$(got .next_cursor)" 0
}

@test "the list of no user is empty" {
    assert_empty_without_login publish/list videos_reply .video_list
    must get publish/list user_id=999999999
    is "$(got '.video_list')" "[]"
}

# refused_upload ERROR FIELD CURL-OPTION...: the upload is rejected and leaves no row or file.
refused_upload() {
    local name=$1 name_of_field=$2 before
    shift 2
    before=$(facts)
    expect_error "$name" "$name_of_field" request POST publish/action "$@"
    is "$(facts)" "$before"
    wait_for 5 nothing_left
}

@test "invalid uploads are rejected" {
    cd "$BATS_TEST_TMPDIR"
    : >empty.mp4
    echo "this is no video" >text.mp4
    printf '\0\0\0' >short.mp4
    ok=(-F "token=$alice" -F title=t)
    file=(-F "data=@$CHECK/clip.mp4")
    refused_upload ERR_FILE_EMPTY data "${ok[@]}" -F data=@empty.mp4
    refused_upload ERR_FILE_TYPE data "${ok[@]}" -F data=@text.mp4
    refused_upload ERR_FILE_TYPE data "${ok[@]}" -F data=@short.mp4
    refused_upload ERR_PARAM_MISSING data "${ok[@]}"
    refused_upload ERR_PARAM_MISSING data -d "token=$alice&title=t&data=x"
    refused_upload ERR_PARAM_MISSING title -F "token=$alice" "${file[@]}"
    refused_upload ERR_PARAM_MISSING title -F "token=$alice" -F title= "${file[@]}"
    refused_upload ERR_PARAM_LENGTH title -F "token=$alice" -F "title=$(printf 'é%.0s' {1..201})" "${file[@]}"
    refused_upload ERR_PARAM_TEXT title -F "token=$alice" -F "title="$'\xff' "${file[@]}"
    refused_upload ERR_UNAUTHENTICATED token -F title=t "${file[@]}"
    refused_upload ERR_UNAUTHENTICATED token -F token=broken -F title=t "${file[@]}"
}

# The first bytes of a photo, a song and another container.
heads() {
    printf '\0\0\0\30ftypheic\0\0\0\0mif1heic' >photo.heic
    printf '\377\330\377\340' >photo.jpg
    printf 'II*\0\10\0\0\0' >photo.dng
    printf 'ID3\4\0\0\0\0\0\0' >song.mp3
    printf 'RIFF\44\0\0\0WAVEfmt ' >song.wav
    printf '\6\16\53\64\2\5\1\1' >broadcast.mxf
}

@test "photos, songs and unsupported containers are rejected by their name in both languages" {
    cd "$BATS_TEST_TMPDIR"
    heads
    for name in photo.heic photo.jpg photo.dng; do refused_upload ERR_FILE_PHOTO data -F "token=$alice" -F title=t -F "data=@$name"; done
    for name in song.mp3 song.wav; do refused_upload ERR_FILE_SOUND data -F "token=$alice" -F title=t -F "data=@$name"; done
    refused_upload ERR_FILE_FORMAT MP4 -F "token=$alice" -F title=t -F data=@broadcast.mxf
    upload photo.heic "$alice" t -H 'Accept-Language: zh'
    [[ $reply == *文件是照片* ]]
}

@test "a title of 200 characters is stored whole" {
    title=$(printf '视%.0s' {1..200})
    publish "$CHECK/clip.mp4" "$alice" "$title"
    is "$(field '.video_list[0].title' publish/list token="$alice")" "$title"
}

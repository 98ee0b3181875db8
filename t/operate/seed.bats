# The seed of a new instance.
# bats file_tags=slow
load ../lib/common

setup_file() {
    DOUSHENG_SEED=yes instance_up seeded
}

teardown_file() {
    instance_down
}

@test "the seed has 6 users and 8 videos with likes, comments and follows" {
    must get feed
    shape feed_reply
    is "$(got '.video_list | length')" 8
    is "$(got '[.video_list[].author.name] | unique | length')" 6
    is "$(sql 'SELECT count(*) FROM account')" 6
    is "$(got 'all(.video_list[]; .favorite_count > 0 and .comment_count > 0)')" true
    is "$(got 'all(.video_list[].author; .follow_count > 0 and .follower_count > 0 and .work_count > 0)')" true
    is "$(sql "SELECT count(*) FROM video WHERE state <> 'ready'")" 0
    is "$(drift)" ""
    # Names in Latin and in Chinese script.
    is "$(got '[.video_list[].author.name] | add | test("[a-z]") and test("\\p{Han}")')" true
}

@test "seed videos are upright, 5 to 15 s long, and have audio" {
    must get feed
    got '.video_list[] | "\(.play_url) \(.cover_url)"' >"$BATS_TEST_TMPDIR/urls"
    seen=0
    while read -r play cover; do
        probe=$(ffprobe -v error -show_entries stream=codec_type,width,height:format=duration -of json "$play")
        jq -e '(.format.duration | tonumber) as $d | $d >= 4.9 and $d <= 15.1' <<<"$probe"
        jq -e '.streams[] | select(.codec_type == "video") | .height > .width' <<<"$probe"
        jq -e 'any(.streams[]; .codec_type == "audio")' <<<"$probe"
        is "$(curl -s -o /dev/null -w '%{http_code} %{content_type}' "$cover")" "200 image/jpeg"
        seen=$((seen + 1))
    done <"$BATS_TEST_TMPDIR/urls"
    is "$seen" 8
}

@test "seeding a second time adds nothing" {
    before=$(facts)
    export DOUSHENG_SEED=yes
    up
    down
    up
    is "$(facts)" "$before"
}

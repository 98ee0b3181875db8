# nginx's cache of the anonymous feed.
load ../lib/common

setup_file() {
    instance_shared
    people alice
    video=$(publish_ready "$alice" kept)
    export video
}

# count [CURL-OPTION...]: prints the video's favorite_count in the anonymous feed.
count() {
    curl -sS --noproxy '*' -m 30 "$@" "$(base)/douyin/feed/" |
        jq ".video_list[] | select(.id == $video).favorite_count"
}

# passed: prints how many feed requests the workers have answered.
passed() {
    curl -sS --noproxy '*' -m 30 -f "$(base)/metrics/" |
        awk -F'[ "]' '/^dousheng_requests_total/ && /route="\/douyin\/feed\/"/ { n += $NF } END { print n + 0 }'
}

@test "anonymous callers share a cached feed for one second" {
    count
    like "$alice" "$video"
    sleep 1.1
    is "$(count)" 1
    unlike "$alice" "$video"
    sleep 1.1
    is "$(count)" 0
}

@test "many anonymous requests in a second reach the workers only a few times" {
    count
    sleep 1 # one is counted when it has been answered
    before=$(passed) began=$SECONDS
    for _ in {1..40}; do printf 'url = "%s/douyin/feed/"\noutput = /dev/null\n' "$(base)"; done |
        curl -sS --noproxy '*' -m 30 -K -
    took=$((SECONDS - began))
    sleep 1
    more=$(($(passed) - before))
    echo "$more requests in $took to $((took + 1)) s"
    [ "$before" -gt 0 ]
    [ "$more" -le $((took + 2)) ]
}

@test "an anonymous feed is at most a second old; one with a token is never cached" {
    # The observation is valid if all of it fell into one second of the clock.
    for _ in {1..20}; do
        sleep "$(printf '0.%03d' $((999 - $(now_ms) % 1000)))"
        start=$(($(now_ms) / 1000))
        count
        like "$alice" "$video"
        stranger=$(count) own=$(count -H "Authorization: Bearer $alice")
        same=$(($(now_ms) / 1000 - start))
        sleep 1.1
        later=$(count)
        unlike "$alice" "$video"
        sleep 1.1
        [ "$same" != 0 ] || break
    done
    is "$same" 0
    is "$stranger $own $later" "0 1 1"
}

@test "a token in the query, header or body bypasses the cache" {
    count
    like "$alice" "$video"
    is "$(count -G -d "token=$alice")" 1
    is "$(count -H "Authorization: Bearer $alice")" 1
    is "$(count -X GET -d "token=$alice")" 1
    unlike "$alice" "$video"
}

@test "the cache distinguishes hosts and languages" {
    is "$(curl -sS --noproxy '*' -m 30 -H 'Host: a.example' "$(base)/douyin/feed/" | grep -c http://a.example/media)" 1
    is "$(curl -sS --noproxy '*' -m 30 -H 'Host: b.example' "$(base)/douyin/feed/" | grep -c http://a.example/media)" 0
    is "$(curl -sS --noproxy '*' -m 30 -H 'Accept-Language: zh' "$(base)/douyin/feed/" | jq -r .status_msg)" 成功
    is "$(curl -sS --noproxy '*' -m 30 "$(base)/douyin/feed/" | jq -r .status_msg)" success
}

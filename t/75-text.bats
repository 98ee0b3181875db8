# What people write comes back as they wrote it.
load lib

setup_file() {
    people alice bob
    video=$(publish_ready "$alice" target)
    export video
}

# One a line; each is 1 to 32 characters, so that it can be a name.
texts() {
    cat <<-'EOT'
		😀👨‍👩‍👧‍👦🏳️‍🌈
		it's "quoted" `so`
		back\slash \n \u0041 \\
		<b>bold</b> &amp; <script>
		%s %d %n %00 100%
		e&a=b;c+d#f?g/h
		éñ à combining
		中文名字，标点。
		'; DROP TABLE account; --
		{"json": [null, 1e3]}
		‮right to left שלום
		𝔘𝔫𝔦𝔠𝔬𝔡𝔢 ﷽
		$1 ${HOME} $(id) !!
	EOT
}

same_everywhere() {
    local text=$1
    publish "$CHECK/clip.mp4" "$alice" "$text"
    is "$(field '.video_list[0].title' publish/list token="$alice")" "$text"
    must post comment/action token="$bob" video_id="$video" action_type=1 comment_text="$text"
    is "$(got .comment.content)" "$text"
    is "$(field '.comment_list[0].content' comment/list video_id="$video")" "$text"
    say "$bob" "$alice_id" "$text"
    is "$(field '.message_list[-1].content' message/chat token="$alice" to_user_id="$bob_id")" "$text"
    is "$(sql "SELECT content FROM message ORDER BY created_at DESC LIMIT 1")" "$text"
}

@test "titles, comments and messages round-trip" {
    rows=0
    while IFS= read -r text; do
        same_everywhere "$text"
        rows=$((rows + 1))
    done < <(texts)
    is "$rows" 13
}

@test "control characters round-trip" {
    same_everywhere "tab"$'\t'"feed"$'\f'"bell"$'\a'"escape"$'\e'"del"$'\x7f'"return"$'\r'"end"
    same_everywhere "two"$'\n'"lines"
}

@test "names round-trip, and log in" {
    rows=0
    while IFS= read -r name; do
        [[ $name != *$'\u202e'* ]] || continue
        token=$(register "$name")
        is "$(field .user.name user token="$token")" "$name"
        must post user/login username="$name" password="$PASSWORD"
        rows=$((rows + 1))
    done < <(texts)
    is "$rows" 12
}

@test "names that look like others are refused: nothing invisible, no turned direction, no controls" {
    for mark in $'\u200b' $'\u200f' $'\u202e' $'\u2066' $'\u2060' $'\ufeff' $'\u061c' $'\u0085' $'\n' $'\x7f'; do
        expect_error ERR_PARAM_INVALID username post user/register username="$(unique ad)${mark}min" password="$PASSWORD"
    done
    is "$(sql "SELECT count(*) FROM account WHERE name ~ 'ad-.*min'")" 0
}

@test "passwords are compared byte by byte" {
    name=$(unique text)
    register "$name" 'pw-geheim "\<é> 😀'
    must post user/login username="$name" password='pw-geheim "\<é> 😀'
    expect_error ERR_LOGIN password post user/login username="$name" password='pw-geheim "\<é> 😁'
}

@test "a name of 32 characters is counted in characters" {
    name=$(unique 😀)
    while [ "${#name}" -lt 32 ]; do name+=字; done
    token=$(register "${name:0:32}")
    is "$(field .user.name user token="$token")" "${name:0:32}"
}

@test "replies are UTF-8 JSON that strict readers take" {
    must get comment/list video_id="$video" count=1000
    printf '%s' "$reply" | iconv -f UTF-8 -t UTF-8 >/dev/null
    fails grep -q $'[\x01-\x1f]' <<<"$reply"
}

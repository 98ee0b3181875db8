# Text: stored unchanged, validated, and names unique.
load ../lib/common

setup_file() {
    instance_shared
    people alice bob
    video=$(publish_ready "$alice" target)
    export video
}

# Sample texts, one per line; each has 1 to 32 characters, so that it can be a name.
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

@test "titles, comments and messages round-trip unchanged" {
    rows=0
    while IFS= read -r text; do
        same_everywhere "$text"
        rows=$((rows + 1))
    done < <(texts)
    is "$rows" 13
}

@test "control characters round-trip unchanged" {
    same_everywhere "tab"$'\t'"feed"$'\f'"bell"$'\a'"escape"$'\e'"del"$'\x7f'"return"$'\r'"end"
    same_everywhere "two"$'\n'"lines"
}

@test "names round-trip unchanged and can log in" {
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

@test "names with invisible characters or surrounding blanks are rejected" {
    for mark in $'\u200b' $'\u200f' $'\u202e' $'\u2066' $'\u2060' $'\ufeff' $'\u061c' $'\u0085' $'\n' $'\x7f' $'\u3164' $'\u2800'; do
        expect_error ERR_PARAM_INVALID username post user/register username="$(unique ad)${mark}min" password="$PASSWORD"
    done
    for blank in ' ' $'\u3000' $'\u00a0' $'\u2003' $'\t' $'\u2800' $'\u200d'; do
        expect_error ERR_PARAM_INVALID username post user/register username="$blank$(unique admin)" password="$PASSWORD"
        expect_error ERR_PARAM_INVALID username post user/register username="$(unique admin)$blank" password="$PASSWORD"
    done
    is "$(sql "SELECT count(*) FROM account WHERE name ~ 'ad-.*min' OR name ~ 'admin-'")" 0
}

@test "text without a visible character counts as empty everywhere" {
    before=$(facts)
    rows=0
    for nothing in ' ' $'\u3000\u3000' $'\u00a0' $'\u2800' $'\u3164' $'\u115f' $'\u200b\u200d' $'\u202e\u2066' $'\t\n' $'\a\e' $'\u0301'; do
        expect_error ERR_PARAM_MISSING username post user/register username="$nothing" password="$PASSWORD"
        expect_error ERR_PARAM_MISSING title upload "$CHECK/clip.mp4" "$alice" "$nothing"
        expect_error ERR_PARAM_MISSING comment_text post comment/action token="$bob" video_id="$video" action_type=1 comment_text="$nothing"
        expect_error ERR_PARAM_MISSING content post message/action token="$bob" to_user_id="$alice_id" action_type=1 content="$nothing"
        request POST upload -H 'Tus-Resumable: 1.0.0' -H "Authorization: Bearer $alice" -H 'Upload-Length: 5' \
            -H "Upload-Metadata: title $(printf '%s' "$nothing" | base64 -w0)"
        is "$http $(got .status_code)" "400 1001"
        rows=$((rows + 1))
    done
    is "$rows" 11
    is "$(facts)" "$before"
}

# taken NAME: registration rejects the name.
taken() { expect_error ERR_NAME_TAKEN username post user/register username="$1" password="$PASSWORD"; }

@test "names are unique and log in under Unicode normalization and case folding" {
    name=$(unique lin)
    register "$name"
    id=$(got .user_id)
    for like in "${name^^}" "${name^}" "ｌｉｎ${name#lin}" "1in${name#lin}" "Iin${name#lin}" "lіn${name#lin}" "li"$'\u200d'"n${name#lin}"; do
        taken "$like"
    done
    must post user/login username="${name^^}" password="$PASSWORD"
    is "$(got .user_id)" "$id"
    expect_error ERR_BAD_CREDENTIALS password post user/login username="${name^^}" password="$PASSWORD."
    is "$(sql "SELECT count(*) FROM account WHERE name_folded = '$name' OR name = '$name'")" 1
}

@test "of many concurrent registrations of similar names one succeeds" {
    name=$(unique mei)
    for ((i = 0; i < ${#name}; i++)); do
        printf 'user/register?username=%s%s&password=%s\n' "$(tr '[:lower:]' '[:upper:]' <<<"${name:0:i}")" "${name:i}" "$PASSWORD"
    done >"$BATS_TEST_TMPDIR/all"
    flood 8 <"$BATS_TEST_TMPDIR/all" | tee "$BATS_TEST_TMPDIR/codes"
    grep -qx '1 0' "$BATS_TEST_TMPDIR/codes"
    is "$(sql "SELECT count(*) FROM account WHERE lower(name) = '$name'")" 1
}

folded() { [ "$(sql "SELECT count(*) FROM account WHERE name_folded IS NULL")" = 0 ]; }

@test "similar names from before the rule stay, log in exactly, and block new ones" {
    name=$(unique old) ids=
    hash=$(sql "SELECT password FROM account WHERE id = $alice_id")
    for like in "$name" "${name^^}" "$name " "${name^}"; do
        ids+=$(sql "INSERT INTO account (name, password) VALUES ('$like', '$hash') RETURNING id")' '
    done
    wait_for 10 folded
    for like in "$name" "${name^^}" "$name " "${name^}"; do
        must post user/login username="$like" password="$PASSWORD"
        is "$(got .user_id)" "${ids%% *}"
        ids=${ids#* }
        [ "$like" != "$name " ] || continue # which nobody may have any more
        taken "$like"
    done
    taken "${name:0:2}${name:2:1}${name:3}"
    taken "oL${name:2}"
    # Another spelling finds the oldest account only.
    must post user/login username="oL${name:2}" password="$PASSWORD"
    is "$(got .user_id)" "$(sql "SELECT id FROM account WHERE name = '$name'")"
    # The same for a name whose other spellings exist already.
    late=$(sql "INSERT INTO account (name, password) VALUES ('oL${name:2}', '$hash') RETURNING id")
    wait_for 10 folded
    must post user/login username="oL${name:2}" password="$PASSWORD"
    is "$(got .user_id)" "$late"
}

@test "a name changed by SQL is as unique as others" {
    name=$(unique kim)
    register "$name"
    sql "UPDATE account SET name = 'new$name' WHERE name = '$name'"
    wait_for 10 folded
    taken "NEW$name"
    register "${name^^}"
}

@test "passwords are compared byte by byte" {
    name=$(unique text)
    register "$name" 'pw-geheim "\<é> 😀'
    must post user/login username="$name" password='pw-geheim "\<é> 😀'
    expect_error ERR_BAD_CREDENTIALS password post user/login username="$name" password='pw-geheim "\<é> 😁'
}

@test "the name length limit of 32 counts characters, not bytes" {
    name=$(unique 😀)
    while [ "${#name}" -lt 32 ]; do name+=字; done
    token=$(register "${name:0:32}")
    is "$(field .user.name user token="$token")" "${name:0:32}"
}

@test "replies are UTF-8 JSON that strict parsers accept" {
    must get comment/list video_id="$video" count=1000
    printf '%s' "$reply" | iconv -f UTF-8 -t UTF-8 >/dev/null
    fails grep -q $'[\x01-\x1f]' <<<"$reply"
}

# Multipart bodies, written by hand.
load ../lib/common

setup_file() {
    instance_shared
    people alice
}

quiet() { is "$(sql 'SELECT count(*) FROM job') $(find "$DOUSHENG_HOME"/{spool,upload,work} -type f)" "0 "; }

setup() {
    wait_for 60 quiet # what the test before has sent
    before=$(facts) pids=$(workers)
    body=$BATS_TEST_TMPDIR/body
    : >"$body"
}

teardown() {
    is "$(workers)" "$pids"
}

# part HEADERS CONTENT-FILE|-: adds a part with the boundary b.
part() {
    # shellcheck disable=SC2059
    { printf -- "--b\r\n$1\r\n\r\n" && cat "$2" && printf '\r\n'; } >>"$body"
}

text() { printf '%s' "$2" | part "Content-Disposition: form-data; name=\"$1\"" -; }
file() { part "Content-Disposition: form-data; name=\"data\"; filename=\"${1:-clip.mp4}\"\r\nContent-Type: video/mp4" "${2:-$CHECK/clip.mp4}"; }
end() { printf -- '--b--\r\n' >>"$body"; }

send() {
    request POST publish/action -H "Content-Type: ${1-multipart/form-data; boundary=b}" --data-binary "@$body"
}

# refused ERROR FIELD [CONTENT-TYPE]: the body is rejected and leaves no row or file.
refused() {
    expect_error "$1" "$2" send "${@:3}"
    is "$(facts)" "$before"
    wait_for 5 nothing_left # nginx removes what it has spooled after it has answered
}
nothing_left() { is "$(find "$DOUSHENG_HOME"/{spool,upload} -type f)" ""; }

@test "a well-formed multipart body is accepted" {
    text token "$alice"
    text title "by hand"
    file
    end
    must send
    is "$(field '.video_list[0].title' publish/list token="$alice")" "by hand"
    must send 'Multipart/Form-Data; charset=utf-8; boundary="b"'
}

@test "preamble and epilogue are ignored" {
    printf 'preamble\r\n' >>"$body"
    text token "$alice"
    file
    text title between
    end
    printf 'epilogue --b' >>"$body"
    must send
}

@test "the file's bytes are stored unchanged" {
    # Invalid boundaries: another one, one without its line break.
    { cat "$CHECK/clip.mp4" && printf '\r\n--c--\r\nx--b--\r\n\r\n-b'; } >"$BATS_TEST_TMPDIR/tricky"
    text token "$alice"
    text title tricky
    file clip.mp4 "$BATS_TEST_TMPDIR/tricky"
    end
    must send
    video=$(field '.video_list[0].id' publish/list token="$alice")
    size=$(sql "SELECT source_length FROM job WHERE video_id = $video")
    [ -z "$size" ] || is "$size" "$(stat -c %s "$BATS_TEST_TMPDIR/tricky")"
    wait_ready "$video"
}

@test "a path in the file name is ignored" {
    for name in ../../../../tmp/evil.mp4 /etc/passwd '..\\..\\evil.mp4' '' 'a;name=token'; do
        : >"$body"
        text token "$alice"
        text title "named"
        file "$name"
        end
        must send
    done
    is "$(find "$DOUSHENG_HOME" /tmp -maxdepth 2 -name '*evil*' 2>/dev/null)" ""
}

@test "parameters may be quoted or unquoted" {
    part 'Content-Disposition: form-data; name=token' <(printf '%s' "$alice")
    part 'content-disposition:form-data;filename="x";name="ti\\tle"' <(printf 'escaped')
    file
    end
    must send
    is "$(field '.video_list[0].title' publish/list token="$alice")" escaped
}

@test "a missing or invalid boundary is rejected" {
    text token "$alice"
    text title t
    file
    end
    refused ERR_MULTIPART boundary multipart/form-data
    refused ERR_MULTIPART boundary 'multipart/form-data; boundary='
    refused ERR_MULTIPART boundary 'multipart/form-data; boundary=""'
    refused ERR_MULTIPART boundary "multipart/form-data; boundary=$(printf 'b%.0s' {1..71})"
    refused ERR_MULTIPART boundary 'multipart/form-data; boundary=other'
}

@test "an empty or impossible body is rejected" {
    refused ERR_MULTIPART ""
    printf 'no parts' >"$body"
    refused ERR_MULTIPART ""
    : >"$body"
    end
    refused ERR_UNAUTHENTICATED token
}

@test "a body truncated at any point is rejected" {
    text token "$alice"
    text title t
    file
    end
    cp "$body" "$BATS_TEST_TMPDIR/whole"
    size=$(stat -c %s "$body")
    for n in 1 3 5 20 60 200 $((size / 2)) $((size - 8)) $((size - 5)) $((size - 4)); do
        head -c "$n" "$BATS_TEST_TMPDIR/whole" >"$body"
        refused ERR_MULTIPART ""
    done
    # The last line break may be missing.
    head -c $((size - 2)) "$BATS_TEST_TMPDIR/whole" >"$body"
    must send
}

@test "two parts named data are rejected" {
    text token "$alice"
    text title t
    file
    file
    end
    refused ERR_MULTIPART data
}

@test "a part header of 1 MB is rejected" {
    text token "$alice"
    text title t
    {
        printf -- '--b\r\nX-Long: '
        head -c 1000000 /dev/zero | tr '\0' x
        printf '\r\nContent-Disposition: form-data; name="data"; filename="x"\r\n\r\nx\r\n'
    } >>"$body"
    end
    refused ERR_MULTIPART header
}

@test "a part without a name, with a NUL in its header or without an end is rejected" {
    for header in 'Content-Type: video/mp4' 'Content-Disposition: form-data' \
        'Content-Disposition: form-data; name="da\000ta"' 'Content-Disposition: form-data; name="data' ''; do
        : >"$body"
        text token "$alice"
        text title t
        part "$header" "$CHECK/clip.mp4"
        end
        refused ERR_MULTIPART header
    done
}

@test "too many parts are rejected" {
    for i in {1..40}; do text "x$i" y; done
    end
    refused ERR_MULTIPART parts
}

@test "a text part that is too long or not UTF-8 is rejected" {
    text token "$alice"
    printf 'x%.0s' {1..9000} | part 'Content-Disposition: form-data; name="title"' -
    file
    end
    refused ERR_PARAM_LENGTH title
    : >"$body"
    text token "$alice"
    printf 'a\0b' | part 'Content-Disposition: form-data; name="title"' -
    file
    end
    refused ERR_PARAM_TEXT title
}

@test "other endpoints accept multipart bodies and reject malformed ones" {
    other=$(crowd 1)
    must request POST relation/action -F "token=$alice" -F "to_user_id=$other" -F action_type=1
    must request POST relation/action -F "token=$alice" -F "to_user_id=$other" -F action_type=2
    expect_error ERR_MULTIPART boundary request POST relation/action -H 'Content-Type: multipart/form-data' -d x
    expect_error ERR_MULTIPART "" request POST relation/action -H 'Content-Type: multipart/form-data; boundary=b' -d x
}

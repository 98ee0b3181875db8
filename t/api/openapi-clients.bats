# static/openapi.yaml read by YAML libraries and client generators.  Those that are not available (no
# Java, Go or network) are named and left out.
# bats file_tags=slow,release-only
load ../lib/common

document=$T/../static/openapi.yaml

# Packages from npm, fetched once for all runs.
setup_file() {
    export tools=$T/../build/clients
    type -P npm >/dev/null || return 0
    cmp -s "$T/openapi/clients/package-lock.json" "$tools/installed" || {
        mkdir -p "$tools"
        cp "$T/openapi/clients"/{package.json,package-lock.json,.npmrc,openapitools.json} "$tools"
        timeout 300 npm ci --prefix "$tools" --ignore-scripts --no-audit --no-fund >"$tools/npm.log" 2>&1 3>&- &&
            cp "$T/openapi/clients/package-lock.json" "$tools/installed"
    } || true
    # The generator's jar, which its npm package fetches, contains SnakeYAML.
    ! type -P java >/dev/null || [ ! -f "$tools/installed" ] ||
        (cd "$tools" && timeout 300 node_modules/.bin/openapi-generator-cli version >"$tools/java.log" 2>&1 3>&-) || true
    jar=$(find "$tools/node_modules" -name '7.*.jar' -path '*versions*' 2>/dev/null | head -n 1)
    [ -n "$jar" ] || jar=$(find /usr/share/java -name snakeyaml.jar 2>/dev/null)
    export jar
}

# missing WHAT: reports a tool that is not available.
missing() { echo "# not to be had here: $1" >&3; }

python_reads() {
    python3 -c 'import json, sys, yaml
loader = getattr(yaml, sys.argv[2])
print(json.dumps(yaml.load(open(sys.argv[1], encoding="utf-8"), loader), ensure_ascii=False))' "$document" "$1"
}

snake_reads() { java -cp "$jar" "$T/openapi/clients/Snake.java" "$document"; }

go_reads() {
    cp -r "$T/openapi/clients/yaml3" "$BATS_TEST_TMPDIR/yaml3"
    (cd "$BATS_TEST_TMPDIR/yaml3" && GOFLAGS=-mod=mod HOME=${HOME:-$BATS_TEST_TMPDIR} go build -o yaml3 . >&2) || return 77
    "$BATS_TEST_TMPDIR/yaml3/yaml3" "$document"
}

# alike NAME COMMAND...: fails unless this reader gets the same as the first one.
alike() {
    local status=0
    "${@:2}" >"$BATS_TEST_TMPDIR/$1" || status=$?
    if [ "$status" = 77 ]; then missing "$1" && return; fi
    [ "$status" = 0 ] || return
    jq -S . "$BATS_TEST_TMPDIR/$1" >"$BATS_TEST_TMPDIR/$1.json"
    diff "$BATS_TEST_TMPDIR/PyYAML.json" "$BATS_TEST_TMPDIR/$1.json"
}

@test "PyYAML, libyaml, SnakeYAML and yaml.v3 read the document alike" {
    python_reads SafeLoader | jq -S . >"$BATS_TEST_TMPDIR/PyYAML.json"
    [ "$(jq '.paths | length' "$BATS_TEST_TMPDIR/PyYAML.json")" -gt 20 ]
    alike libyaml python_reads CSafeLoader
    if type -P java >/dev/null && [ -n "$jar" ]; then alike SnakeYAML snake_reads; else missing "Java with SnakeYAML"; fi
    if type -P go >/dev/null; then alike yaml.v3 go_reads; else missing "Go with yaml.v3"; fi
}

@test "openapi-typescript generates types that compile" {
    [ -f "$tools/installed" ] || skip "npm or its packages are not to be had here"
    "$tools/node_modules/.bin/openapi-typescript" "$document" -o "$BATS_TEST_TMPDIR/api.ts"
    cp "$T/openapi/clients/client.ts" "$BATS_TEST_TMPDIR"
    "$tools/node_modules/.bin/tsc" --noEmit --strict "$BATS_TEST_TMPDIR/client.ts"
}

@test "openapi-generator generates clients that compile" {
    { type -P java >/dev/null && [[ $jar == *versions* ]]; } || skip "Java, or the generator that npm's package fetches, is not to be had here"
    java -jar "$jar" generate -i "$document" -g typescript-fetch -o "$BATS_TEST_TMPDIR/client" >"$BATS_TEST_TMPDIR/log" 2>&1 ||
        { cat "$BATS_TEST_TMPDIR/log" && false; }
    fails grep ERROR "$BATS_TEST_TMPDIR/log"
    # It asks for keys by names that its own types do not have; --strict is not meant for that.
    "$tools/node_modules/.bin/tsc" --noEmit --target es2020 --moduleResolution node "$BATS_TEST_TMPDIR/client/index.ts"
    for operation in listFeed publishVideo createUpload listMessages; do
        grep -rqE "async $operation\(" "$BATS_TEST_TMPDIR/client/apis"
    done
}

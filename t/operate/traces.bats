# Traces as a collector receives them.
# shellcheck disable=SC2034,SC2046
# bats file_tags=slow
load ../lib/common

setup_file() {
    export COLLECTOR=$BATS_FILE_TMPDIR/collector
    mkdir "$COLLECTOR"
    "$T/operate/collector" "$COLLECTOR" </dev/null >"$COLLECTOR/log" 2>&1 3>&- &
    echo $! >"$COLLECTOR/pid"
    wait_for 5 [ -s "$COLLECTOR/port" ]
    instance_up crash-traces trace_networks=127.0.0.1 otlp_endpoint="http://127.0.0.1:$(<"$COLLECTOR/port")" \
        otlp_headers='x-other=1, bad header=2,x-key=a%3Db%20c'
    people alice
}

teardown() { rm -f "$COLLECTOR"/{refuse,partial}; }

teardown_file() {
    instance_down
    kill "$(<"$COLLECTOR/pid")"
}

trace=4bf92f3577b34da6a3ce929d0e0e4736 parent=00f067aa0ba902b7

# ours TRACE: prints the spans of the trace as one array.
ours() { jq -sc --arg trace "${1:-$trace}" 'map(select(.traceId == $trace))' "$COLLECTOR/spans"; }

# of JQ: the filter is true for $spans, with attributes as an object.
of() {
    jq -e 'map(.attributes |= (map({(.key): (.value | to_entries[0].value)}) | add)) | '"$1" <<<"$spans" >/dev/null ||
        is "$spans" "$1"
}

# metric NAME
metric() { curl -sS --noproxy '*' "$(base)/metrics" | awk -v name="$1" '$1 == name { print $2 }'; }

# many N: sends N requests by one curl; prints how often each status came.
many() {
    local root i
    root=$(base)
    for ((i = 0; i < $1; i++)); do printf 'url = "%s/douyin/user/?token=%s"\noutput = /dev/null\n' "$root" "$alice"; done |
        timeout 300 curl -sS --no-progress-meter --noproxy '*' -Z --parallel-max 8 -w '%{http_code}\n' -K - |
        sort | uniq -c | sed 's/^ *//'
}

arrived() { spans=$(ours "$1") && [ "$(jq length <<<"$spans")" -ge "$2" ]; }

@test "a request is a server span below its caller's, with a client span per round trip" {
    must request GET user -G -d "token=$alice" -H "traceparent: 00-$trace-$parent-01"
    wait_for 5 arrived "$trace" 2
    of 'map(select(.kind == 2)) | length == 1'
    of '.[] | select(.kind == 2) | .parentSpanId == "'$parent'" and .name == "GET /douyin/user/"'
    of '.[] | select(.kind == 2).attributes |
        .["http.request.method"] == "GET" and .["http.route"] == "/douyin/user/" and
        .["http.response.status_code"] == "200" and .["user.id"] == "'"$alice_id"'"'
    of '(map(select(.kind == 2))[0]) as $root | map(select(.kind != 2)) | length > 0 and all(
        .kind == 3 and .parentSpanId == $root.spanId and .startTimeUnixNano >= $root.startTimeUnixNano and
        .endTimeUnixNano <= $root.endTimeUnixNano)'
    of 'map(select(.kind == 3).attributes) | all(.["db.operation.name"] != null) and
        any(.["db.system.name"] == "redis")'
}

@test "an unknown method does not become a span name" {
    id=9bf92f3577b34da6a3ce929d0e0e4741
    request BREW user -H "traceparent: 00-$id-$parent-01"
    is "$http" 405
    wait_for 5 arrived "$id" 1
    of '.[0] | .name == "HTTP /douyin/user/" and .attributes["http.request.method"] == "_OTHER" and
        .attributes["http.request.method_original"] == "BREW"'
}

@test "the trace of an upload continues in transcode with its statements, ffprobe and ffmpeg" {
    id=5bf92f3577b34da6a3ce929d0e0e4737
    must upload "$CHECK/clip.mp4" "$alice" traced -H "traceparent: 00-$id-$parent-01"
    # One span per line, in order.
    done_yet() { spans=$(ours "$id") && of 'any(.name == "transcode") and any(.name == "ffmpeg") and any(.name == "job_ready")'; }
    wait_for 30 done_yet
    of '(map(select(.kind == 2))[0]) as $request | map(select(.name == "transcode"))[0] |
        .kind == 5 and .parentSpanId == $request.spanId and .attributes["dousheng.reason"] == "ready"'
    of '(map(select(.name == "transcode"))[0]) as $job | map(select(.kind == 1)) |
        (map(.name) | unique) == ["ffmpeg", "ffprobe"] and all(.parentSpanId == $job.spanId)'
    of 'any(.name == "publish_add" and .attributes["db.system.name"] == "postgresql")'
    of 'any(.name == "job_ready")'
    of '(map(.spanId) | unique | length) == length'
}

@test "a traceparent from an untrusted address does not decide about sampling" {
    sed -i '/^otlp_percent/d; $a otlp_percent = 0' "$DOUSHENG_HOME/dousheng.conf"
    timeout 500 "$T/../spawn/reload" 3>&-
    stranger=abf92f3577b34da6a3ce929d0e0e4742 friend=bbf92f3577b34da6a3ce929d0e0e4743
    request GET user -H "traceparent: 00-$stranger-$parent-01" --interface 127.0.0.2
    request GET user -H "traceparent: 00-$friend-$parent-01"
    wait_for 5 arrived "$friend" 1
    spans=$(ours "$stranger")
    of 'length == 0'
    sed -i '/^otlp_percent/d; $a otlp_percent = 100' "$DOUSHENG_HOME/dousheng.conf"
    timeout 500 "$T/../spawn/reload" 3>&-
    stranger=cbf92f3577b34da6a3ce929d0e0e4744
    request GET user -H "traceparent: 00-$stranger-$parent-00" --interface 127.0.0.2
    wait_for 5 arrived "$stranger" 1
    of '.[] | select(.kind == 2) | .parentSpanId == "'$parent'"'
}

@test "requests without a caller are exported, and those that the caller does not sample are not" {
    other=6bf92f3577b34da6a3ce929d0e0e4738
    request GET user -H "traceparent: 00-$other-$parent-00"
    request GET comment/list -D "$BATS_TEST_TMPDIR/headers"
    id=$(tr -d '\r' <"$BATS_TEST_TMPDIR/headers" | sed -n 's/^X-Request-Id: //Ip')
    wait_for 5 arrived "$id" 1
    of 'length == 1 and (.[0] | .parentSpanId == null and .status == {} and .attributes["dousheng.status_code"] == "1001")'
    spans=$(ours "$other")
    of 'length == 0'
}

@test "spans are retried when the collector is busy; no request waits and no span is lost" {
    id=7bf92f3577b34da6a3ce929d0e0e4739
    echo 503 >"$COLLECTOR/refuse"
    must request GET user -G -d "token=$alice" -H "traceparent: 00-$id-$parent-01"
    wait_for 5 [ -s "$COLLECTOR/refused" ]
    for _ in {1..20}; do
        must get user token="$alice"
        [ "$took" -lt 5000 ]
    done
    rm "$COLLECTOR/refuse"
    wait_for 10 arrived "$id" 2
    # Spans that it rejects permanently are dropped and counted.
    dropped=$(metric dousheng_spans_dropped_total)
    echo 400 >"$COLLECTOR/refuse"
    must get user token="$alice"
    wait_for 5 eval '[ "$(metric dousheng_spans_dropped_total)" -gt "$dropped" ]'
    rm "$COLLECTOR/refuse"
}

# naps PID: prints in how many of 20 samples the process sleeps.
naps() {
    local state all=0
    for _ in {1..20}; do
        sleep 0.03
        read -r _ _ state _ <"/proc/$1/stat"
        [ "$state" != S ] || all=$((all + 1))
    done
    echo "$all"
}

@test "surplus span connections do not block the exporter, and are accepted later" {
    python3 - "$DOUSHENG_HOME/run/shared/spans.sock" <<'END' 3>&- &
import socket, sys, time
clients = []
for _ in range(300):
    clients.append(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
    clients[-1].connect(sys.argv[1])
time.sleep(30)
END
    crowd=$!
    pid=$(workers export)
    full() { [ "$(find "/proc/$pid/fd" -lname 'socket:*' | wc -l)" -gt 256 ]; }
    wait_for 5 full
    naps=$(naps "$pid")
    kill "$crowd"
    [ "$naps" -ge 8 ] || is "asleep in $naps of 20 looks" "most"
    id=9bf92f3577b34da6a3ce929d0e0e4742
    must request GET user -G -d "token=$alice" -H "traceparent: 00-$id-$parent-01"
    wait_for 5 arrived "$id" 2
}

@test "partially accepted spans are logged and counted as dropped" {
    dropped=$(metric dousheng_spans_dropped_total)
    echo '{"partialSuccess":{"rejectedSpans":"1","errorMessage":"no room \u0022here\u0022"}}' >"$COLLECTOR/partial"
    must get user token="$alice"
    wait_for 5 grep -q 'the collector rejected 1 spans: no room ' "$DOUSHENG_HOME/log/export.log"
    wait_for 5 eval '[ "$(metric dousheng_spans_dropped_total)" -gt "$dropped" ]'
}

@test "an invalid entry of otlp_headers is reported by number, because the others are secret" {
    grep -q 'otlp_headers: entry 2 is not name=value' "$DOUSHENG_HOME/log/export.log"
    fails grep -qE 'a%3D|a=b' "$DOUSHENG_HOME/log/export.log"
}

@test "a hanging or dead exporter delays no request, and surplus spans are dropped and counted" {
    dropped=$(metric dousheng_spans_dropped_total)
    kill -s STOP $(workers export)
    is "$(many 1500)" "1500 200"
    [ "$(metric dousheng_spans_dropped_total)" -gt "$dropped" ]
    kill -s KILL $(workers export)
    must get user token="$alice"
    wait_for 5 eval '[ -n "$(workers export)" ]'
    id=8bf92f3577b34da6a3ce929d0e0e4740
    again() {
        request GET user -H "traceparent: 00-$id-$parent-01"
        arrived "$id" 1
    }
    wait_for 8 again
}

@test "exported data conforms to OTLP" {
    [ "$(wc -l <"$COLLECTOR/spans")" -gt 20 ]
    [ ! -e "$COLLECTOR/faults" ] || is "$(sort "$COLLECTOR/faults" | uniq -c | head)" ""
    [ "$(metric dousheng_spans_sent_total)" -gt 20 ]
}

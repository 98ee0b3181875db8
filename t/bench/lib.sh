# lib.sh: the instance to measure, its baselines, and the measurements.  Sourced by run.
# shellcheck shell=bash disable=SC2154

# shellcheck source=../lib/instance.bash
. "$T/lib/instance.bash"

sql() { psql -XqAt -h "$DOUSHENG_HOME/run/postgres" -U dousheng -d dousheng "$@"; }
redis() { "$REDIS_CLI" -s "$DOUSHENG_HOME/run/redis/redis.sock" "$@"; }

# --- Baselines ---------------------------------------------------------------

# empty_pool PROCESSES: starts a pool of empty workers.
empty_pool() {
	local as=()
	[ "$EUID" != 0 ] || as=(-u dousheng -g dousheng -U dousheng -G dousheng)
	install -m 755 "$OUT/bench/empty" "$DOUSHENG_HOME/app/bin/empty"
	(cd "$DOUSHENG_HOME" && exec setsid spawn-fcgi -n -s "run/empty$1.sock" -M 0660 -b 4096 "${as[@]}" \
		-- /usr/bin/multiwatch -s TERM -f "$1" -- "$DOUSHENG_HOME/app/bin/empty" \
		</dev/null >log/empty.log 2>&1) &
	yardstick_pids+=($!)
	sed -i -e "0,/^    server {/s|| upstream empty$1 { server unix:$DOUSHENG_HOME/run/empty$1.sock; keepalive 64; keepalive_requests 1000000; }\n&|" \
		-e "/^        # Files\. /i location = /douyin/bench/empty$1 { fastcgi_pass empty$1; fastcgi_keep_conn on; }" \
		"$DOUSHENG_HOME/nginx.conf"
}

# Empty pools of all sizes that ours have, and a folder for files.
start_yardsticks() {
	local processes
	mkdir -p "$DOUSHENG_HOME/bench"
	for processes in $(awk '/^[a-z]/ { print $2 }' spawn/pools | sort -nu); do empty_pool "$processes"; done
	sed -i -e "/^        # Files\. /i location /douyin/bench/static/ { root $DOUSHENG_HOME; rewrite ^/douyin/bench/static/(.*) /bench/\$1 break; }" \
		"$DOUSHENG_HOME/nginx.conf"
	kill -HUP "$(pid_of nginx)"
	for processes in $(awk '/^[a-z]/ { print $2 }' spawn/pools | sort -nu); do
		for _ in $(seq 50); do
			curl -sf "$base/douyin/bench/empty$processes?n=1" >/dev/null && continue 2
			sleep 0.1
		done
		echo "bench: the empty pool of $processes does not answer" >&2
		return 1
	done
}

# processes POOL: prints the number of its processes.
processes() { awk -v pool="$1" '$1 == pool { print $2 }' spawn/pools; }

# --- Load --------------------------------------------------------------------

# load CLIENTS URL [LUA ARGUMENT...]: "requests/s p50-ms p99-ms errors"
load() {
	local clients=$1 url=$2 lua=()
	shift 2
	[ $# = 0 ] || { lua=(-s "$1") && shift && set -- -- "$@"; }
	wrk -t1 -c"$clients" -d"${seconds}s" --latency "${lua[@]}" "$url" "$@" >"$work/wrk"
	awk 'function ms(t) { return t ~ /us$/ ? t / 1000 : t ~ /ms$/ ? t + 0 : t * 1000 }
		$1 == "50%" { p50 = ms($2) } $1 == "99%" { p99 = ms($2) }
		/Non-2xx/ { errors += $NF } /Socket errors/ { gsub(",", ""); errors += $4 + $6 + $8 + $10 }
		/^Requests\/sec/ { rate = $2 }
		END { printf "%.0f %.2f %.2f %d\n", rate, p50, p99, errors }' "$work/wrk"
}

# load_cold URL: the same with one client, which flushes the cache before each request.
load_cold() {
	"$OUT/bench/cold" "$DOUSHENG_PORT" "$DOUSHENG_HOME/run/redis/redis.sock" "$seconds" "${1#"$base/douyin/"}"
}

# column N: prints the median of the N-th word of the lines.
column() { awk -v n="$1" '{ print $n }' | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# --- Cost --------------------------------------------------------------------

# ticks: prints the CPU time so far, in clock ticks: "nginx workers redis postgres".
ticks() {
	local pools
	pools=$(for name in $(awk '/^[a-z]/ { print $1 }' spawn/pools); do pid_of "$name"; done | tr '\n' ' ')
	{ cat /proc/[0-9]*/stat 2>/dev/null || true; } | sed 's/^\([0-9]*\) (.*) /\1 /' |
		awk -v roots="$(pid_of nginx) | $pools | $(pid_of redis) | $(pid_of postgres)" '
			# pid state ppid ... utime stime cutime cstime: the name is cut out
			{ parent[$1] = $3; used[$1] = $13 + $14 }
			END {
				n = split(roots, part, "|")
				for (i = 1; i <= n; i++) {
					m = split(part[i], pid, " ")
					for (j = 1; j <= m; j++) of[pid[j]] = i
				}
				for (p in parent) {
					for (q = p; q in parent && !(q in of); q = parent[q]) { }
					if (q in of) sum[of[q]] += used[p]
				}
				printf "%d %d %d %d\n", sum[1], sum[2], sum[3], sum[4]
			}'
}

# cost BEFORE AFTER REQUESTS: prints CPU seconds for 1,000 requests, by component.
cost() {
	awk -v hz="$(getconf CLK_TCK)" -v n="$3" '
		NR == 1 { split($0, a) }
		NR == 2 { for (i = 1; i <= 4; i++) printf "%.3f%s", ($i - a[i]) / hz / n * 1000, i < 4 ? " " : "\n" }' \
		<(echo "$1") <(echo "$2")
}

# trips POOL METHOD URL: of one request, on the average of 100 in a row: "Redis PostgreSQL
# system-calls".  Told apart by what is sent: RESP begins with *, a message to PostgreSQL with a
# letter and its length.
trips() {
	local pids=() pid tracer
	for pid in $(workers "$1"); do pids+=(-p "$pid"); done
	for _ in $(seq 20); do curl -s -X "$2" "$3" >/dev/null; done
	strace -f -qq -s 4 -o "$work/trace" "${pids[@]}" &
	tracer=$!
	sleep 0.5
	for _ in {1..100}; do printf 'url = "%s"\noutput = /dev/null\n' "$3"; done | curl -s -X "$2" -K -
	kill -INT "$tracer"
	wait "$tracer" || true
		awk '/(sendto|write)\([0-9]+, "\*/ { redis++ } /(sendto|write)\([0-9]+, "[BP]\\0/ { postgres++ }
		!/exited|SIG|restart_syscall|resumed/ { calls++ }
		END { printf "%.2f %.2f %.1f\n", redis / 100, postgres / 100, calls / 100 }' "$work/trace"
}

# memory: prints the memory of the largest worker in MB.
memory() {
	local pid
	for pid in $(workers feed lists account publish social chat); do
		awk '/^VmRSS/ { printf "%.1f\n", $2 / 1024 }' "/proc/$pid/status"
	done | sort -g | tail -n 1
}

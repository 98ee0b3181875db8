# lib.sh: functions shared by the scripts of this folder.  Sourced, never run.
#
#   src    the source tree            home   the instance's folder, resolved
#   BIN    the folder of the programs that make has built
#   port   the port at which nginx listens
#
# The processes of an instance are found by its folder: their pid files are in it, and their working
# directory or command line points there.
# shellcheck shell=bash disable=SC2034
set -euo pipefail
umask 022
# Do not depend on the caller's environment.  Scripts extend PATH before they source this file.
export LC_ALL=C.UTF-8
unset CDPATH GREP_OPTIONS GREP_COLORS POSIXLY_CORRECT
[ -w "${TMPDIR:-/tmp}" ] && [ -d "${TMPDIR:-/tmp}" ] || export TMPDIR=/tmp

say() { printf '%s\n' "$*"; }

die() {
	printf 'dousheng: %s\n' "$*" >&2
	exit 1
}

# die_showing LOG MESSAGE: prints the end of LOG, then dies.
die_showing() {
	show_end "$1"
	shift
	die "$@"
}
show_end() { [ ! -s "$1" ] || { printf -- '--- end of %s\n' "$1" && tail -n 15 "$1"; } >&2; }

# die_of SERVICE MESSAGE: the same with the logs of a pool or job.
die_of() {
	show_end "$home/log/supervisors.log"
	die_showing "$home/log/$1.log" "$2"
}

is_root() { [ "$EUID" = 0 ]; }
has_ipv6() { grep -q . /proc/net/if_inet6 2>/dev/null; }

# wait_until SECONDS COMMAND...: retries COMMAND until it succeeds; false after SECONDS.
wait_until() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -le "$end" ] || return 1
		sleep 0.05
	done
}

# --- The instance ----------------------------------------------------------

src=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
asked_home=$(realpath -ms -- "${DOUSHENG_HOME:-$src/var}")
home=$(realpath -m -- "$asked_home")
BIN=$(realpath -m -- "${BIN:-$src/build/release/bin}")

# Only characters that need no quoting in any server's configuration; multiwatch accepts only ASCII.
[[ $home =~ ^[A-Za-z0-9/._+=-]+$ ]] ||
	die "the path $home has a character that not every server accepts: choose a DOUSHENG_HOME of A-Z a-z 0-9 / . _ + = -"

# not_ours: prints files of the scripts and programs, and folders above them, that other users may
# change.  Files owned by a uid without a user (from another machine) do not count.
not_ours() {
	local dir=$src
	find "$src" "$src"/{spawn,sql,nginx} "$BIN" -maxdepth 1 ! -type l \
		\( ! -user 0 ! -user "${SUDO_UID:-0}" ! -nouser -o -perm /002 -o -perm /020 ! -group 0 ! -group "${SUDO_GID:-0}" ! -nogroup \) \
		-print -quit 2>/dev/null || true
	while [ "$dir" != / ]; do
		dir=$(dirname "$dir")
		find "$dir" -maxdepth 0 ! -perm /1000 \( ! -user 0 ! -user "${SUDO_UID:-0}" ! -nouser -o -perm /002 \) -print
	done
}

# Root must not run scripts that another user can change.  (The user who called sudo may.)
check_ours() {
	local path
	path=$(not_ours | head -n 1) || true
	[ -z "$path" ] ||
		die "$path can be changed by users other than root, but root would run it: chown -R root: $src, chmod -R go-w $src"
}
! [ "$EUID" = 0 ] || check_ours

# redis_program server|cli: the name of Redis's program, or of Valkey's, which is compatible.
redis_program() {
	local name
	for name in "redis-$1" "valkey-$1"; do
		! type -P "$name" >/dev/null || break
	done
	printf '%s' "$name"
}

# Users and groups:
#
#   service   user of nginx's worker processes, our workers, and all jobs except transcode.  One user,
#             because nginx writes request bodies with mode 0600; but nginx is in none of these groups:
#   keys      group that may read the token keys: workers, and all jobs except transcode
#   data      group that may access uploads, and the sockets of PostgreSQL and Redis
#   media     user of transcode and its ffmpeg: in data, not in keys
#
# The groups have no members in /etc/group, because nginx would get them through its user.
if is_root; then
	service=dousheng media=dousheng-media keys=dousheng-keys data=dousheng-data
	pg_user=postgres redis_user=redis
	getent passwd redis >/dev/null || redis_user=valkey
	as_service=(/usr/bin/setpriv --reuid="$service" --regid="$service" --groups="$keys,$data" --)
	as_media=(/usr/bin/setpriv --reuid="$media" --regid="$media" --groups="$data" --)
	as_postgres=(/usr/bin/setpriv --reuid="$pg_user" --regid="$pg_user" --init-groups --)
	as_redis=(/usr/bin/setpriv --reuid="$redis_user" --regid="$data" --clear-groups --)
	# Libraries look for files in HOME, and the service user cannot enter root's.
	export HOME=$home
else
	service=$(id -un) media=$(id -un) keys=$(id -gn) data=$(id -gn) pg_user=$(id -un) redis_user=$(id -un)
	as_service=() as_media=() as_postgres=() as_redis=()
fi

export DOUSHENG_HOME=$home BIN
# libpq's variables would redirect connections to the private database.
[ -n "${DATABASE_URL:-}" ] || unset "${!PG@}"
# Other users may not be able to enter the caller's working directory.
cd /

running_port() { cat "$home/run/port" 2>/dev/null; }
port=${DOUSHENG_PORT:-$(running_port || echo 8080)}

# Sets worker, the program that describes settings, routes and errors: the one in SETTINGS_BY, else the
# installed one, else the built one.
find_worker() {
	worker=${SETTINGS_BY:-$home/app/bin/worker}
	[ -x "$worker" ] || worker=$BIN/worker
	[ -x "$worker" ] || die "$BIN/worker is missing: run make"
}

setting() { "$worker" describe value "$1"; }

# The URL of nginx from this machine.
local_url() {
	local address
	address=$(setting listen_address)
	[[ $address != *:* ]] || address="[$address]"
	printf 'http://%s:%s' "${address:-127.0.0.1}" "$port"
}

# Reading any setting validates the whole configuration.
check_settings() {
	local why
	why=$(setting language 2>&1) || die "$why"
}

# find_database: sets database, psql's connection string, and PGPASSWORD.  The password is removed from
# the string, because all users can read command lines.
find_database() {
	local encoded=
	database=$(setting database_url)
	if [[ $database =~ ^([a-z]+://[^:/@]*):([^/@]*)@(.*)$ ]]; then
		encoded=${BASH_REMATCH[2]} database=${BASH_REMATCH[1]}@${BASH_REMATCH[3]}
	fi
	if [[ $database =~ ^([a-z]+://.*[?\&])password=([^\&]*)\&?(.*)$ ]]; then
		encoded=${BASH_REMATCH[2]} database=${BASH_REMATCH[1]}${BASH_REMATCH[3]}
	fi
	if [ -n "$encoded" ]; then
		encoded=${encoded//\\/\\\\}
		printf -v PGPASSWORD '%b' "${encoded//%/\\x}"
		export PGPASSWORD
	fi
	[[ $database == *://* ]] || hide_keyword
	database=${database:-host=$home/run/postgres dbname=dousheng user=dousheng}
}

# hide_keyword: the same for a keyword/value string, "host=... password='...'".  An invalid one is left
# unchanged, so that psql reports it.
hide_keyword() {
	local rest=$database value kept=
	while [[ $rest =~ ^[[:space:]]*([a-z_]+)[[:space:]]*=[[:space:]]*(\'([^\'\\]|\\.)*\'|([^[:space:]\'\\]|\\.)*)(.*)$ ]]; do
		rest=${BASH_REMATCH[5]} value=${BASH_REMATCH[2]}
		if [ "${BASH_REMATCH[1]}" != password ]; then
			kept+="${kept:+ }${BASH_REMATCH[1]}=$value"
			continue
		fi
		[[ $value != \'* ]] || value=${value:1:-1}
		PGPASSWORD=$(sed 's/\\\(.\)/\1/g' <<<"$value")
		export PGPASSWORD
	done
	[[ $rest =~ [^[:space:]] ]] || database=$kept
}

# ask_redis COMMAND...
ask_redis() {
	local at where
	mapfile -t at < <(DOUSHENG_HOME=$home "$worker" describe redis)
	where=(-s "${at[0]}")
	[ -n "${at[0]}" ] || where=(-h "${at[1]}" -p "${at[2]}" ${at[3]:+-n "${at[3]}"} ${at[4]:+--user "${at[4]}"})
	# Not on the command line, which all users can read.
	[ -z "${at[5]}" ] || export REDISCLI_AUTH=${at[5]}
	timeout 5 "$(redis_program cli)" --no-auth-warning "${where[@]}" "$@" 2>/dev/null
}

# Only one script at a time may change an instance.
lock() {
	{ exec {lock}>"$home/run/lock"; } 2>/dev/null ||
		die "the folder $home cannot be written: it belongs to $(stat -c %U "$home")"
	flock -w 120 "$lock" || die "another script has been working on $home for two minutes"
}

# Prints the pools: "name processes keep|close limit".
pools() { sed -n 's/#.*//; /^[a-z]/p' "$src/spawn/pools"; }
pool_names() { pools | cut -d' ' -f1; }

# --- Its processes ---------------------------------------------------------

# reversed: prints its input lines in reverse order.  (tac needs a temporary file.)
reversed() {
	local lines i
	mapfile -t lines
	for ((i = ${#lines[@]} - 1; i >= 0; i--)); do printf '%s\n' "${lines[i]}"; done
}

# All services in the order in which they start.
services() { printf '%s\n' postgres redis; pool_names; job_names; printf '%s\n' nginx watch; }

# Pools and jobs that were started, including pools removed from spawn/pools since.
known() { find "$home/run" -maxdepth 1 -name '*.processes' -printf '%f\n' 2>/dev/null | sed 's/\.processes$//'; }

# The configured number of processes of a pool or job.
processes() {
	case $1 in
	transcode) setting transcode_processes ;;
	fold | sweep | export) echo 1 ;;
	*) pools | awk -v pool="$1" '$1 == pool { print $2 }' ;;
	esac
}

job_names() { printf '%s\n' transcode fold sweep export; }

pid_file() {
	case $1 in
	postgres) printf '%s' "$home/pg/postmaster.pid" ;;
	redis) printf '%s' "$home/run/redis/redis.pid" ;;
	*) printf '%s' "$home/run/$1.pid" ;;
	esac
}

program() {
	case $1 in
	postgres | nginx | watch) printf '%s' "$1" ;;
	# Redis or Valkey: the running one need not be the installed one.
	redis) printf -- '-server ' ;;
	*) printf 'multiwatch' ;;
	esac
}

# pid_of SERVICE: prints its pid, if it runs.  Pids are reused, so the process must be the right program
# and belong to this instance.
pid_of() {
	local pid command
	{ read -r pid <"$(pid_file "$1")"; } 2>/dev/null || return 1
	[[ $pid =~ ^[0-9]+$ ]] || return 1
	command=$(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") || return 1
	[[ $command == *"$(program "$1")"*"$home/"* ]] || return 1
	printf '%s' "$pid"
}

runs() { pid_of "$1" >/dev/null; }
stopped() { ! runs "$1"; }

# True if it runs; a pool or job must have processes, a pool its socket too.
healthy() {
	local pid
	pid=$(pid_of "$1") || return 1
	[ "$(program "$1")" != multiwatch ] || [ -n "$(children "$pid")" ] || return 1
	case $1 in
	postgres | redis | nginx | transcode | fold | sweep | export | watch) ;;
	*) [ -S "$home/run/$1.sock" ] ;;
	esac
}

# superseded SERVICE: has the program of its main process, or a library that it uses, been replaced since
# it started?  Then what it loads later may be incompatible.
superseded() {
	local pid
	pid=$(pid_of "$1") || return 1
	[[ $(readlink "/proc/$pid/exe") == *' (deleted)' ]] || uses_replaced_library "$pid"
}

# outdated SERVICE: superseded, or one of its workers uses a replaced library.  (Our own programs are only
# replaced by up and reload, which restart them.)
outdated() {
	local pid
	! superseded "$1" || return 0
	pid=$(pid_of "$1") && [ "$(program "$1")" = multiwatch ] || return 1
	for pid in $(children "$pid"); do
		! uses_replaced_library "$pid" || return 0
	done
	return 1
}

uses_replaced_library() { grep -qsE ' /(usr|lib)[^ ]* \(deleted\)$' "/proc/$1/maps"; }

# strays: processes of the instance without a running supervisor.  After a kill -9 of a supervisor its
# children survive, and hold the sockets.  ("begin" was crash-throttle in earlier releases.)
strays() {
	local cwd pid owners
	owners=" $(for s in $( { services; known; } | sort -u); do pid_of "$s" && printf ' '; done) "
	{ find /proc/[0-9]*/cwd -maxdepth 0 \( -lname "$home" -o -lname "$home/run/*" \) 2>/dev/null || true; } |
		while IFS=/ read -r _ _ pid _; do
			case $(cat "/proc/$pid/comm" 2>/dev/null) in
			nginx | multiwatch | crash-throttle | begin | worker | transcode | fold | sweep | export | redis-server | valkey-server) ;;
			*) continue ;;
			esac
			[[ $owners == *" $pid "* || $owners == *" $(parent "$pid") "* ]] || printf '%s\n' "$pid"
		done
}

parent() { awk '/^PPid:/ { print $2 }' "/proc/$1/status" 2>/dev/null; }

end_strays() {
	local list
	list=$(strays)
	# shellcheck disable=SC2086
	[ -z "$list" ] || kill -KILL $list 2>/dev/null || true
}

# children PID: the pids of its child processes; fails if there are none.  pgrep looks at every process
# of the machine, which was half of the time that up took, so it is only used where the kernel does not
# list the children.
children() {
	local list=()
	if [ ! -e "/proc/$$/task/$$/children" ]; then
		pgrep -P "$1"
		return
	fi
	{ read -ra list <"/proc/$1/task/$1/children"; } 2>/dev/null || true
	[ "${#list[@]}" != 0 ] && printf '%s\n' "${list[@]}"
}

# With log_to = journal, the journal must exist before workers and jobs start.
check_journal() {
	[ "$(setting log_to)" = file ] || { type -P systemd-cat >/dev/null && [ -S /run/systemd/journal/stdout ]; } ||
		die "log_to = journal, but this system has no journal (systemd-cat, /run/systemd/journal)"
}

# detached SERVICE COMMAND...: starts a daemon: in the background, with a log, a pid file and a session
# of its own.  It inherits no open files: not the lock, and no pipe that would keep a reader waiting.
# Workers and jobs open DOUSHENG_LOG themselves.  Supervisors cannot reopen their log, so they share one
# that logrotate copies and truncates.
detached() (
	file=$home/run/$1.pid log=$home/log/supervisors.log
	[ "$1" != watch ] || log=$home/log/watch.log
	export DOUSHENG_SERVICE=$1 DOUSHENG_LOG=$home/log/$1.log
	shift
	if [ "$(setting log_to)" = journal ]; then
		unset DOUSHENG_LOG
		set -- systemd-cat --identifier="dousheng-$DOUSHENG_SERVICE" "$@"
	fi
	close_files
	cd "$home"
	setsid "$@" </dev/null >>"$log" 2>&1 &
	printf '%s\n' "$!" >"$file"
)

# Closes all file descriptors except 0, 1 and 2.
close_files() {
	local fd
	for fd in /proc/"$BASHPID"/fd/*; do
		fd=${fd##*/}
		[ "$fd" -le 2 ] || eval "exec $fd>&-"
	done
}

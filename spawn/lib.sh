# lib.sh: what the scripts of this folder share.  Sourced, never run.
#
#   src    the source tree         home   the instance's folder, its real path
#   BIN    the programs just built  port   where nginx listens
#
# What belongs to an instance is found by its folder: pid files lie in it, and
# everything started for it has its working directory or its arguments there.
# shellcheck shell=bash disable=SC2034
set -euo pipefail
umask 022
# Whatever shell, folder for temporary files or locale the caller has; scripts add the system's
# folders to PATH before they come here.
export LC_ALL=C.UTF-8
unset CDPATH GREP_OPTIONS GREP_COLORS POSIXLY_CORRECT
[ -w "${TMPDIR:-/tmp}" ] && [ -d "${TMPDIR:-/tmp}" ] || export TMPDIR=/tmp

say() { printf '%s\n' "$*"; }

die() {
	printf 'dousheng: %s\n' "$*" >&2
	exit 1
}

# die_showing LOG SENTENCE: with the end of the log that has the reason.
die_showing() {
	show_end "$1"
	shift
	die "$@"
}
show_end() { [ ! -s "$1" ] || { printf -- '--- end of %s\n' "$1" && tail -n 15 "$1"; } >&2; }

# die_of SERVICE SENTENCE: the same for a pool or a job.
die_of() {
	show_end "$home/log/supervisors.log"
	die_showing "$home/log/$1.log" "$2"
}

is_root() { [ "$EUID" = 0 ]; }
has_ipv6() { grep -q . /proc/net/if_inet6 2>/dev/null; }

# wait_until SECONDS COMMAND...: true as soon as the command is.
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

# Each server quotes names in its own way, and multiwatch takes ASCII alone;
# these need no quotes anywhere.
[[ $home =~ ^[A-Za-z0-9/._+=-]+$ ]] ||
	die "the path $home has a character that not every server takes: choose a DOUSHENG_HOME of A-Z a-z 0-9 / . _ + = -"

# not_ours: what somebody else may change of the scripts and programs, or in a folder above them.
# A number that is no user's here is nobody, as where a folder comes from another machine.
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

# What another user may write, root runs as if that user had asked it to.  (Who calls sudo may.)
check_ours() {
	local path
	path=$(not_ours | head -n 1) || true
	[ -z "$path" ] ||
		die "$path can be changed by others than root, who would run what they write there: chown -R root: $src, chmod -R go-w $src"
}
! [ "$EUID" = 0 ] || check_ours

# redis_program server|cli: Redis's, or that of Valkey, which speaks the same protocol and takes the
# same options.
redis_program() {
	local name
	for name in "redis-$1" "valkey-$1"; do
		! type -P "$name" >/dev/null || break
	done
	printf '%s' "$name"
}

# Who works in the instance's folder:
#
#   service   nginx's and our workers, and all jobs but transcode.  nginx writes request bodies that
#             only their owner can read, so these share a user; but not these groups:
#   keys      group of those who may read what signs tokens: workers, and the jobs beside transcode
#   data      group of those who may enter uploads, and the sockets of PostgreSQL and Redis
#   media     transcode and its ffmpeg: in data, not in keys
#
# No group lists its members in /etc/group, else nginx would get them with its user.
if is_root; then
	service=dousheng media=dousheng-media keys=dousheng-keys data=dousheng-data
	pg_user=postgres redis_user=redis
	getent passwd redis >/dev/null || redis_user=valkey
	as_service=(/usr/bin/setpriv --reuid="$service" --regid="$service" --groups="$keys,$data" --)
	as_media=(/usr/bin/setpriv --reuid="$media" --regid="$media" --groups="$data" --)
	as_postgres=(/usr/bin/setpriv --reuid="$pg_user" --regid="$pg_user" --init-groups --)
	as_redis=(/usr/bin/setpriv --reuid="$redis_user" --regid="$data" --clear-groups --)
	# Libraries look for files in HOME; root's may not be entered.
	export HOME=$home
else
	service=$(id -un) media=$(id -un) keys=$(id -gn) data=$(id -gn) pg_user=$(id -un) redis_user=$(id -un)
	as_service=() as_media=() as_postgres=() as_redis=()
fi

export DOUSHENG_HOME=$home BIN
# They would change where the private database is looked for.
[ -n "${DATABASE_URL:-}" ] || unset "${!PG@}"
# The caller's folder may be one that the others cannot enter.
cd /

running_port() { cat "$home/run/port" 2>/dev/null; }
port=${DOUSHENG_PORT:-$(running_port || echo 8080)}

# The worker tells settings, routes and errors: the installed one, or before that the built one; or
# the one that a calling script names.
find_worker() {
	worker=${SETTINGS_BY:-$home/app/bin/worker}
	[ -x "$worker" ] || worker=$BIN/worker
	[ -x "$worker" ] || die "$BIN/worker is missing: run make"
}

setting() { "$worker" describe value "$1"; }

# Where this machine reaches nginx.
local_url() {
	local address
	address=$(setting listen_address)
	[[ $address != *:* ]] || address="[$address]"
	printf 'http://%s:%s' "${address:-127.0.0.1}" "$port"
}

# By $worker.  A bad file or value is the same for each setting that one asks for.
check_settings() {
	local why
	why=$(setting language 2>&1) || die "$why"
}

# find_database: where psql finds it is in $database afterwards, without the password: what stands
# in a command line, everybody on this machine can read.
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

# hide_keyword: the same for $database as "host=... password='...'".  What is no such list stays
# as it is, for psql to refuse.
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
	# Not in a command line, which everybody on this machine can read.
	[ -z "${at[5]}" ] || export REDISCLI_AUTH=${at[5]}
	timeout 5 "$(redis_program cli)" --no-auth-warning "${where[@]}" "$@" 2>/dev/null
}

# One script at a time changes an instance.
lock() {
	{ exec {lock}>"$home/run/lock"; } 2>/dev/null ||
		die "the folder $home cannot be written: it belongs to $(stat -c %U "$home")"
	flock -w 120 "$lock" || die "another script is at work on $home for two minutes already"
}

# The pools: "name processes keep|close" each.
pools() { sed -n 's/#.*//; /^[a-z]/p' "$src/spawn/pools"; }
pool_names() { pools | cut -d' ' -f1; }

# --- Its processes ---------------------------------------------------------

# reversed: the lines of its input, the last one first.  (tac writes a temporary file.)
reversed() {
	local lines i
	mapfile -t lines
	for ((i = ${#lines[@]} - 1; i >= 0; i--)); do printf '%s\n' "${lines[i]}"; done
}

# All services in the order in which they start.
services() { printf '%s\n' postgres redis; pool_names; job_names; printf '%s\n' nginx watch; }

# Pools and jobs that were started, also those that spawn/pools has lost since.
known() { find "$home/run" -maxdepth 1 -name '*.processes' -printf '%f\n' 2>/dev/null | sed 's/\.processes$//'; }

# How many processes a pool or a job is to have.
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
	# Either one: it may have been started before the other was installed.
	redis) printf -- '-server ' ;;
	*) printf 'multiwatch' ;;
	esac
}

# pid_of SERVICE: its process, if it runs.  A pid file is believed only if that
# process is the right program and of this instance: numbers are used again.
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

# Runs, and a pool has its processes and its socket too.
healthy() {
	local pid
	pid=$(pid_of "$1") || return 1
	[ "$(program "$1")" != multiwatch ] || [ -n "$(children "$pid")" ] || return 1
	case $1 in
	postgres | redis | nginx | transcode | fold | sweep | export | watch) ;;
	*) [ -S "$home/run/$1.sock" ] ;;
	esac
}

# superseded SERVICE: has the program of its main process, or a library that it uses, been replaced
# since it started?  What it loads later would be of another version.
superseded() {
	local pid
	pid=$(pid_of "$1") || return 1
	[[ $(readlink "/proc/$pid/exe") == *' (deleted)' ]] || uses_replaced_library "$pid"
}

# outdated SERVICE: superseded, or one of its workers uses a library that has been replaced.  (Our own
# programs are replaced by up and reload, which see to it.)
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

# strays: processes of the instance that no running service owns.  After a
# kill -9 of a supervisor its children live on, and hold the sockets and the port.
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

# children PID: as it lists them.
children() { pgrep -P "$1"; }

# Where workers and jobs log to must be there before they start.
check_journal() {
	[ "$(setting log_to)" = file ] || { type -P systemd-cat >/dev/null && [ -S /run/systemd/journal/stdout ]; } ||
		die "log_to = journal, but there is no journal on this system (systemd-cat, /run/systemd/journal)"
}

# detached SERVICE COMMAND...: starts it in the background, with a log, a pid
# file, its own session, and none of the caller's open files: neither the lock,
# nor a pipe at whose end somebody waits.  Workers and jobs open DOUSHENG_LOG
# themselves; supervisors, which cannot open another one when logs are rotated,
# share one that is copied and cut.
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

# Closes all but 0, 1 and 2.
close_files() {
	local fd
	for fd in /proc/"$BASHPID"/fd/*; do
		fd=${fd##*/}
		[ "$fd" -le 2 ] || eval "exec $fd>&-"
	done
}

# services.sh: how to start and stop each service.  Sourced after lib.sh.
#
# start SERVICE returns when the service is ready, or dies with the reason.
# stop SERVICE returns when it has ended; it need not be running.
#
# postgres_start_s   how many seconds to retry starting PostgreSQL
# unchanged=yes      start services with their previous configuration, ignoring changes of spawn/pools
# shellcheck shell=bash disable=SC2154

postgres_start_s=20 unchanged=

start() {
	case $1 in
	postgres | redis | nginx | watch) "start_$1" ;;
	transcode | fold | sweep | export) start_job "$1" ;;
	*) start_pool "$1" ;;
	esac
}

stop() {
	case $1 in
	# QUIT is nginx's graceful shutdown; long downloads are cut off after 5 s.
	nginx) end nginx QUIT 5 ;;
	# INT is PostgreSQL's fast shutdown.
	postgres) end postgres INT 60 ;;
	*) end "$1" TERM 10 ;;
	esac
}

# end SERVICE SIGNAL SECONDS: sends SIGNAL, and kills it after SECONDS.
end() {
	local pid
	if pid=$(pid_of "$1"); then
		kill -s "$2" "$pid" 2>/dev/null || true
		wait_until "$3" stopped "$1" || force "$1" "$pid"
	fi
	[ "$1" = postgres ] || rm -f "$(pid_file "$1")"
}

# The children of a killed supervisor survive, so they are killed, too.
force() {
	kill -s KILL "$2" 2>/dev/null || true
	wait_until 5 stopped "$1" || die "process $2 ($1) cannot be killed"
	end_strays
}

# --- PostgreSQL ------------------------------------------------------------

# Puts PostgreSQL's programs first in PATH: of the cluster's version, or the newest installed.  (psql in
# Debian's default PATH is a slow wrapper.)
find_postgres() {
	local dir version
	version=$(cat "$home/pg/PG_VERSION" 2>/dev/null ||
		find /usr/lib/postgresql/ -mindepth 1 -maxdepth 1 -printf '%f\n' 2>/dev/null | sort -V | tail -n 1)
	dir=/usr/lib/postgresql/$version/bin
	[ -x "$dir/postgres" ] || [ ! -e "$home/pg/PG_VERSION" ] ||
		die "the data in $home/pg is of PostgreSQL $version, which is not installed (${dir%/*}); nothing was changed: see \"A new major version of PostgreSQL\" in docs/install.md"
	[ -x "$dir/postgres" ] || die "PostgreSQL is not installed: run spawn/packages"
	PATH=$dir:$PATH
}

# Creates the cluster in a temporary folder, renamed when complete, so that an interrupted initdb leaves
# no broken cluster.
make_cluster() {
	[ ! -e "$home/pg/PG_VERSION" ] || return 0
	rm -rf "$home/pg.new"
	install -d -o "$pg_user" -m 700 "$home/pg.new"
	"${as_postgres[@]}" initdb -D "$home/pg.new" --username=postgres --locale=C.UTF-8 \
		--encoding=UTF8 --auth=peer --no-instructions >"$home/log/initdb.log" 2>&1 ||
		die_showing "$home/log/initdb.log" "cannot create PostgreSQL's cluster"
	write_access_rules "$home/pg.new"
	mv "$home/pg.new" "$home/pg"
}

# Prints the ident map: system user and database role.  Connections only use the socket, with peer
# authentication.  dousheng owns the tables; the other roles have the rights of sql/schema/roles.sql.
ident_map() {
	local role
	for role in dousheng dousheng_app dousheng_media; do printf 'root %s\n' "$role"; done
	if is_root; then
		printf '%s dousheng_app\n%s dousheng_media\n' "$service" "$media"
		# Processes of other instances, which use the role in their database_url.
		[ "$(setting database_shared)" = no ] || printf '%s dousheng\n' "$service" "$media"
	else
		for role in dousheng dousheng_app dousheng_media; do printf '%s %s\n' "$service" "$role"; done
	fi
	printf '%s postgres\n' "$pg_user"
}

# write_access_rules FOLDER: true if they have changed.
write_access_rules() {
	local hba='local all all peer map=dousheng' ident
	ident=$(ident_map | sed 's/^/dousheng /')
	[ "$hba" != "$(cat "$1/pg_hba.conf")" ] || [ "$ident" != "$(cat "$1/pg_ident.conf")" ] || return 1
	printf '%s\n' "$hba" >"$1/pg_hba.conf"
	printf '%s\n' "$ident" >"$1/pg_ident.conf"
}

start_postgres() {
	find_postgres
	make_cluster
	write_access_rules "$home/pg" || true
	wait_until "$postgres_start_s" run_postgres ||
		die_showing "$home/log/postgres.log" "PostgreSQL does not start"
	make_database
}

# Updates access rules and roles of a running server, which an earlier release may have started.
refresh_postgres() {
	find_postgres
	if write_access_rules "$home/pg"; then kill -s HUP "$(pid_of postgres)"; fi
	wait_until 5 make_database || die_showing "$home/log/postgres.log" "cannot create the roles of the database"
}

# postgres_memory: shared_buffers in MB.  Default: an eighth of the machine's memory; the page cache of
# the system caches the rest.
postgres_memory() {
	local megabytes
	megabytes=$(setting postgres_memory_mb)
	if [ "$megabytes" = 0 ]; then
		megabytes=$(($(machine_memory) / 8))
		megabytes=$((megabytes < 128 ? 128 : megabytes > 4096 ? 4096 : megabytes))
	fi
	printf '%s' "$megabytes"
}

# machine_memory: in MB, or the container's limit if that is lower.
machine_memory() {
	local all limit
	all=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)
	limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null)
	[[ $limit =~ ^[0-9]+$ ]] && ((limit / 1048576 < all)) && all=$((limit / 1048576))
	printf '%s' "$all"
}

# Settings that differ from the defaults; durability stays on.  Frequent checkpoints keep crash recovery
# short.  plpgsql is preloaded: a running server could not load it after an upgrade of the package.
run_postgres() {
	clean_up_dead_postmaster
	local options="-c listen_addresses= -c unix_socket_directories=$home/run/postgres \
		-c shared_buffers=$(postgres_memory)MB -c effective_cache_size=$(($(machine_memory) / 2))MB \
		-c max_connections=100 -c wal_compression=on -c jit=off \
		-c checkpoint_timeout=1min -c max_wal_size=512MB \
		-c recovery_init_sync_method=syncfs -c shared_preload_libraries=plpgsql"
	(
		close_files
		cd "$home/pg" || exit
		"${as_postgres[@]}" pg_ctl start -D "$home/pg" -l "$home/log/postgres.log" \
			-w -t $((postgres_start_s + 10)) -s -o "$options" >/dev/null 2>&1
	)
}

# After a kill -9 of the postmaster: a busy child may not notice, and holds the shared memory; and
# PostgreSQL does not start if the pid in postmaster.pid belongs to another program by now.  The caller
# holds the instance's lock, so no other postmaster can start meanwhile.
clean_up_dead_postmaster() {
	local list
	[ -e "$home/pg/postmaster.pid" ] && ! runs postgres || return 0
	list=$(children_of_postgres)
	# shellcheck disable=SC2086
	[ -z "$list" ] || kill -s KILL $list 2>/dev/null || true
	wait_until 5 no_children_of_postgres || return 0
	rm -f "$home/pg/postmaster.pid" "$home"/run/postgres/.s.PGSQL.*.lock
}

children_of_postgres() {
	{ find /proc/[0-9]*/cwd -maxdepth 0 -lname "$home/pg" 2>/dev/null || true; } |
		while IFS=/ read -r _ _ pid _; do
			[ "$(cat "/proc/$pid/comm" 2>/dev/null)" != postgres ] || printf '%s\n' "$pid"
		done
}
no_children_of_postgres() { [ -z "$(children_of_postgres)" ]; }

# With a timeout, in case the server hangs.
private_psql() { PGCONNECT_TIMEOUT=10 psql -XqAt -h "$home/run/postgres" -v ON_ERROR_STOP=1 "$@"; }

make_database() {
	if private_psql -U dousheng_media -d dousheng -c '' 2>/dev/null; then
		return 0
	fi
	"${as_postgres[@]}" "$(type -P psql)" -XqAt -h "$home/run/postgres" -U postgres -d postgres <<-'EOF'
		\set ON_ERROR_STOP on
		SELECT format('CREATE ROLE %I LOGIN', name) FROM unnest('{dousheng,dousheng_app,dousheng_media}'::name[]) name
		WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
		GRANT dousheng_app, dousheng_media TO dousheng;
		SELECT 'CREATE DATABASE dousheng OWNER dousheng'
		WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'dousheng') \gexec
	EOF
}

# --- Redis -----------------------------------------------------------------

# A cache only: no persistence, and eviction when memory is full.
start_redis() {
	local dir=$home/run/redis megabytes
	megabytes=$(setting redis_memory_mb)
	(
		close_files
		cd "$home"
		"${as_redis[@]}" "$(redis_program server)" --port 0 --unixsocket "$dir/redis.sock" \
			--unixsocketperm 770 --daemonize yes --pidfile "$dir/redis.pid" \
			--logfile "$home/log/redis.log" --dir "$dir" --save '' --appendonly no \
			--maxmemory "${megabytes}mb" --maxmemory-policy allkeys-lfu >/dev/null 2>&1
	) || die_showing "$home/log/redis.log" "Redis does not start"
	wait_until 10 redis_answers ||
		die_showing "$home/log/redis.log" "Redis does not answer"
}

redis_answers() { [ "$("$(redis_program cli)" -s "$home/run/redis/redis.sock" ping 2>/dev/null)" = PONG ]; }

# --- Workers and jobs ------------------------------------------------------

# multiwatch's behaviour, as observed: a child that exits, even with status 0, is restarted at once from
# the program's path, so that new binaries come into use (crash-throttle limits the rate).  It gives up
# a child after more than RETRIES exits in a row, each within a second of the start; so RETRIES is large.
# On TERM it sends TERM to its children, waits for them without a timeout, and exits.  If it is killed,
# its children keep running (see strays).
supervise=(/usr/bin/multiwatch -r 1000000 -t 1000 -s TERM)

# The installed crash-throttle.  An instance of an earlier release that was not updated yet has begin.
throttle() {
	local installed=$home/app/bin/crash-throttle
	[ -x "$installed" ] || installed=$home/app/bin/begin
	printf '%s' "$installed"
}

# spawn-fcgi opens the socket and execs setpriv, which drops root and execs multiwatch (-n: no fork, so
# the pid stays the same).  The socket is created under another name and renamed when workers serve it.
# An old socket of that name keeps its accepted connections, and no connection is refused in between.
start_pool() {
	local socket=$home/run/$1.sock as=()
	note_processes "$1"
	is_root && as=(-U "$service" -G "$service")
	rm -f "$socket.new"
	detached "$1" spawn-fcgi -n -s "$socket.new" -M 0660 -b 4096 "${as[@]}" -- \
		"${as_service[@]}" "${supervise[@]}" -f "$(noted_processes "$1")" -- "$(throttle)" "$home/app/bin/worker"
	wait_until 5 serves "$1" "$socket.new" ||
		die_of "$1" "the pool $1 does not start"
	mv "$socket.new" "$socket"
}

# The number of processes with which a pool or job was started.
noted_processes() { cat "$home/run/$1.processes" 2>/dev/null; }

note_processes() {
	if [ -z "$unchanged" ] || [ -z "$(noted_processes "$1")" ]; then
		processes "$1" >"$home/run/$1.processes"
	fi
}

serves() {
	local pid
	[ -S "$2" ] && pid=$(pid_of "$1") && [ -n "$(children "$pid")" ]
}

# Workers of replaced supervisors that still serve accepted connections: nginx's kept connections last
# 5 s, a request at most a minute.
draining=()

# renew POOL: starts a new supervisor, and lets the workers of the old one drain.
renew() {
	local old
	old=$(pid_of "$1") || old=
	start_pool "$1"
	[ -z "$old" ] || retire "$old"
}

# Stops the supervisor first, so that it does not restart the workers that drain.
retire() {
	local workers
	kill -s STOP "$1"
	mapfile -t workers < <(children "$1")
	kill -s QUIT "${workers[@]}" 2>/dev/null || true
	kill -s KILL "$1"
	draining+=("${workers[@]}")
}

wait_drained() {
	[ "${#draining[@]}" != 0 ] || return 0
	wait_until 70 ended "${draining[@]}" || kill -s KILL "${draining[@]}" 2>/dev/null || true
	draining=()
}

ended() {
	local pid
	for pid; do [ -z "$(tr -d '\0' 2>/dev/null <"/proc/$pid/cmdline")" ] || return 1; done
}

start_job() {
	local as=("${as_service[@]}")
	note_processes "$1"
	if [ "$1" = transcode ]; then
		as=("${as_media[@]}")
		"${as[@]}" "$home/app/bin/transcode" check || die "videos cannot be processed: see above"
	fi
	detached "$1" "${as[@]}" "${supervise[@]}" -f "$(noted_processes "$1")" -- "$(throttle)" "$home/app/bin/$1"
	wait_until 5 healthy "$1" ||
		die_of "$1" "the job $1 does not start"
}

# replace_children SERVICE: one after the other, so that others keep serving.  A worker execs the new
# program and keeps its connections; a job is restarted.
replace_children() {
	local supervisor old
	supervisor=$(pid_of "$1") || return 0
	for old in $(children "$supervisor"); do
		if is_pool "$1"; then upgrade "$supervisor" "$old"; else replace "$supervisor" "$old"; fi ||
			die_of "$1" "the service $1 does not restart"
	done
}

# refresh SERVICE: applies new programs, settings, and the configured number of processes to a running
# pool or job.
refresh() {
	if [ "$(processes "$1")" = "$(noted_processes "$1")" ]; then
		replace_children "$1"
	elif is_pool "$1"; then
		renew "$1"
	else
		stop "$1"
		start "$1"
	fi
}

# end_superseded SERVICE: stops a service whose program was replaced.  nginx and pools are replaced by the
# new version at once, so that no request is refused.
end_superseded() {
	if [ "$1" = nginx ]; then upgrade_nginx; elif is_pool "$1"; then renew "$1"; else stop "$1"; fi
}

# Ends pools that were removed from spawn/pools, after nginx was reloaded.  An old nginx process may
# still be receiving an upload and pass it to the pool later; if that takes too long, the pool stays
# until the next call.
end_lost_pools() {
	local name pid
	for name in $(known | grep -vxF "$(services)"); do
		if pid=$(pid_of "$name"); then
			wait_until 70 retired_completely || {
				say "the pool $name still receives an upload: it will be stopped by the next make reload"
				continue
			}
			retire "$pid"
		fi
		rm -f "$home/run/$name".{sock,pid,processes}
	done
}

is_pool() { pool_names | grep -qxF -- "$1"; }

# upgrade SUPERVISOR CHILD: makes a worker exec the new program; kills it if that takes longer than the
# longest request.
upgrade() {
	local before
	before=$(upgrades "$2")
	kill -s USR2 "$2" 2>/dev/null || true
	wait_until 35 upgraded "$1" "$2" "$before" || replace "$1" "$2"
}

# The number of upgrades of this worker process; empty before the first.
upgrades() { tr '\0' '\n' 2>/dev/null <"/proc/$1/environ" | sed -n 's/^WORKER_UPGRADES=//p'; }

# True if the worker has exec'ed the new program, or was replaced after its death.
upgraded() { [ "$(upgrades "$2")" != "$3" ] || replaced "$1" "$2"; }

replace() {
	kill -s TERM "$2" 2>/dev/null || true
	wait_until 35 replaced "$1" "$2" || {
		kill -s KILL "$2" 2>/dev/null || true
		wait_until 5 replaced "$1" "$2"
	}
}

replaced() { [[ " $(children "$1" | tr '\n' ' ') " != *" $2 "* ]]; }

# --- nginx -----------------------------------------------------------------

# Writes the configuration; true if it has changed.
write_nginx_conf() {
	local new=$home/nginx.conf.new
	"$src/spawn/render-nginx" >"$new" || die "cannot generate nginx's configuration"
	if cmp -s "$new" "$home/nginx.conf"; then
		rm "$new"
		return 1
	fi
	nginx -t -q -c "$new" -p "$home" -e "$home/log/nginx-error.log" ||
		die "nginx rejects $new"
	mv "$new" "$home/nginx.conf"
}

start_nginx() {
	local errors=$home/log/nginx-start.log
	[ -n "$unchanged" ] && [ -s "$home/nginx.conf" ] || write_nginx_conf || true
	(
		close_files
		cd "$home"
		# By its absolute path, which nginx executes again for an upgrade.
		"$(type -P nginx)" -c "$home/nginx.conf" -p "$home" -e "$home/log/nginx-error.log"
	) >"$errors" 2>&1 || die_showing "$errors" "nginx does not start"
	wait_until 5 runs nginx || die_showing "$home/log/nginx-error.log" "nginx does not start"
	printf '%s\n' "$port" >"$home/run/port"
}

# Applies a changed configuration by a reload; by a restart if a listen address was removed, because it
# could conflict with another one at the same port.
apply_nginx_conf() {
	local before
	before=$(listen_lines)
	write_nginx_conf || return 0
	if [ -z "$(grep -vxF -- "$(listen_lines)" <<<"$before")" ]; then
		reload_nginx
	else
		stop nginx
		start nginx
	fi
}
listen_lines() { grep -E '^ *listen ' "$home/nginx.conf" 2>/dev/null || true; }

# Returns when the new worker processes serve and the old ones are shutting down.
reload_nginx() {
	local master old
	master=$(pid_of nginx)
	old=$(children "$master")
	kill -s HUP "$master"
	wait_until 5 retired "$old" || die_showing "$home/log/nginx-error.log" "nginx does not reload"
}

# Replaces a running nginx by the installed program, which inherits its sockets; the old one shuts down
# gracefully.  Restarts it if that fails, as when it was not started by its absolute path.
upgrade_nginx() {
	local master
	master=$(pid_of nginx)
	kill -s USR2 "$master"
	if wait_until 5 nginx_has_successor "$master"; then
		kill -s QUIT "$master"
	else
		stop nginx
		start nginx
	fi
}
nginx_has_successor() {
	local pid
	pid=$(pid_of nginx) && [ "$pid" != "$1" ] && [ -n "$(children "$pid")" ]
}

# True if no worker process of a previous configuration is left.
retired_completely() {
	local titles
	# Ignore errors: a process may exit meanwhile.
	titles=$(children "$(pid_of nginx)" | xargs -I{} cat /proc/{}/cmdline 2>/dev/null | tr '\0' '\n') || true
	[[ $titles != *"shutting down"* ]]
}

retired() {
	local pid
	for pid in $1; do
		! grep -qs '^nginx: worker process$' <(tr -d '\0' 2>/dev/null <"/proc/$pid/cmdline") || return 1
	done
}

# --- The watchdog ------------------------------------------------------------

start_watch() {
	detached watch "$src/spawn/watchdog" "$home/"
	wait_until 5 runs watch || die_showing "$home/log/watch.log" "the watchdog does not start"
}

# services.sh: how each service starts and stops.  Sourced after lib.sh, by up and down.
#
# start SERVICE returns when the service is ready, or ends the script with the
# reason.  stop SERVICE returns when it is gone; one that does not run is fine.
#
# patience       seconds for which PostgreSQL is tried to be started
# as_it_was=yes  a service is started as it was last, whatever spawn/pools says now
# shellcheck shell=bash disable=SC2154

patience=20 as_it_was=

start() {
	case $1 in
	postgres | redis | nginx | watch) "start_$1" ;;
	transcode | fold | sweep | export) start_job "$1" ;;
	*) start_pool "$1" ;;
	esac
}

stop() {
	case $1 in
	# QUIT lets replies end; a download may take longer than we like to wait.
	nginx) end nginx QUIT 5 ;;
	# INT is PostgreSQL's fast shutdown: it ends sessions and writes everything out.
	postgres) end postgres INT 60 ;;
	*) end "$1" TERM 10 ;;
	esac
}

# end SERVICE SIGNAL SECONDS: asks it to go; by force when the time is over.
end() {
	local pid
	if pid=$(pid_of "$1"); then
		kill -s "$2" "$pid" 2>/dev/null || true
		wait_until "$3" stopped "$1" || force "$1" "$pid"
	fi
	[ "$1" = postgres ] || rm -f "$(pid_file "$1")"
}

# A supervisor that is killed leaves children, they have to go too.
force() {
	kill -s KILL "$2" 2>/dev/null || true
	wait_until 5 stopped "$1" || die "process $2 ($1) cannot be killed"
	end_strays
}

# --- PostgreSQL ------------------------------------------------------------

# The programs of the version that made the cluster, or of the newest there is.
# They go first in PATH, also because Debian's psql is a slow wrapper.
find_postgres() {
	local dir version
	version=$(cat "$home/pg/PG_VERSION" 2>/dev/null ||
		find /usr/lib/postgresql/ -mindepth 1 -maxdepth 1 -printf '%f\n' 2>/dev/null | sort -V | tail -n 1)
	dir=/usr/lib/postgresql/$version/bin
	[ -x "$dir/postgres" ] || [ ! -e "$home/pg/PG_VERSION" ] ||
		die "the data in $home/pg are of PostgreSQL $version, whose programs are not installed (${dir%/*}); nothing was changed: see \"A new major version of PostgreSQL\" in docs/install.md"
	[ -x "$dir/postgres" ] || die "PostgreSQL is not installed: run spawn/packages"
	PATH=$dir:$PATH
}

# In a folder that gets its name only when it is complete, so that an
# interrupted initdb is never taken for a cluster.
make_cluster() {
	[ ! -e "$home/pg/PG_VERSION" ] || return 0
	rm -rf "$home/pg.new"
	install -d -o "$pg_user" -m 700 "$home/pg.new"
	"${as_postgres[@]}" initdb -D "$home/pg.new" --username=postgres --locale=C.UTF-8 \
		--encoding=UTF8 --auth=peer --no-instructions >"$home/log/initdb.log" 2>&1 ||
		die_showing "$home/log/initdb.log" "PostgreSQL's cluster cannot be made"
	who_may_connect "$home/pg.new"
	mv "$home/pg.new" "$home/pg"
}

# Only through the socket, and only who the kernel says is one of these users: user and role each.
# dousheng owns the tables; the two others may do what sql/schema/roles.sql says.
roles() {
	local role
	for role in dousheng dousheng_app dousheng_media; do printf 'root %s\n' "$role"; done
	if is_root; then
		printf '%s dousheng_app\n%s dousheng_media\n' "$service" "$media"
		# Another instance's processes, all of them with the one role that its database_url names.
		[ "$(setting database_shared)" = no ] || printf '%s dousheng\n' "$service" "$media"
	else
		for role in dousheng dousheng_app dousheng_media; do printf '%s %s\n' "$service" "$role"; done
	fi
	printf '%s postgres\n' "$pg_user"
}

# who_may_connect FOLDER: true if it was not so.
who_may_connect() {
	local hba='local all all peer map=dousheng' ident
	ident=$(roles | sed 's/^/dousheng /')
	[ "$hba" != "$(cat "$1/pg_hba.conf")" ] || [ "$ident" != "$(cat "$1/pg_ident.conf")" ] || return 1
	printf '%s\n' "$hba" >"$1/pg_hba.conf"
	printf '%s\n' "$ident" >"$1/pg_ident.conf"
}

start_postgres() {
	find_postgres
	make_cluster
	who_may_connect "$home/pg" || true
	wait_until "$patience" run_postgres ||
		die_showing "$home/log/postgres.log" "PostgreSQL does not start"
	make_database
}

# Of a server that runs, which may have been started by an older version.
refresh_postgres() {
	find_postgres
	if who_may_connect "$home/pg"; then kill -s HUP "$(pid_of postgres)"; fi
	wait_until 5 make_database || die_showing "$home/log/postgres.log" "the roles of the database cannot be made"
}

# postgres_memory: of its buffers, in MB.  An eighth of the machine's, where nobody says: what is
# asked for often stays there, and the system keeps what else was read.
postgres_memory() {
	local megabytes
	megabytes=$(setting postgres_memory_mb)
	if [ "$megabytes" = 0 ]; then
		megabytes=$(($(machine_memory) / 8))
		megabytes=$((megabytes < 128 ? 128 : megabytes > 4096 ? 4096 : megabytes))
	fi
	printf '%s' "$megabytes"
}

# machine_memory: in MB; a container's, where it has less.
machine_memory() {
	local all limit
	all=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)
	limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null)
	[[ $limit =~ ^[0-9]+$ ]] && ((limit / 1048576 < all)) && all=$((limit / 1048576))
	printf '%s' "$all"
}

# Settings on top of the defaults.  Durability stays as it is: on.  After a crash it reads what was
# written since the last checkpoint, so that is never much.  What triggers need is loaded once, with
# the server: from a package that was upgraded under it, it could not be.
run_postgres() {
	forget_dead_postmaster
	local options="-c listen_addresses= -c unix_socket_directories=$home/run/postgres \
		-c shared_buffers=$(postgres_memory)MB -c effective_cache_size=$(($(machine_memory) / 2))MB \
		-c max_connections=100 -c wal_compression=on -c jit=off \
		-c checkpoint_timeout=1min -c max_wal_size=512MB \
		-c recovery_init_sync_method=syncfs -c shared_preload_libraries=plpgsql"
	(
		close_files
		cd "$home/pg" || exit
		"${as_postgres[@]}" pg_ctl start -D "$home/pg" -l "$home/log/postgres.log" \
			-w -t $((patience + 10)) -s -o "$options" >/dev/null 2>&1
	)
}

# After a kill -9 of the postmaster: a child that is in the middle of something does not see it,
# and holds the memory that the next one wants; a postmaster.pid whose number belongs to another
# program by now keeps it from starting.  Whoever holds the lock starts no other meanwhile.
forget_dead_postmaster() {
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

# A server that hangs is not waited for without end.
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

# Only copies are in it: nothing is saved, and the least used go when it is full.
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

# multiwatch, as it was found to behave: a child that ends in any way, exit 0
# too, is replaced at once and by the program that has the name *now*, which is
# how new binaries come into use; begin slows it down.  More than RETRIES deaths in a row, each
# within a second of its start, and it gives that child up, so RETRIES is large.
# On TERM it passes TERM on, waits for its children without end and exits.
# Killed, it leaves its children running (see strays).
supervise=(/usr/bin/multiwatch -r 1000000 -t 1000 -s TERM)

# spawn-fcgi opens the socket and becomes multiwatch, which has stepped down from root before
# (-n: no fork, so the process that we start is the one that stays).  The socket
# gets its name when it is served: one that had the name before goes on with
# those who have come to it, and nobody is refused in between.
start_pool() {
	local socket=$home/run/$1.sock as=()
	note_processes "$1"
	is_root && as=(-U "$service" -G "$service")
	rm -f "$socket.new"
	detached "$1" spawn-fcgi -n -s "$socket.new" -M 0660 -b 4096 "${as[@]}" -- \
		"${as_service[@]}" "${supervise[@]}" -f "$(noted_processes "$1")" -- "$home/app/bin/crash-throttle" "$home/app/bin/worker"
	wait_until 5 serves "$1" "$socket.new" ||
		die_of "$1" "the pool $1 does not start"
	mv "$socket.new" "$socket"
}

noted_processes() { cat "$home/run/$1.processes" 2>/dev/null; }

note_processes() {
	if [ -z "$as_it_was" ] || [ -z "$(noted_processes "$1")" ]; then
		processes "$1" >"$home/run/$1.processes"
	fi
}

serves() {
	local pid
	[ -S "$2" ] && pid=$(pid_of "$1") && [ -n "$(children "$pid")" ]
}

# Workers that serve those who came to them before, until these have gone: the
# connections that nginx keeps live 5 s, a request a minute at most.
draining=()

# renew POOL: another supervisor, and the old one's workers drain.
renew() {
	local old
	old=$(pid_of "$1") || old=
	start_pool "$1"
	[ -z "$old" ] || retire "$old"
}

# A supervisor that stands still starts no worker anew, nor does a dead one.
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
	detached "$1" "${as[@]}" "${supervise[@]}" -f "$(noted_processes "$1")" -- "$home/app/bin/crash-throttle" "$home/app/bin/$1"
	wait_until 5 healthy "$1" ||
		die_of "$1" "the job $1 does not start"
}

# replace_children SERVICE: one after the other, so that some always serve.
# A worker becomes the new program and keeps its connections; a job ends, and
# is started anew.
replace_children() {
	local supervisor old
	supervisor=$(pid_of "$1") || return 0
	for old in $(children "$supervisor"); do
		if is_pool "$1"; then upgrade "$supervisor" "$old"; else replace "$supervisor" "$old"; fi ||
			die_of "$1" "the service $1 does not come back"
	done
}

# refresh SERVICE: a pool or a job that runs gets new programs and settings, and
# as many processes as it should have.
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

# end_superseded SERVICE: makes room for the program that is installed now.  nginx and pools have
# their successor already when this returns: no request is refused meanwhile.
end_superseded() {
	if [ "$1" = nginx ]; then upgrade_nginx; elif is_pool "$1"; then renew "$1"; else stop "$1"; fi
}

# Pools that spawn/pools has lost, after nginx has been told.  Of its old
# processes some may still wait for an upload to arrive, and then ask for them:
# when that takes too long the pool stays until somebody calls this again.
end_lost_pools() {
	local name pid
	for name in $(known | grep -vxF "$(services)"); do
		if pid=$(pid_of "$name"); then
			wait_until 70 retired_completely || {
				say "the pool $name stays for an upload that has begun: the next make reload ends it"
				continue
			}
			retire "$pid"
		fi
		rm -f "$home/run/$name".{sock,pid,processes}
	done
}

is_pool() { pool_names | grep -qxF -- "$1"; }

# upgrade SUPERVISOR CHILD: by force when it is not done after the longest request.
upgrade() {
	local before
	before=$(upgrades "$2")
	kill -s USR2 "$2" 2>/dev/null || true
	wait_until 35 upgraded "$1" "$2" "$before" || replace "$1" "$2"
}

# How often that worker has become another program; nothing before the first time.
upgrades() { tr '\0' '\n' 2>/dev/null <"/proc/$1/environ" | sed -n 's/^WORKER_UPGRADES=//p'; }

# It is another program now, or it has died and another is in its place.
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

# Writes the configuration; true when it differs from the one in use.
write_nginx_conf() {
	local new=$home/nginx.conf.new
	"$src/spawn/render-nginx" >"$new" || die "nginx's configuration cannot be made"
	if cmp -s "$new" "$home/nginx.conf"; then
		rm "$new"
		return 1
	fi
	nginx -t -q -c "$new" -p "$home" -e "$home/log/nginx-error.log" ||
		die "nginx refuses $new"
	mv "$new" "$home/nginx.conf"
}

start_nginx() {
	local errors=$home/log/nginx-start.log
	[ -n "$as_it_was" ] && [ -s "$home/nginx.conf" ] || write_nginx_conf || true
	(
		close_files
		cd "$home"
		# By its whole path, which it executes when it is to become another program.
		"$(type -P nginx)" -c "$home/nginx.conf" -p "$home" -e "$home/log/nginx-error.log"
	) >"$errors" 2>&1 || die_showing "$errors" "nginx does not start"
	wait_until 5 runs nginx || die_showing "$home/log/nginx-error.log" "nginx does not start"
	printf '%s\n' "$port" >"$home/run/port"
}

# A new configuration comes into force.  An address that is listened on no more would stand in the
# way of another one with the same port, so a reload does not do then.
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

# Returns when new workers serve and the old ones only end what they began.
reload_nginx() {
	local master old
	master=$(pid_of nginx)
	old=$(children "$master")
	kill -s HUP "$master"
	wait_until 5 retired "$old" || die_showing "$home/log/nginx-error.log" "nginx does not reload"
}

# The program that is installed now, with the sockets of the one that runs; that one ends what it
# has begun.  One that was not started by its whole path cannot: it is started anew.
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

# No process of a former configuration is left.
retired_completely() {
	local titles
	# One may go meanwhile, which says nothing about the others.
	titles=$(children "$(pid_of nginx)" | xargs -I{} cat /proc/{}/cmdline 2>/dev/null | tr '\0' '\n') || true
	[[ $titles != *"shutting down"* ]]
}

retired() {
	local pid
	for pid in $1; do
		! grep -qs '^nginx: worker process$' <(tr -d '\0' 2>/dev/null <"/proc/$pid/cmdline") || return 1
	done
}

# --- The watch -------------------------------------------------------------

start_watch() {
	detached watch "$src/spawn/watchdog" "$home/"
	wait_until 5 runs watch || die_showing "$home/log/watch.log" "the watch does not start"
}

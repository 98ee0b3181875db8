# install.sh: checks before a start, and the files of the instance's folder.  Sourced by up and reload.
# shellcheck shell=bash disable=SC2154,SC2034

# --- Checks ----------------------------------------------------------------

# If nothing is built, as after make clean, uses the installed programs.
find_programs() {
	[ -x "$BIN/worker" ] || [ ! -x "$home/app/bin/worker" ] || BIN=$home/app/bin
	[ -x "$BIN/worker" ] || die "$BIN/worker is missing: run make"
}

check_programs() {
	local name longest=$home/run/postgres/.s.PGSQL.5432
	for name in nginx spawn-fcgi multiwatch "$(redis_program server)" "$(redis_program cli)" psql ffmpeg curl flock setsid pgrep; do
		type -P "$name" >/dev/null || die "$name is not installed: run spawn/packages"
	done
	find_programs
	[ "$(printf '%s' "$longest" | wc -c)" -le 107 ] ||
		die "the path $home is too long for unix sockets: choose a shorter DOUSHENG_HOME"
	if ! [[ $port =~ ^[1-9][0-9]{0,4}$ ]] || [ "$port" -gt 65535 ]; then
		die "DOUSHENG_PORT must be a number from 1 to 65535, not $port"
	fi
}

# The port must be free, or used by this instance.
check_port() {
	local lowest
	if runs nginx && [ "$(running_port)" = "$port" ]; then
		return 0
	fi
	! listens "$port" || die "port $port is used by another program: choose another DOUSHENG_PORT"
	lowest=$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start 2>/dev/null || echo 1024)
	is_root || [ "$port" -ge "$lowest" ] || die "port $port needs root: choose a DOUSHENG_PORT from $lowest up"
}

# Certificate and key must be readable, and the TLS port free or used by this instance.
check_tls() {
	local file tls_port certificate key
	certificate=$(setting tls_certificate)
	key=$(setting tls_key)
	[ -n "$certificate$key" ] || return 0
	[ -n "$certificate" ] && [ -n "$key" ] || die "tls_certificate and tls_key must be set together"
	for file in "$certificate" "$key"; do
		[[ $file =~ ^/[A-Za-z0-9/._+=@-]+$ ]] || die "the path $file must be absolute, of A-Z a-z 0-9 / . _ + = @ -"
		[ -r "$file" ] || die "the file $file cannot be read"
	done
	tls_port=$(setting tls_port)
	[ "$tls_port" != "$port" ] || die "tls_port must differ from DOUSHENG_PORT, $port"
	if runs nginx && grep -qsE "listen ([^ ]*:)?$tls_port .*ssl" "$home/nginx.conf"; then
		return 0
	fi
	! listens "$tls_port" || die "port $tls_port is used by another program: choose another tls_port"
}

# Does a program listen on this port, at any address?
listens() {
	# tcp6 does not exist without IPv6.
	{ cat /proc/net/tcp /proc/net/tcp6 2>/dev/null || true; } |
		awk -v port=":$(printf '%04X' "$1")" '$4 == "0A" && $2 ~ port "$" { found = 1 } END { exit !found }'
}

# --- The folder ------------------------------------------------------------

# place_home SCRIPT: creates the folder, accessible to the users of the instance.  If it had to be
# created elsewhere (link_home), executes SCRIPT again.
place_home() {
	if ! others_enter "$(dirname "$home")"; then
		link_home
		exec "$1"
	fi
	mkdir -p "$home" 2>/dev/null || die "the folder $home cannot be created"
	[ -r "$home" ] || die "the folder $home cannot be read"
	[ -w "$home" ] || die "the folder $home cannot be written"
	[ -O "$home" ] || die "the folder $home belongs to $(stat -c %U "$home"), not to $(id -un)"
	[ -d "$home/app" ] || only_settings "$home" || die "the folder $home contains other files: choose an empty one"
	others_enter "$home" || chmod 755 "$home"
}

# The folder of a new instance may already contain its settings, and results of tests and benchmarks.
only_settings() {
	[ -z "$(find "$1" -mindepth 1 -maxdepth 1 ! -name dousheng.conf ! -name lost+found \
		! -name browser ! -name fuzz ! -name bench)" ]
}

# Can all users of the instance enter the folder, or the existing one it will be created in?
others_enter() {
	local dir=$1
	until [ -d "$dir" ]; do dir=$(dirname "$dir"); done
	"${as_service[@]}" test -x "$dir" && "${as_media[@]}" test -x "$dir" && "${as_postgres[@]}" test -x "$dir" && "${as_redis[@]}" test -x "$dir"
}

# Where only root can enter (a clone in /root), the folder becomes a link to one below /var/lib.
link_home() {
	local name real
	is_root || die "the folder $home cannot be entered"
	name=$(printf '%s' "${home#/}" | tr -c 'A-Za-z0-9' - | tail -c 24)
	real=/var/lib/dousheng/$name-$(printf '%s' "$home" | md5sum | cut -c 1-6)
	[ ! -e "$home" ] || rmdir "$home" 2>/dev/null ||
		die "the folder $home is not empty, and the user $service cannot enter its parent"
	mkdir -p "$real" "$(dirname "$home")"
	ln -s "$real" "$home"
	say "$home is a link to $real, because only root can enter its parent"
}

# Creates the users and groups that lib.sh describes.
make_users() {
	local name
	is_root || return 0
	for name in "$keys" "$data"; do
		getent group "$name" >/dev/null || groupadd --system "$name" || die "the group $name cannot be created"
	done
	for name in "$service" "$media"; do
		getent passwd "$name" >/dev/null ||
			useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$name" ||
			die "the user $name cannot be created"
	done
}

# An instance of an earlier release, whose files belong to www-data: stops what uses them, and changes
# their owners.  The keys folder comes last, because its group shows whether this was completed.
adopt_files() {
	local name
	is_root && [ -d "$home/keys" ] && [ "$(stat -c %G "$home/keys")" != "$keys" ] || return 0
	say "Changing the owner of the files in $home to the users $service and $media; the site is down for a moment"
	for name in watch nginx $( { pool_names; job_names; known; } | sort -u) redis; do stop "$name"; done
	rm -rf "$home/run/shared" "$home"/run/redis
	chown -R "$service:$data" "$home/spool" "$home/upload" "$home/original"
	chown -R "$media:$data" "$home/work" "$home/media"
	find "$home/media" "$home/work" -type d -exec chmod g+rwxs {} +
	find "$home/upload" "$home/original" -type f -exec chmod g+r {} +
	chown -R "$service:$keys" "$home/keys"
}

# Mode 2... makes new files inherit the group of their folder.
make_folders() {
	local me
	me=$(id -un)
	install -d "$home/app/bin" "$home/app/static" "$home/run/nginx"
	# Servers of several users enter it; others cannot list it.
	install -d -m 751 "$home/log"
	# nginx reads it, and is in none of the groups.
	install -d -o "$service" "$home/run/room"
	install -d -o "$pg_user" -g "$data" -m 750 "$home/run/postgres"
	install -d -o "$redis_user" -g "$data" -m 750 "$home/run/redis"
	install -d -o "$service" -g "$data" -m 2770 "$home/spool"
	install -d -o "$me" -g "$data" -m 2770 "$home/upload" "$home/original" "$home/run/shared"
	install -d -o "$media" -g "$data" -m 2770 "$home/work"
	install -d -o "$media" -g "$data" -m 2775 "$home/media"
	install -d -o "$me" -g "$keys" -m 2770 "$home/keys"
	touch "$home"/log/{postgres,redis,watch,supervisors,nginx-access,nginx-error}.log
	chown "$pg_user" "$home/log/postgres.log"
	chown "$redis_user" "$home/log/redis.log"
}

# --- Files -----------------------------------------------------------------

# put MODE FROM TO: installs a file by rename, because the old one may be running or being sent.
put() {
	install -D -m "$1" "$2" "$3.new"
	mv "$3.new" "$3"
}

install_programs() {
	local name
	for name in worker fsck $(job_names); do
		cmp -s "$BIN/$name" "$home/app/bin/$name" || put 755 "$BIN/$name" "$home/app/bin/$name"
	done
	# An earlier release's begin stays: supervisors that it started still execute it.
	name=crash-throttle
	cmp -s "$src/spawn/$name" "$home/app/bin/$name" || put 755 "$src/spawn/$name" "$home/app/bin/$name"
}

# mirror FROM TO [NAME...]: makes folder TO equal to FROM, except for these names; true if it differed.
mirror() {
	local from=$1 to=$2 file name except=() skip=()
	shift 2
	for name; do
		except+=(-x "$name")
		skip+=(-name "$name" -prune -o)
	done
	mkdir -p "$from" "$to"
	! diff -rq "${except[@]}" "$from" "$to" >/dev/null || return 1
	# Nothing is served from a folder that is still empty: its files are copied all at once.
	if [ -z "$(find "$to" -type f -print -quit)" ]; then
		(cd "$from" && find . "${skip[@]}" -type f -print0 | xargs -0r cp --parents -t "$to")
		find "$to" -type f -exec chmod 644 {} +
		return
	fi
	while IFS= read -r file; do
		cmp -s "$from/$file" "$to/$file" || put 644 "$from/$file" "$to/$file"
	done < <(cd "$from" && find . "${skip[@]}" -type f -print)
	while IFS= read -r file; do
		[ -f "$from/$file" ] || rm -f "$to/$file"
	done < <(cd "$to" && find . -type f)
}

# Installs static/ without the sources of the web client, and the built client, if there is one.
install_static() {
	mirror "$src/static" "$home/app/static" make-defaults app || true
	[ "$BIN" = "$home/app/bin" ] || mirror "$src/build/web" "$home/app/web" || true
}

owner_of() { if [ "$1" = transcode ]; then printf '%s' "$media"; else printf '%s' "$service"; fi; }

# Creates the log files with the owners that reopen them; logrotate keeps owner and mode.  They contain
# addresses of clients, so other users cannot read them.
install_logrotate() {
	local name reopen logs=
	printf -v reopen '%q' "$src/spawn/reopen"
	for name in $(pool_names) $(job_names); do
		touch "$home/log/$name.log"
		chown "$(owner_of "$name")" "$home/log/$name.log"
		logs+=" $home/log/$name.log"
	done
	find "$home/log/" -maxdepth 1 -type f -perm /007 -exec chmod o= {} +
	# Escape & and \ for sed.
	sed -e "s,@home@,$home,g" -e "s,@reopen@,$(sed 's/[\\&,]/\\&/g' <<<"$reopen")," -e "s,@logs@,${logs# }," \
		"$src/spawn/logrotate.conf" >"$home/logrotate.conf"
}

# Installed once, then maintained by the administrator.  Not readable for others: it may hold a password.
install_settings() {
	[ -e "$home/dousheng.conf" ] || "$worker" describe conf | put 640 /dev/stdin "$home/dousheng.conf"
	chmod o= "$home/dousheng.conf"
	if is_root; then
		chown "root:$data" "$home/dousheng.conf"
		chmod g+r "$home/dousheng.conf"
	fi
}

# A checksum of the files that workers read when they start.
loaded_files() { cat "$home"/app/bin/* "$home/dousheng.conf" | sha256sum; }

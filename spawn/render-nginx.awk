# render-nginx.awk: fills in nginx/dousheng.conf.in, whose first lines explain the placeholders.
#
# Reads four files: values ("name<TAB>value"), spawn/pools, the table of routes (worker describe
# routes), the template.

FNR == 1 { file++ }

file == 1 {
	tab = index($0, "\t")
	value[substr($0, 1, tab - 1)] = substr($0, tab + 1)
	next
}

file == 2 {
	sub(/#.*/, "")
	if (NF == 0)
		next
	if ($0 ~ /^[^ \t]/) {
		pool[++pools] = $1
		keep[$1] = $3 == "keep"
		next
	}
	for (i = 1; i <= NF; i++) {
		if ($i in moved)
			fail("spawn/pools: " $i " is in two pools")
		moved[$i] = pool[pools]
	}
	next
}

file == 3 {
	split($0, column, "\t")
	add_route(column[2], column[5], column[6], column[7], column[8] == "local")
	next
}

FNR == 1 {
	for (path in moved)
		if (!(path in pool_of))
			fail("spawn/pools: there is no endpoint " path)
}

/^#@each / { each = $2; block = ""; next }
/^#@end/   { repeat(); each = ""; next }
/^#/       { next }
each != "" { block = block $0 "\n"; next }
           { fill($0) }

function fail(why)
{
	print "render-nginx: " why >"/dev/stderr"
	exit failed = 1
}

# An endpoint, with and without its last slash; once, whatever the number of its methods.
function add_route(path, its_pool, its_limit, kept, is_local)
{
	if (path in pool_of)
		return
	if (path in moved)
		its_pool = moved[path]
	if (!(its_pool in keep))
		fail("spawn/pools has no pool " its_pool ", which serves " path)
	sub(/^rate_/, "", its_limit)
	add_path(path, its_pool, its_limit, kept, is_local)
	if (path !~ /\*$/)
		add_path(substr(path, 1, length(path) - 1), its_pool, its_limit, kept, is_local)
}

function add_path(path, its_pool, its_limit, kept, is_local)
{
	paths[++count] = path
	pool_of[path] = its_pool
	limit_of[path] = its_limit
	kept_for[path] = kept
	local_path[path] = is_local
}

# Prints the block once for each pool, path or trusted proxy.  The name of a pool is a value that is
# true in its own blocks: @account?@ ...
function repeat(    i, n, proxy)
{
	if (each == "proxy") {
		n = split(value["proxies"], proxy, " ")
		for (i = 1; i <= n; i++)
			lines_of("proxy", proxy[i])
	} else if (each == "pool")
		for (i = 1; i <= pools; i++)
			row("", pool[i])
	else
		for (i = 1; i <= count; i++)
			row(paths[i], pool_of[paths[i]])
}

function lines_of(name, its_value,    lines, n, i)
{
	value[name] = its_value
	n = split(block, lines, "\n")
	for (i = 1; i < n; i++)
		fill(lines[i])
}

function row(path, its_pool)
{
	value["path"] = path
	value["kept"] = kept_for[path]
	value["local"] = local_path[path]
	set_limit(limit_of[path])
	value["match"] = sub(/\*$/, "", value["path"]) ? "^~" : "="
	value["keep"] = keep[its_pool]
	value["tus"] = path ~ /\/upload\//
	value["form"] = !value["tus"]
	value[its_pool] = 1
	lines_of("pool", its_pool)
	value[its_pool] = 0
}

# rate_read is per second, the others per minute.  wait: the seconds until one more request is allowed.
function set_limit(name,    rate)
{
	rate = value["rate_" name]
	value["limit"] = name
	value["rate"] = rate
	value["wait"] = name == "read" || rate == 0 ? 1 : int((60 + rate - 1) / rate)
}

# Prints a line with its placeholders filled in, unless a condition is false.  Inserted values are not
# scanned for placeholders.
function fill(line,    out, name)
{
	while (match(line, /^@[a-z0-9_]+\?@/)) {
		name = substr(line, 2, RLENGTH - 3)
		if (value[name] == "" || value[name] == "0")
			return
		line = substr(line, RLENGTH + 1)
	}
	while (match(line, /@[A-Za-z0-9_.]+@/)) {
		name = substr(line, RSTART + 1, RLENGTH - 2)
		if (!(name in value)) {
			print "render-nginx: no value for @" name "@" >"/dev/stderr"
			failed = 1
			exit 1
		}
		out = out substr(line, 1, RSTART - 1) value[name]
		line = substr(line, RSTART + RLENGTH)
	}
	print out line
}

END { exit failed }

# render-nginx.awk: fills in nginx/dousheng.conf.in, whose first lines explain the placeholders.
#
# Reads three files: values ("name<TAB>value"), spawn/pools, the template.

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
		limit[$1] = $4
		next
	}
	for (i = 1; i <= NF; i++) {
		plus = index($i, "+")
		more = plus ? substr($i, plus + 1) : ""
		if (plus)
			$i = substr($i, 1, plus - 1)
		add_path($i, pool[pools], more)
		if ($i !~ /\*$/)
			add_path(substr($i, 1, length($i) - 1), pool[pools], more)
	}
	next
}

/^#@each / { each = $2; block = ""; next }
/^#@end/   { repeat(); each = ""; next }
/^#/       { next }
each != "" { block = block $0 "\n"; next }
           { fill($0) }

# more: how long replies are cached, the name of a rate limit, or "local".
function add_path(path, its_pool, more)
{
	paths[++count] = path
	local_path[path] = more == "local"
	kept_for[path] = more ~ /^[0-9]/ ? more : ""
	limit_of[path] = more ~ /^[a-z]/ && more != "local" ? more : limit[its_pool]
	pool_of[path] = its_pool
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

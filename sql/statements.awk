# statements.awk: turns the named statements of sql/*.sql into C.
#
#   awk -v out=h -f statements.awk *.sql	an enum, one name for each
#   awk -v out=c -f statements.awk *.sql	the table of their texts
#
# A statement starts with "-- name: NAME read|write" and ends where the next
# one starts.  Comments are left out of what the server gets.

function finish() {
	if (name == "")
		return
	sub(/;[ \n]*$/, "", text)
	gsub(/\\/, "\\\\", text)
	gsub(/"/, "\\\"", text)
	gsub(/\n/, "\\n\"\n\t  \"", text)
	table = table sprintf("\t{ \"%s\", %s,\n\t  \"%s\" },\n", name, writes, text)
	names = names "\tSTMT_" toupper(name) ",\n"
	name = text = ""
}

FNR == 1 { finish() }

/^-- name: / {
	finish()
	if ($3 in seen || ($4 != "read" && $4 != "write")) {
		print FILENAME ":" FNR ": bad or repeated name" > "/dev/stderr"
		exit 1
	}
	seen[$3] = 1
	name = $3
	writes = $4 == "write" ? "true" : "false"
	next
}

/^--/ || /^$/ { next }

{
	if (name == "") {
		print FILENAME ":" FNR ": text before a name" > "/dev/stderr"
		exit 1
	}
	text = text (text == "" ? "" : "\n") $0
}

END {
	finish()
	if (out == "h")
		printf "enum stmt {\n%s\tSTMT_COUNT\n};\n", names
	else
		printf "#include \"data/stmt.h\"\n\nconst struct stmt_text stmt_texts[] = {\n%s};\n", table
}

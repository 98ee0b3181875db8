# fill.awk: prints static/openapi.yaml with what follows from the tables of the program brought up to date.
#
#   awk -f fill.awk ROUTES PARAMS ERRORS static/openapi.yaml	(the output of worker describe)
#
# Replaced in each operation: tags, operationId, summary, security, the list of failures in the
# description, and, where the protocol is not tus, query parameters or request body and the
# responses that all such operations have.  Also the values of StatusCode and the schemas of forms
# at the end of the file.  A new path is added whole.  All else is kept as it was written.

BEGIN {
	FS = "\t"
	SECURITY["optional"] = "[{}, { token: [] }, { bearer: [] }]"
	SECURITY["open"] = "[]"
	COMMON = "400 BadRequest 405 Method 413 TooLarge 414 UriTooLong 429 Rate 500 Internal 503 Unavailable"
	INT64_MAX = "9223372036854775807"
	KEYS = "tags operationId summary description security parameters requestBody responses"
}

FNR == 1 { file++ }

# --- The tables ---

file == 1 {
	path = $2
	sub(/\*$/, "{name}", path)
	op = tolower($1) " " path
	ops[++op_count] = op
	path_of[op] = path
	method_of[op] = tolower($1)
	access[op] = $3
	is_api[op] = path ~ /^\/douyin\// && $9 == "json"
	codes[op] = $12
	tag[op] = $13
	id[op] = $14
	summary[op] = $15
	form[op] = $16
	reply[op] = $17
	next
}

file == 2 {
	op = tolower($1) " " $2
	n = ++param_count[op]
	name[op, n] = $3
	place[op] = $4
	required[op, n] = $5 == "required"
	schema[op, n] = schema_of($3, $6, $7, $8)
	text[op, n] = $9
	example[op, n] = $10
	if (form[op] != "" && !(form[op] in form_like)) {
		form_like[form[op]] = op
		forms[++form_count] = form[op]
	}
	next
}

file == 3 {
	row[++error_count] = sprintf("        | %s | %s | `%s` | %s | %s |", $2, $3, $1, $4, $5)
	numbers = numbers (error_count > 1 ? ", " : "") $2
	names = names (error_count > 1 ? ", " : "") $1
	sentence = $4
	sub(/: .*/, "", sentence)
	meaning[$2] = sentence
	next
}

# --- The document ---

# An operation is collected, up to the next line that is indented less.
collecting && (/^ ? ? ? ?[^ ]/) { finish_operation() }
collecting { body[++lines] = $0; next }

/^paths:/ { in_paths = 1 }
/^components:/ {
	in_paths = 0
	add_missing()
}
in_paths && /^  \/.*:$/ { path = substr($0, 3, length($0) - 3) }
in_paths && /^    (get|head|options|post|put|patch|delete):$/ {
	op = substr($0, 5, length($0) - 5) " " path
	print
	if (!(op in access))
		fail("there is no endpoint " op "; delete it from static/openapi.yaml")
	seen[op] = seen_path[path] = 1
	collecting = 1
	lines = 0
	next
}

/^    # Forms:/ {
	print
	print_forms()
	exit
}

/^    StatusCode:/ { in_codes = 1 }
in_codes && /^$/ && listed { in_codes = 0 }
in_codes && /^        \| [0-9]/ {
	for (i = 1; i <= error_count && !rows_done; i++)
		print row[i]
	rows_done = 1
	next
}
in_codes && /^      enum:/ {
	print
	print_list(numbers, 8)
	print "      x-enum-varnames:"
	print_list(names, 8)
	listed = 1
	next
}
in_codes && listed { next }

{ print }

END {
	if (failed)
		exit 1
}

# --- Functions ---

function fail(why)
{
	print "fill: " why >"/dev/stderr"
	failed = 1
	exit 1
}

# As a scalar in YAML: quoted where it has to be.
function scalar(value)
{
	if (value !~ /: |^[-'"`*&!%@{[#?]| #|^$|[:,] *$/ && value !~ /, |[]{}[]/)
		return value
	gsub(/'/, "''", value)
	return "'" value "'"
}

# The text broken at blanks, each line after so many blanks.
function wrapped(value, indent,    word, n, i, line, out, pad)
{
	pad = sprintf("%" indent "s", "")
	n = split(value, word, " ")
	line = word[1]
	for (i = 2; i <= n; i++)
		if (length(pad line word[i]) + 1 > 120) {
			out = out pad line "\n"
			line = word[i]
		} else
			line = line " " word[i]
	return out pad line
}

function schema_of(param, type, least, most,    out, i)
{
	if (type == "text")
		return "type: string" (param ~ /password$/ ? ", format: password" : "") ", minLength: " least ", maxLength: " most
	if (type == "file")
		return "type: string, format: binary"
	out = "type: integer, format: " (most + 0 < 2147483648 ? "int32" : "int64")
	if (type == "lenient")
		return out
	if (most - least < 10) {
		out = out ", enum: [" least
		for (i = least + 1; i <= most; i++)
			out = out ", " i
		return out "]"
	}
	return out ", minimum: " least (most == INT64_MAX ? "" : ", maximum: " most)
}

function print_list(list, indent,    wrapped_list)
{
	wrapped_list = wrapped("[" list "]", indent)
	gsub(/\n/, "\n ", wrapped_list)
	print wrapped_list
}

function print_description(value, indent)
{
	if (length(value) < 90)
		printf "%" indent "sdescription: %s\n", "", scalar(value)
	else
		printf "%" indent "sdescription: |\n%s\n", "", wrapped(value, indent + 2)
}

function print_query(op,    i)
{
	print "      parameters:"
	for (i = 1; i <= param_count[op]; i++) {
		print "        - name: " name[op, i]
		print "          in: query"
		if (text[op, i] != "")
			print_description(text[op, i], 10)
		if (required[op, i])
			print "          required: true"
		print "          schema: { " schema[op, i] " }"
		if (example[op, i] != "")
			print "          example: " scalar(example[op, i])
	}
}

# An example is made of those of the parameters; what was written by hand ("examples", "encoding") stays.
function print_body(op, written,    i, list)
{
	print "      requestBody:"
	print "        required: true"
	print "        content:"
	print "          " (place[op] == "form" ? "application/x-www-form-urlencoded" : "multipart/form-data") ":"
	print "            schema: { $ref: '#/components/schemas/" form[op] "' }"
	if (written != "") {
		printf "%s", written
		return
	}
	for (i = 1; i <= param_count[op]; i++)
		if (example[op, i] != "")
			list = list (list == "" ? "" : ", ") name[op, i] ": " scalar(example[op, i])
	if (list != "")
		print "            example: { " list " }"
}

function print_forms(    i, j, op, must)
{
	for (i = 1; i <= form_count; i++) {
		op = form_like[forms[i]]
		must = ""
		print (i > 1 ? "\n" : "") "    " forms[i] ":"
		print "      type: object"
		print "      properties:"
		for (j = 1; j <= param_count[op]; j++) {
			print "        " name[op, j] ":"
			if (text[op, j] != "")
				print_description(text[op, j], 10)
			print_schema(schema[op, j])
			if (required[op, j])
				must = must (must == "" ? "" : ", ") name[op, j]
		}
		if (must != "")
			print "      required: [" must "]"
	}
}

# A schema in flow style, a line for each keyword.
function print_schema(flow)
{
	gsub(/, enum: /, "\n          enum: ", flow)
	gsub(/, (format|minLength|maxLength|minimum|maximum): /, "\n          &", flow)
	gsub(/          , /, "          ", flow)
	print "          " flow
}

# "Failures: ..." of an operation's description; those of any parameter and token need no words.
function failures(op,    code, n, i, out)
{
	n = split(codes[op], code, " ")
	for (i = 1; i <= n; i++)
		out = out (i > 1 ? ", " : "") code[i] (code[i] > 1101 ? " (" meaning[code[i]] ")" : "")
	return n == 0 ? "" : wrapped("Failures: " out ".", 8) "\n"
}

# The description as it was written, with its last paragraph renewed.
function print_text(op, written,    list)
{
	list = is_api[op] ? failures(op) : ""
	if (is_api[op])
		sub(/\n?        Failures: .*$/, "", written)
	if (written == "" && list == "")
		return
	if (written == "")
		written = "      description: |\n"
	else if (list != "" && written !~ /description: \|\n/)
		fail(op ": write its description as a block (description: |)")
	else if (list != "")
		list = "\n" list
	printf "%s%s", written, list
}

function print_responses(op, written,    list, word, n, i)
{
	if (written == "") {
		print "      responses:"
		print "        '200':"
		print "          description: The result, or a failure."
		print "          content:"
		print "            application/json:"
		print "              schema: { $ref: '#/components/schemas/" reply[op] "' }"
	}
	printf "%s", written
	if (!is_api[op])
		return
	list = COMMON
	if ((" " codes[op] " ") ~ / 5007 /)
		list = list " 507 DiskFull"
	n = split(list, word, " ")
	for (i = 1; i < n; i += 2)
		print "        '" word[i] "': { $ref: '#/components/responses/" word[i + 1] "' }"
}

function finish_operation(    i, key, part, tail, keep)
{
	collecting = 0
	for (i = lines; i > 0 && body[i] == ""; i--)
		tail = tail "\n"
	lines = i
	for (i = 1; i <= lines; i++) {
		if (match(body[i], /^      [a-zA-Z]+:/)) {
			key = substr(body[i], 7, RLENGTH - 7)
			if (!index(" " KEYS " ", " " key " "))
				fail(op ": the key " key " is not known here")
		}
		# Of a body the examples by hand, of responses all but the common ones.
		if (key == "requestBody" && is_api[op]) {
			if (body[i] ~ /^            [a-z]/)
				keep = body[i] ~ /^            (examples|encoding):/
			if (!keep)
				continue
		}
		if (key == "responses" && is_api[op] && body[i] ~ /^        '[0-9]+': \{ \$ref: '#\/components\/responses\/(BadRequest|Method|TooLarge|UriTooLong|Rate|Internal|Unavailable|DiskFull)' \}$/)
			continue
		part[key] = part[key] body[i] "\n"
	}
	print_operation(op, part["description"], part["parameters"], part["requestBody"], part["responses"])
	printf "%s", tail
}

function print_operation(op, description, parameters, request, responses)
{
	print "      tags: [" tag[op] "]"
	print "      operationId: " id[op]
	print "      summary: " scalar(summary[op])
	print_text(op, description)
	if (access[op] in SECURITY)
		print "      security: " SECURITY[access[op]]
	if (is_api[op]) {
		if (place[op] == "query")
			print_query(op)
		else if (place[op] != "")
			print_body(op, request)
	} else
		printf "%s%s", parameters, request
	print_responses(op, responses)
}

function add_missing(    i)
{
	for (i = 1; i <= op_count; i++) {
		op = ops[i]
		if (op in seen)
			continue
		if (path_of[op] in seen_path)
			fail("write a line \"    " method_of[op] ":\" below " path_of[op] " in static/openapi.yaml")
		print "  " path_of[op] ":"
		print "    " method_of[op] ":"
		print_operation(op, "", "", "", "")
		print ""
	}
}

# explain.jq: what a plan does that it must not at full size.
#
#   jq -r --argjson big '["video", ...]' --slurpfile indexes FILE -f explain.jq <plans
#
# indexes: {"name": {"table", "unique", "columns": [...]}}.  plans: {"name", "kind", "plan"} each;
# kind is read or write, the plan what EXPLAIN (FORMAT JSON, VERBOSE) gives.  Each line that comes
# out is a breach.

# All below a node that gives it rows; what stands beside it (CTEs, scalars) has its own rules.
def children: (.Plans // [])[] | select(."Parent Relationship" | . != "InitPlan" and . != "SubPlan");
def nodes: recurse((.Plans // [])[]);
def is_index: ."Node Type" | test("^(Index Scan|Index Only Scan|Bitmap Index Scan)$");
def index: $indexes[0][."Index Name"];
def condition: (."Index Cond" // "");

# Does the condition of an index name the column?  Operands may have a table in front.
def names($column; $operators): condition | test("(^|[ (.])" + $column + " (" + $operators + ") ");

# Are rows thrown away after they were read?  Then the order alone does not say how many.
def throws_away: condition != "" or .Filter != null;

# At most one row, or one for each element of an array that the caller gave.
def pinned: . as $node | index as $i | $i.unique and
	([$i.columns[] | . as $c | $node | names($c; "=")] | all);

# Is the number of rows independent of how much there is?  $ctes: name to plan.
def bounded($ctes): ."Node Type" as $type
	| if ($type | test("^(Limit|Result|Values Scan|Function Scan|ProjectSet)$")) then true
	elif $type == "Aggregate" and .Strategy == "Plain" then true
	elif is_index then pinned
	elif $type == "CTE Scan" then $ctes[."CTE Name"] | bounded($ctes)
	elif ($type | test("Seq Scan")) then false
	else [children | bounded($ctes)] | length > 0 and all end;

# Keeps all that it gets, in memory or in files.
def keeps: ."Node Type" | test("^(Sort|Incremental Sort|Hash|Materialize|SetOp)$");
def keeps_groups: ."Node Type" == "Aggregate" and (.Strategy | test("Hashed|Mixed"));

# Breaches of one plan.  $limited: a Limit above takes only the first rows of an order, which are few
# unless a filter throws others away.
def walk_down($ctes; $limited): . as $node
	| (if (."Node Type" | test("Seq Scan|Sample Scan")) and (."Relation Name" | IN($big[])) then
		"\(."Node Type") of \(."Relation Name")"
	elif is_index and (index.table | IN($big[])) and (($limited | not) or throws_away)
		and (index.columns[0] as $first | names($first; "=|<|>|<=|>=|IS") | not) then
		"\(."Node Type") of all of \(index.table), by \(."Index Name")"
	elif (keeps or keeps_groups) and ([children | bounded($ctes)] | all | not) then
		"\(."Node Type") of a set without bound"
	else empty end),
	((.Plans // [])[]
	| walk_down($ctes; $node."Node Type" == "Limit"
		or ($limited and ($node | keeps or keeps_groups or ."Node Type" == "Aggregate" | not)
			and (."Parent Relationship" | . != "InitPlan" and . != "SubPlan"))));

.name as $name | .kind as $kind | .plan[0].Plan
| ([nodes | select((."Subplan Name" // "") | startswith("CTE "))
	| {key: (."Subplan Name" | ltrimstr("CTE ")), value: .}] | from_entries) as $ctes
| (walk_down($ctes; false), (if $kind == "read" and (bounded($ctes) | not) then
	"reads without bound" else empty end))
| "\($name): \(.)"

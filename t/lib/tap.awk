# tap.awk: the results of a TAP stream: a line "pass|fail|skip <tab> MILLISECONDS <tab> JOB: TITLE" for each test.
#
#   awk -v job=NAME -v status=N [-v unplanned=1] -f tap.awk FILE
#
# status is the exit status of the program.  One that ended before all planned tests were run, or with
# a failure that no test explains, is a failure itself.  unplanned: it prints no TAP, and is one test.

function add(result, took, title) {
	printf "%s\t%s\t%s%s\n", result, took, job, title == "" ? "" : ": " title
	n[result]++
}

/^1\.\.[0-9]+/ {
	planned = substr($1, 4) + 0
	has_plan = 1
}

/^(not )?ok / && !unplanned {
	result = $1 == "not" ? "fail" : "pass"
	title = $0
	sub(/^(not )?ok *[0-9]* *(- )?/, "", title)
	if (result == "pass" && title ~ / # skip/)
		result = "skip"
	took = 0
	if (match(title, / in [0-9]+ ?ms/)) {
		took = substr(title, RSTART + 4, RLENGTH - 4) + 0
		title = substr(title, 1, RSTART - 1) substr(title, RSTART + RLENGTH)
	}
	add(result, took, title)
	seen++
}

END {
	if (unplanned)
		add(status == 0 ? "pass" : "fail", 0, "")
	else if (seen < planned || status != 0 && !n["fail"] || !has_plan)
		add("fail", 0, "ended with status " status " after " seen + 0 " of " planned + 0 " tests")
}

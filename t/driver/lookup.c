/*
 * lookup.c: the part of jq's language that most assertions use.  See driver.h.
 *
 * The filter is interpreted as it is read: each step has a value and hands what
 * it makes of it to the rest of the filter.  A .[] does so once per element.
 * What is not known here, or is an error, returns NEEDS_JQ: jq has the last word.
 */
#include <ctype.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/json_flags.h"
#include "driver.h"

#define EXACT (INT64_C(1) << 53) /* jq's numbers are doubles */

/* Where values go at the end of a filter: printed, or into an array. */
struct sink {
	FILE *out;
	struct json_object *array;
	const char *end;   /* the character at which the filter ends; "": its NUL */
	const char *after; /* what is printed after each value */
	int values;
};

static int run(const char *p, struct json_object *value, struct sink *to);
static int stage(const char *p, struct json_object *value, struct sink *to);

static bool
is_exact(struct json_object *value)
{
	int64_t n = json_object_get_int64(value);

	return n > -EXACT && n < EXACT;
}

/* Are all numbers in it integers that jq prints as they are? */
static bool
is_plain(struct json_object *value)
{
	size_t i;

	switch (json_object_get_type(value)) {
	case json_type_double:
		return false;
	case json_type_int:
		return is_exact(value);
	case json_type_array:
		for (i = 0; i < json_object_array_length(value); i++)
			if (!is_plain(json_object_array_get_idx(value, i)))
				return false;
		return true;
	case json_type_object: {
		json_object_object_foreach(value, key, member)
		{
			(void)key;
			if (!is_plain(member))
				return false;
		}
		return true;
	}
	default:
		return true;
	}
}

/* A value as jq -r prints it. */
static int
print(struct json_object *value, FILE *out)
{
	if (!is_plain(value))
		return NEEDS_JQ;
	switch (json_object_get_type(value)) {
	case json_type_string:
		if (strlen(json_object_get_string(value)) !=
		    (size_t)json_object_get_string_len(value))
			return NEEDS_JQ;
		fwrite(json_object_get_string(value), 1, (size_t)json_object_get_string_len(value),
		       out);
		return 0;
	case json_type_array:
		if (json_object_array_length(value) > 0)
			return NEEDS_JQ; /* which indents */
		fputs("[]", out);
		return 0;
	case json_type_object:
		return NEEDS_JQ;
	default:
		fputs(json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN), out);
		return 0;
	}
}

static int
finish(struct json_object *value, struct sink *to)
{
	int status;

	to->values++;
	if (to->array != NULL)
		return json_object_array_add(to->array, json_object_get(value));
	status = print(value, to->out);
	fputs(to->after, to->out);
	return status;
}

/*
 * Runs the filter from p to its closing character, and counts its results.
 * Sets end to what follows.
 */
static int
run_inner(const char *p, char closing, struct json_object *value, struct sink *to, const char **end)
{
	char ends[2] = { closing, '\0' };
	int status, depth = 0;
	bool quoted = false;

	to->end = ends;
	status = stage(p, value, to);
	for (; *p != '\0' && (quoted || depth > 0 || *p != closing); p++) {
		quoted ^= *p == '"';
		depth += strchr("([", *p) != NULL ? 1 : strchr(")]", *p) != NULL ? -1 : 0;
	}
	*end = p + 1;
	return *p == '\0' ? NEEDS_JQ : status;
}

/* A new value, which is not needed any more afterwards. */
static int
run_with(const char *p, struct json_object *made, struct sink *to)
{
	int status = run(p, made, to);

	json_object_put(made);
	return status;
}

static int
member(const char *p, struct json_object *value, struct sink *to)
{
	char key[64];
	size_t n = 0;
	struct json_object *found = NULL;

	while (n + 1 < sizeof(key) && (isalnum((unsigned char)*p) || *p == '_'))
		key[n++] = *p++;
	key[n] = '\0';
	if (value != NULL && !json_object_is_type(value, json_type_object))
		return NEEDS_JQ;
	json_object_object_get_ex(value, key, &found);
	return run(p, found, to);
}

/* .[] and .[N] */
static int
element(const char *p, struct json_object *value, struct sink *to)
{
	size_t i,
	    n = json_object_is_type(value, json_type_array) ? json_object_array_length(value) : 0;
	char *end;
	long at;
	int status = 0;

	if (*p == ']') {
		if (!json_object_is_type(value, json_type_array))
			return NEEDS_JQ;
		for (i = 0; i < n && status == 0; i++)
			status = run(p + 1, json_object_array_get_idx(value, i), to);
		return status;
	}
	at = strtol(p, &end, 10);
	if (end == p || *end != ']' ||
	    (value != NULL && !json_object_is_type(value, json_type_array)))
		return NEEDS_JQ;
	if (at < 0)
		at += (long)n;
	return run(end + 1, at >= 0 ? json_object_array_get_idx(value, (size_t)at) : NULL, to);
}

/* "text \(filter) text" */
static int template(const char *p, struct json_object *value, struct sink *to)
{
	struct sink inner = { .after = "" };
	char *text = NULL;
	size_t n = 0;
	int status = 0;

	inner.out = open_memstream(&text, &n);
	while (*p != '"' && *p != '\0' && status == 0)
		if (*p != '\\') {
			putc(*p++, inner.out);
		} else if (p[1] == '(') {
			inner.values = 0;
			status = run_inner(p + 2, ')', value, &inner, &p);
			if (inner.values != 1)
				status = NEEDS_JQ;
		} else {
			status = NEEDS_JQ;
		}
	fclose(inner.out);
	if (status == 0)
		status = *p != '"' ? NEEDS_JQ
				   : run_with(p + 1, json_object_new_string_len(text, (int)n), to);
	free(text);
	return status;
}

/* [filter] */
static int
collect(const char *p, struct json_object *value, struct sink *to)
{
	struct sink inner = { .array = json_object_new_array() };
	int status = run_inner(p, ']', value, &inner, &p);

	if (status == 0)
		return run_with(p, inner.array, to);
	json_object_put(inner.array);
	return status;
}

/* Is the value the literal, a number or a string, before a ")"?  -1: this is no such literal. */
static int
equals(struct json_object *value, const char *literal, const char **end)
{
	char *after;
	int64_t number;
	size_t n;

	if (*literal == '"') {
		n = strcspn(literal + 1, "\"\\");
		*end = literal + n + 2;
		if (literal[n + 1] != '"' || **end != ')')
			return -1;
		return json_object_is_type(value, json_type_string) &&
		       (size_t)json_object_get_string_len(value) == n &&
		       memcmp(json_object_get_string(value), literal + 1, n) == 0;
	}
	number = strtoll(literal, &after, 10);
	*end = after;
	if (after == literal || *after != ')' || number >= EXACT ||
	    json_object_is_type(value, json_type_double))
		return -1;
	return json_object_is_type(value, json_type_int) && json_object_get_int64(value) == number;
}

/* select(.name == literal) */
static int
select_equal(const char *p, struct json_object *value, struct sink *to)
{
	struct sink inner = { .array = json_object_new_array() };
	const char *literal;
	int status, same = -1;

	status = run_inner(p, ' ', value, &inner, &literal);
	if (status == 0 && inner.values == 1 && strncmp(literal, "== ", 3) == 0)
		same = equals(json_object_array_get_idx(inner.array, 0), literal + 3, &literal);
	json_object_put(inner.array);
	if (same < 0)
		return NEEDS_JQ;
	return same ? run(literal + 1, value, to) : 0;
}

static int
length(const char *p, struct json_object *value, struct sink *to)
{
	if (!json_object_is_type(value, json_type_array))
		return NEEDS_JQ;
	return run_with(p, json_object_new_int64((int64_t)json_object_array_length(value)), to);
}

static int
to_json(const char *p, struct json_object *value, struct sink *to)
{
	if (!is_plain(value))
		return NEEDS_JQ;
	return run_with(p,
			json_object_new_string(json_object_to_json_string_ext(
			    value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)),
			to);
}

/* The start of a filter, or what follows a "|". */
static int
stage(const char *p, struct json_object *value, struct sink *to)
{
	p += strspn(p, " ");
	if (*p == '.')
		return isalpha((unsigned char)p[1]) || p[1] == '_' || p[1] == '['
			   ? run(p, value, to)
			   : NEEDS_JQ;
	if (*p == '"')
		return template(p + 1, value, to);
	if (*p == '[')
		return collect(p + 1, value, to);
	if (strncmp(p, "select(", 7) == 0)
		return select_equal(p + 7, value, to);
	if (strncmp(p, "length", 6) == 0)
		return length(p + 6, value, to);
	if (strncmp(p, "tojson", 6) == 0)
		return to_json(p + 6, value, to);
	return NEEDS_JQ;
}

/* The rest of a filter, for a value that the steps before it have made. */
static int
run(const char *p, struct json_object *value, struct sink *to)
{
	if (strchr(to->end, *p) != NULL)
		return finish(value, to);
	p += strspn(p, " ");
	if (*p == '|')
		return stage(p + 1, value, to);
	if (*p == '.' && p[1] != '[')
		return member(p + 1, value, to);
	if (*p == '.')
		return element(p + 2, value, to);
	if (*p == '[')
		return element(p + 1, value, to);
	return NEEDS_JQ;
}

int
lookup(char **args, FILE *out, FILE *err)
{
	struct sink to = { .out = out, .end = "", .after = "\n" };
	struct json_tokener *parser = json_tokener_new();
	struct json_object *reply;
	int status = NEEDS_JQ;

	(void)err;
	json_tokener_set_flags(parser, json_flags());
	reply = json_tokener_parse_ex(parser, args[1], (int)strlen(args[1]) + 1);
	if (json_tokener_get_error(parser) == json_tokener_success)
		status = stage(args[0], reply, &to);
	json_object_put(reply);
	json_tokener_free(parser);
	return status;
}

/* routes.c: see routes.h; the endpoints themselves: routes.def. */
#include <string.h>

#include "base/user_text.h"
#include "handlers.h"
#include "obs/metrics.h"

#define REPLY(name, schema, keys, empty) \
	static const struct reply_form reply_##name = { schema, keys, empty };
#include "routes.def"
#undef REPLY

/* clang-format off */
#define ID(p, text)			{ P_##p, PARAM_INT, true, 1, INT64_MAX, text }
#define OPT_ID(p, text)			{ P_##p, PARAM_INT, false, 0, INT64_MAX, text }
#define INT(p, min, max, text)		{ P_##p, PARAM_INT, true, min, max, text }
#define OPT_INT(p, min, max, text)	{ P_##p, PARAM_INT, false, min, max, text }
#define LENIENT(p, text)		{ P_##p, PARAM_LENIENT, false, 1, INT64_MAX, text }
#define TEXT(p, max, text)		{ P_##p, PARAM_TEXT, true, 1, max, text }
#define USER_TEXT(p, kind, text)		{ P_##p, PARAM_USER_TEXT, true, USER_TEXT_##kind, 0, text }
#define OPT_USER_TEXT(p, kind, text)	{ P_##p, PARAM_USER_TEXT, false, USER_TEXT_##kind, 0, text }
#define FILE_PART(p, text)		{ P_##p, PARAM_FILE, true, 0, 0, text }
#define OPT_FILE_PART(p, text)		{ P_##p, PARAM_FILE, false, 0, 0, text }

#define PARAMS(...) .params = { __VA_ARGS__ }
#define ERRORS(...) .errors = { __VA_ARGS__ }
#define ROUTE(http_method, route_path, who, function, reply_name, ...)                    \
	{ .method = #http_method, .path = route_path, .access = ACCESS_##who,             \
	  .handle = function, .reply = &reply_##reply_name, __VA_ARGS__ },

const struct route routes[] = {
#include "routes.def"
};
/* clang-format on */

const size_t route_count = sizeof(routes) / sizeof(routes[0]);

_Static_assert(sizeof(routes) / sizeof(routes[0]) < METRICS_ROUTES, "a route has no counter");

/* FNV-1a. */
static uint64_t
hash(uint64_t h, const char *text)
{
	do
		h = (h ^ (unsigned char)*text) * 0x100000001b3;
	while (*text++ != '\0');
	return h;
}

uint64_t
routes_labels(void)
{
	uint64_t h = 0xcbf29ce484222325;
	size_t i;

	for (i = 0; i < route_count; i++)
		h = hash(hash(h, routes[i].method), routes[i].path);
	for (i = 0; i < ERR_COUNT; i++)
		h = hash(h, err_info((enum err)i)->name);
	return h | 1;
}

/* Does the route's path match?  *rest: the part of path that the star matches. */
static bool
path_matches(const struct route *route, const char *path, const char **rest)
{
	size_t n = strlen(route->path) - 1, len = strlen(path);

	*rest = "";
	if (route->path[n] == '*') {
		*rest = path + n;
		return len > n && strncmp(path, route->path, n) == 0;
	}
	/* Both end in a slash, or the one that was asked for does not. */
	return strncmp(path, route->path, n) == 0 && (len == n || strcmp(path + n, "/") == 0);
}

bool
route_answers(const struct route *route, const char *method)
{
	return strcmp(route->method, method) == 0 ||
	       (strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0);
}

bool
route_counts(const struct route *route)
{
	return route->access == ACCESS_LOGIN && !route->unlimited &&
	       strcmp(route->method, "GET") != 0 && strcmp(route->method, "HEAD") != 0;
}

const struct route *
route_find(const char *path, const char *method, const char **rest)
{
	const struct route *first = NULL;
	const char *star;
	size_t i;

	*rest = "";
	for (i = 0; i < route_count; i++) {
		if (!path_matches(&routes[i], path, &star))
			continue;
		*rest = star;
		if (route_answers(&routes[i], method))
			return &routes[i];
		if (first == NULL)
			first = &routes[i];
	}
	return first;
}

void
route_methods(const struct route *route, struct buf *out)
{
	const char *comma = "";
	size_t i;

	for (i = 0; i < route_count; i++) {
		if (strcmp(routes[i].path, route->path) != 0)
			continue;
		buf_str(out, comma);
		buf_str(out, routes[i].method);
		if (strcmp(routes[i].method, "GET") == 0)
			buf_str(out, ", HEAD");
		comma = ", ";
	}
}

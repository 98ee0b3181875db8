/* describe.c: see describe.h. */
#include <stdio.h>
#include <string.h>

#include "base/conf.h"
#include "base/redis_url.h"
#include "base/writing.h"
#include "describe.h"
#include "files/room.h"
#include "routes.h"

static const char *const access_names[] = {
	[ACCESS_LOGIN] = "login",
	[ACCESS_OPTIONAL] = "optional",
	[ACCESS_OPEN] = "open",
};

static const char *const type_names[] = {
	[PARAM_INT] = "int",	  [PARAM_LENIENT] = "lenient", [PARAM_TEXT] = "text",
	[PARAM_WRITING] = "text", [PARAM_FILE] = "file",
};

static int
describe_routes(void)
{
	size_t i;
	int p;

	for (i = 0; i < route_count; i++) {
		const struct route *route = &routes[i];

		if (route->inside)
			continue;
		printf("%s\t%s\t%s\t", route->method, route->path, access_names[route->access]);
		if (route->access != ACCESS_OPEN)
			printf("token%s", route->access == ACCESS_OPTIONAL ? "?" : "");
		for (p = 0; p < ROUTE_MAX_PARAMS && route->params[p].id != P_NONE; p++)
			printf("%s%s%s", p > 0 || route->access != ACCESS_OPEN ? " " : "",
			       param_name(route->params[p].id),
			       route->params[p].required ? "" : "?");
		printf("\n");
	}
	return 0;
}

/* Where a route's parameters are at home; the server finds them anywhere. */
static const char *
home_of(const struct route *route)
{
	int p;

	for (p = 0; p < ROUTE_MAX_PARAMS; p++)
		if (route->params[p].type == PARAM_FILE && route->params[p].id != P_NONE)
			return "multipart";
	return strcmp(route->method, "POST") == 0 ? "form" : "query";
}

static int
describe_params(void)
{
	const struct param *param;
	bool writing;
	size_t i;
	int p;

	for (i = 0; i < route_count; i++) {
		for (p = 0; p < ROUTE_MAX_PARAMS && routes[i].params[p].id != P_NONE; p++) {
			param = &routes[i].params[p];
			writing = param->type == PARAM_WRITING;
			printf("%s\t%s\t%s\t%s\t%s\t%s\t%lld\t%lld\n", routes[i].method,
			       routes[i].path, param_name(param->id), home_of(&routes[i]),
			       param->required ? "required" : "optional", type_names[param->type],
			       (long long)(writing ? 1 : param->min),
			       (long long)(writing ? writing_max((enum writing)param->min)
						   : param->max));
		}
	}
	return 0;
}

static int
describe_errors(void)
{
	int e;

	for (e = 0; e < ERR_COUNT; e++) {
		const struct err_info *info = err_info((enum err)e);

		printf("%s\t%d\t%d\t%s\t%s\t%s\n", info->name, info->code, info->http,
		       info->text[LANG_EN], info->text[LANG_ZH], info->meaning);
	}
	return 0;
}

static int
describe_settings(void)
{
	const struct conf_setting *s;

	for (s = conf_settings; s->name != NULL; s++)
		printf("%s\t%s\t%s\t%s\n", s->name, s->env, s->initial, s->help);
	return 0;
}

static int
describe_value(const char *name)
{
	char text[CONF_TEXT_MAX], why[1024];
	const struct conf_setting *s;
	struct conf conf;

	if (!conf_load(&conf, why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	for (s = conf_settings; s->name != NULL && strcmp(s->name, name) != 0; s++)
		;
	if (s->name == NULL) {
		fprintf(stderr, "there is no setting \"%s\"\n", name);
		return 1;
	}
	conf_value(&conf, s, text, sizeof(text));
	printf("%s\n", text);
	return 0;
}

/* For scripts that ask Redis: path, host, port, database, user, password, a line each. */
static int
describe_redis(void)
{
	char text[CONF_TEXT_MAX * 2], why[1024];
	struct redis_url u;
	struct conf conf;

	if (!conf_load(&conf, why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	conf_redis(&conf, text, sizeof(text));
	if (!redis_url_read(&u, text, why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	printf("%s\n%s\n%s\n%s\n%s\n%s\n", u.path == NULL ? "" : u.path,
	       u.host == NULL ? "" : u.host, u.port == NULL ? "" : u.port, u.db == NULL ? "" : u.db,
	       u.user == NULL ? "" : u.user, u.password == NULL ? "" : u.password);
	return 0;
}

/* How many uploads nginx lets arrive at a time, as spawn/render wants it. */
static int
describe_uploads(void)
{
	struct room_uploads u;
	struct conf conf;
	char why[1024];

	if (!conf_load(&conf, why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	room_uploads(&conf, &u);
	printf("large_all\t%lld\nsmall_all\t%lld\n", (long long)u.large, (long long)u.small);
	printf("large_address\t%lld\nsmall_address\t%lld\n", (long long)u.large_address,
	       (long long)u.small_address);
	printf("large_strangers\t%lld\nsmall_strangers\t%lld\n", (long long)u.large_strangers,
	       (long long)u.small_strangers);
	return 0;
}

int
describe(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[2] : "";

	if (strcmp(what, "routes") == 0 && argc == 3)
		return describe_routes();
	if (strcmp(what, "params") == 0 && argc == 3)
		return describe_params();
	if (strcmp(what, "errors") == 0 && argc == 3)
		return describe_errors();
	if (strcmp(what, "settings") == 0 && argc == 3)
		return describe_settings();
	if (strcmp(what, "redis") == 0 && argc == 3)
		return describe_redis();
	if (strcmp(what, "metrics") == 0 && argc == 3) {
		describe_metrics();
		return 0;
	}
	if (strcmp(what, "uploads") == 0 && argc == 3)
		return describe_uploads();
	if (strcmp(what, "value") == 0 && argc == 4)
		return describe_value(argv[3]);
	fprintf(
	    stderr,
	    "usage: %s [describe routes|params|errors|settings|metrics|redis|uploads|value NAME]\n",
	    argv[0]);
	return 2;
}

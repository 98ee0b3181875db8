/* describe.c: see describe.h. */
#include <stdio.h>
#include <string.h>

#include "base/conf.h"
#include "base/redis_url.h"
#include "base/user_text.h"
#include "describe.h"
#include "files/disk_space.h"
#include "routes.h"

static const char *const access_names[] = {
	[ACCESS_LOGIN] = "login",
	[ACCESS_OPTIONAL] = "optional",
	[ACCESS_OPEN] = "open",
};

static const char *const type_names[] = {
	[PARAM_INT] = "int",	    [PARAM_LENIENT] = "lenient", [PARAM_TEXT] = "text",
	[PARAM_USER_TEXT] = "text", [PARAM_FILE] = "file",
};

static void
print_params(const struct route *route)
{
	const char *blank = "";
	int p;

	if (route->access != ACCESS_OPEN) {
		printf("token%s", route->access == ACCESS_OPTIONAL ? "?" : "");
		blank = " ";
	}
	for (p = 0; p < ROUTE_MAX_PARAMS && route->params[p].id != P_NONE; p++) {
		printf("%s%s%s", blank, param_name(route->params[p].id),
		       route->params[p].required ? "" : "?");
		blank = " ";
	}
}

/* Marks the errors that checking a parameter may end with. */
static void
param_errors(const struct param *param, bool *may)
{
	switch (param->type) {
	case PARAM_INT:
		may[ERR_PARAM_INVALID] = may[ERR_PARAM_RANGE] = true;
		break;
	case PARAM_USER_TEXT:
		may[ERR_PARAM_INVALID] |= param->min == USER_TEXT_NAME;
		may[ERR_PARAM_TEXT] = may[ERR_PARAM_LENGTH] = true;
		break;
	case PARAM_TEXT:
		may[ERR_PARAM_TEXT] = may[ERR_PARAM_LENGTH] = true;
		break;
	case PARAM_LENIENT:
	case PARAM_FILE:
		break;
	}
	may[ERR_PARAM_MISSING] |= param->required;
}

/* Those of parameters and access, and those of the handler: status_codes with blanks between. */
static void
print_errors(const struct route *route)
{
	bool may[ERR_COUNT] = { [ERR_UNAUTHENTICATED] = route->access == ACCESS_LOGIN };
	const char *blank = "";
	int i;

	for (i = 0; i < ROUTE_MAX_PARAMS && route->params[i].id != P_NONE; i++)
		param_errors(&route->params[i], may);
	for (i = 0; route->errors[i] != ERR_OK; i++)
		may[route->errors[i]] = true;
	for (i = 0; i < ERR_COUNT; i++) {
		if (!may[i])
			continue;
		printf("%s%d", blank, err_info((enum err)i)->code);
		blank = " ";
	}
}

static const char *
or_empty(const char *text)
{
	return text == NULL ? "" : text;
}

/*
 * Columns: method, path, access, parameters ("?": optional), pool, limit,
 * cached, "local" or nothing, protocol, keys of the reply, those that a failure
 * has too (JSON members), errors, tag, operationId, title, schema of the form,
 * schema of the reply.
 */
static int
describe_routes(void)
{
	const struct route *route;

	for (route = routes; route < routes + route_count; route++) {
		if (route->internal)
			continue;
		printf("%s\t%s\t%s\t", route->method, route->path, access_names[route->access]);
		print_params(route);
		printf("\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t", route->pool, route->limit,
		       or_empty(route->cached), route->local ? "local" : "",
		       route->protocol == PROTO_TUS ? "tus" : "json", route->reply->keys,
		       route->reply->empty);
		print_errors(route);
		printf("\t%s\t%s\t%s\t%s\t%s\n", route->tag, route->id, route->summary,
		       or_empty(route->form), route->reply->schema);
	}
	return 0;
}

/* Where documents put a route's parameters; the server accepts them anywhere. */
static const char *
place_of(const struct route *route)
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
	bool is_user_text;
	size_t i;
	int p;

	for (i = 0; i < route_count; i++) {
		for (p = 0; p < ROUTE_MAX_PARAMS && routes[i].params[p].id != P_NONE; p++) {
			param = &routes[i].params[p];
			is_user_text = param->type == PARAM_USER_TEXT;
			printf("%s\t%s\t%s\t%s\t%s\t%s\t%lld\t%lld\t%s\t%s\n", routes[i].method,
			       routes[i].path, param_name(param->id), place_of(&routes[i]),
			       param->required ? "required" : "optional", type_names[param->type],
			       (long long)(is_user_text ? 1 : param->min),
			       (long long)(is_user_text ? user_text_max((enum user_text)param->min)
							: param->max),
			       param->text, param_example(param->id));
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

static const char *const setting_types[] = {
	[CONF_TEXT] = "text",
	[CONF_INT] = "int",
	[CONF_BOOL] = "bool",
};

static int
describe_settings(void)
{
	const struct conf_setting *s;
	char env[CONF_ENV_MAX];

	for (s = conf_settings; s->name != NULL; s++) {
		conf_env(s, env);
		printf("%s\t%s\t%s\t%s\t%s\t", s->name, env, s->initial, s->help,
		       setting_types[s->type]);
		if (s->type == CONF_INT)
			printf("%lld\t%lld\t\n", (long long)s->min, (long long)s->max);
		else
			printf("\t\t%s\n", s->choices == NULL ? "" : s->choices);
	}
	return 0;
}

#define COMMENT_WIDTH 96

/* As comment lines of a file, broken at blanks. */
static void
print_comment(const char *text)
{
	size_t n = strlen(text), cut;

	for (; n > COMMENT_WIDTH; text += cut + 1, n -= cut + 1) {
		for (cut = COMMENT_WIDTH; cut > 0 && text[cut] != ' '; cut--)
			;
		printf("# %.*s\n", (int)cut, text);
	}
	printf("# %s\n", text);
}

/* dousheng.conf of a new instance: all defaults, as comments. */
static int
describe_conf(void)
{
	const struct conf_setting *s;
	char env[CONF_ENV_MAX];

	printf("# dousheng.conf: the settings of this instance.\n"
	       "#\n"
	       "# Each line shows a setting with its default; remove the # to change it.  The\n"
	       "# environment overrides this file.  `make reload` applies changes.\n");
	for (s = conf_settings; s->name != NULL; s++) {
		conf_env(s, env);
		printf("\n");
		print_comment(s->help);
		printf("#   environment: %s\n", env);
		if (s->type == CONF_INT)
			printf("#   values: %lld to %lld\n", (long long)s->min, (long long)s->max);
		if (s->type == CONF_BOOL)
			printf("#   values: yes|no\n");
		if (s->choices != NULL)
			printf("#   values: %s\n", s->choices);
		printf("#%s =%s%s\n", s->name, s->initial[0] == '\0' ? "" : " ", s->initial);
	}
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
	if ((s = conf_find(name)) == NULL) {
		fprintf(stderr, "there is no setting \"%s\"\n", name);
		return 1;
	}
	conf_value(&conf, s, text, sizeof(text));
	printf("%s\n", text);
	return 0;
}

/* For scripts that connect to Redis. */
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

/* Limits of concurrent uploads, for spawn/render-nginx. */
static int
describe_uploads(void)
{
	struct upload_limits u;
	struct conf conf;
	char why[1024];

	if (!conf_load(&conf, why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	upload_limits(&conf, &u);
	printf("large_all\t%lld\nsmall_all\t%lld\n", (long long)u.large, (long long)u.small);
	printf("large_address\t%lld\nsmall_address\t%lld\n", (long long)u.large_address,
	       (long long)u.small_address);
	printf("large_strangers\t%lld\nsmall_strangers\t%lld\n", (long long)u.large_strangers,
	       (long long)u.small_strangers);
	return 0;
}

static int
print_metrics(void)
{
	describe_metrics();
	return 0;
}

static const struct {
	const char *what;
	int (*print)(void);
} tables[] = {
	{ "routes", describe_routes }, { "params", describe_params },
	{ "errors", describe_errors }, { "settings", describe_settings },
	{ "conf", describe_conf },     { "metrics", print_metrics },
	{ "redis", describe_redis },   { "uploads", describe_uploads },
};

int
describe(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[2] : "";
	size_t i;

	for (i = 0; argc == 3 && i < sizeof(tables) / sizeof(tables[0]); i++)
		if (strcmp(what, tables[i].what) == 0)
			return tables[i].print();
	if (strcmp(what, "value") == 0 && argc == 4)
		return describe_value(argv[3]);
	fprintf(stderr, "usage: %s [describe ", argv[0]);
	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		fprintf(stderr, "%s|", tables[i].what);
	fprintf(stderr, "value NAME]\n");
	return 2;
}

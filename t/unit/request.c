/* request.c: routes, parameters, errors, settings. */
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "dispatch.h"
#include "routes.h"
#include "tap.h"

static void
paths(void)
{
	const char *rest;
	size_t i, wrong = 0;

	for (i = 0; i < route_count; i++)
		if (strchr(routes[i].path, '*') == NULL)
			wrong += route_find(routes[i].path, routes[i].method, &rest) != &routes[i];
	CHECK(wrong == 0, "every route is found by its path and method");
	CHECK(route_find("/douyin/feed", "GET", &rest) == &routes[0],
	      "a route is found without its trailing slash");
	CHECK(route_find("/douyin/feed", "HEAD", &rest) == &routes[0],
	      "HEAD finds the route of GET");
	CHECK(route_find("/douyin/feed/", "PUT", &rest) == &routes[0],
	      "a path is found with a wrong method");
	CHECK(route_find("/douyin/fee", "GET", &rest) == NULL, "a part of a path finds no route");
	CHECK(route_find("/douyin/feed//", "GET", &rest) == NULL, "a longer path finds no route");
	CHECK(route_find("/", "GET", &rest) == NULL && route_find("", "GET", &rest) == NULL,
	      "the root is no route");
	CHECK(route_find("/douyin/upload/abc", "PATCH", &rest) != NULL && strcmp(rest, "abc") == 0,
	      "a star matches the rest of the path");
	CHECK(route_find("/douyin/upload/", "PATCH", &rest) != NULL && rest[0] == '\0',
	      "a star does not match an empty rest");
}

static void
errors(void)
{
	int e, other, wrong = 0, alike = 0;

	for (e = 0; e < ERR_COUNT; e++) {
		const struct err_info *info = err_info((enum err)e);

		wrong += info->name == NULL || info->text[LANG_EN][0] == '\0' ||
			 info->text[LANG_ZH][0] == '\0';
		for (other = 0; other < e; other++)
			alike += err_info((enum err)other)->code == info->code;
	}
	CHECK(wrong == 0, "every error has a name and both texts");
	CHECK(alike == 0, "no two errors have the same code");
	CHECK(err_language("zh-CN,zh;q=0.9,en;q=0.8", LANG_EN) == LANG_ZH,
	      "the first language of Accept-Language is chosen");
	CHECK(err_language("fr, en;q=0.8, zh", LANG_ZH) == LANG_EN,
	      "unknown languages before it are skipped");
	CHECK(err_language("fr", LANG_ZH) == LANG_ZH, "other languages get the default");
	CHECK(err_language(NULL, LANG_EN) == LANG_EN, "no language gets the default");
}

static size_t
no_body(void *from, char *out, size_t n)
{
	(void)from, (void)out, (void)n;
	return 0;
}

/* A request through the dispatcher that needs no database. */
static void
ask(const char *const *env, struct reply *out)
{
	static struct conf conf;
	struct arena arena = ARENA_INIT;
	struct req r = { .conf = &conf, .arena = &arena };
	char *copy[16] = { NULL };
	size_t i;

	conf.body_max_kb = 64;
	for (i = 0; env[i] != NULL; i++)
		copy[i] = strdup(env[i]);
	dispatch(&r, copy, no_body, NULL, out);
	buf_add(&out->body, "", 1);
	for (i = 0; copy[i] != NULL; i++)
		free(copy[i]);
	arena_release(&arena);
}

static void
refusals(void)
{
	const char *const unknown[] = { "REQUEST_METHOD=GET", "DOCUMENT_URI=/nowhere", NULL };
	const char *const method[] = { "REQUEST_METHOD=DELETE", "DOCUMENT_URI=/douyin/feed/",
				       "HTTP_ACCEPT_LANGUAGE=zh", NULL };
	const char *const missing[] = { "REQUEST_METHOD=POST",
					"DOCUMENT_URI=/douyin/user/register/",
					"QUERY_STRING=username=a&&x&password=", NULL };
	const char *const closed[] = { "REQUEST_METHOD=POST",
				       "DOCUMENT_URI=/douyin/relation/action", NULL };
	struct reply out = { .body = BUF_INIT, .headers = BUF_INIT };

	ask(unknown, &out);
	CHECK(out.http == 404 && strstr(out.body.data, "\"status_code\":404") != NULL, "404");
	ask(method, &out);
	buf_add(&out.headers, "", 1);
	CHECK(out.http == 405 && strstr(out.headers.data, "Allow: GET, HEAD\r\n") != NULL &&
		  strstr(out.body.data, "请使用 GET") != NULL &&
		  strstr(out.body.data, "\"video_list\":[]") != NULL,
	      "405 names the method, in Chinese, with the endpoint's keys");
	ask(missing, &out);
	CHECK(out.http == 200 && strstr(out.body.data, "missing parameter: password") != NULL &&
		  strstr(out.body.data, "\"token\":\"\"") != NULL,
	      "a missing parameter is named");
	ask(closed, &out);
	CHECK(strstr(out.body.data, "\"status_code\":1101") != NULL,
	      "a route is closed without a token");
	buf_clear(&out.headers);
	reply_header(&out, "Retry-After", NULL);
	CHECK(out.headers.len == 0, "a header without a value is absent");
	reply_release(&out);
}

static void
settings(void)
{
	struct conf conf;
	char why[512];

	unsetenv("DOUSHENG_HOME");
	CHECK(!conf_load(&conf, why, sizeof(why)), "settings require DOUSHENG_HOME");
	setenv("DOUSHENG_HOME", "/nonexistent", 1);
	CHECK(conf_load(&conf, why, sizeof(why)) && conf.upload_max_mb == 200,
	      "settings have defaults");
	setenv("DOUSHENG_UPLOAD_MAX_MB", "7", 1);
	CHECK(conf_load(&conf, why, sizeof(why)) && conf.upload_max_mb == 7,
	      "the environment overrides settings");
	setenv("DOUSHENG_UPLOAD_MAX_MB", "0", 1);
	CHECK(!conf_load(&conf, why, sizeof(why)) && strstr(why, "upload_max_mb") != NULL,
	      "a value out of bounds is named in the error");
	unsetenv("DOUSHENG_UPLOAD_MAX_MB");
	setenv("DOUSHENG_MESSAGE_POLICY", "friend", 1);
	CHECK(!conf_load(&conf, why, sizeof(why)), "a prefix of a choice is rejected");
}

int
main(void)
{
	paths();
	errors();
	refusals();
	settings();
	return done();
}

/*
 * routes.c: every endpoint, one line each.
 *
 * To add one: a line here, a handler in the file of its resource, a statement
 * in sql/, its path in spawn/pools, a test in t/: see docs/develop.md.
 */
#include <string.h>

#include "base/user_text.h"
#include "handlers.h"
#include "obs/metrics.h"

#define ID_MAX INT64_MAX

/* Parameters: (name on the wire), required unless OPT. */
/* clang-format off */
#define ID(p)			{ P_##p, PARAM_INT, true, 1, ID_MAX }
#define OPT_ID(p)		{ P_##p, PARAM_INT, false, 0, ID_MAX }
#define INT(p, min, max)	{ P_##p, PARAM_INT, true, min, max }
#define OPT_INT(p, min, max)	{ P_##p, PARAM_INT, false, min, max }
#define OPT_LENIENT(p)		{ P_##p, PARAM_LENIENT, false, 1, INT64_MAX }
#define TEXT(p, max)		{ P_##p, PARAM_TEXT, true, 1, max }
#define WRITING(p, kind)	{ P_##p, PARAM_USER_TEXT, true, USER_TEXT_##kind, 0 }
#define OPT_WRITING(p, kind)	{ P_##p, PARAM_USER_TEXT, false, USER_TEXT_##kind, 0 }
#define FILE_PART(p)		{ P_##p, PARAM_FILE, true, 0, 0 }
#define OPT_FILE_PART(p)	{ P_##p, PARAM_FILE, false, 0, 0 }
#define PAGE OPT_INT(COUNT, 1, 1000), OPT_ID(CURSOR)

/* What a failure still answers. */
#define NO_KEYS ""
#define NO_ACCOUNT "\"user_id\":0,\"token\":\"\""
#define NO_FEED "\"video_list\":[],\"next_time\":0"
#define NO_VIDEOS "\"video_list\":[],\"next_cursor\":0"
#define NO_USERS "\"user_list\":[],\"next_cursor\":0"
#define NO_COMMENTS "\"comment_list\":[],\"next_cursor\":0"
#define NO_MESSAGES "\"message_list\":[],\"next_cursor\":0"
#define NO_USER                                                                             \
	"\"user\":{\"id\":0,\"name\":\"\",\"follow_count\":0,\"follower_count\":0,"         \
	"\"is_follow\":false,\"avatar\":\"\",\"background_image\":\"\",\"signature\":\"\"," \
	"\"total_favorited\":0,\"work_count\":0,\"favorite_count\":0}"

const struct route routes[] = {
	{ "GET",  "/douyin/feed/", ACCESS_OPTIONAL, feed_list, NO_FEED,
	  .params = { OPT_LENIENT(LATEST_TIME) }, .warm = feed_warm },
	{ "POST", "/douyin/user/register/", ACCESS_OPEN, user_register, NO_ACCOUNT,
	  .params = { WRITING(USERNAME, NAME), TEXT(PASSWORD, 32) } },
	{ "POST", "/douyin/user/login/", ACCESS_OPEN, user_login, NO_ACCOUNT,
	  .params = { TEXT(USERNAME, 32), TEXT(PASSWORD, 32) } },
	{ "POST", "/douyin/user/logout/", ACCESS_LOGIN, user_logout, NO_KEYS,
	  .unlimited = true },
	{ "POST", "/douyin/user/password/", ACCESS_LOGIN, user_password, NO_ACCOUNT,
	  .params = { TEXT(PASSWORD, 32), TEXT(NEW_PASSWORD, 32) } },
	{ "GET",  "/douyin/user/", ACCESS_OPTIONAL, user_show, NO_USER,
	  .params = { OPT_ID(USER_ID) }, .warm = user_warm },
	{ "POST", "/douyin/publish/action/", ACCESS_LOGIN, publish_act, NO_KEYS,
	  .params = { FILE_PART(DATA), WRITING(TITLE, TITLE), OPT_FILE_PART(COVER), OPT_INT(COVER_MS, 0, 86400000) } },
	{ "POST", "/douyin/publish/retry/", ACCESS_LOGIN, publish_retry, NO_KEYS,
	  .params = { ID(VIDEO_ID) } },
	{ "POST", "/douyin/publish/delete/", ACCESS_LOGIN, publish_delete, NO_KEYS,
	  .params = { ID(VIDEO_ID) } },
	{ "GET",  "/douyin/publish/limits/", ACCESS_OPEN, publish_limits, NO_KEYS,
	  .manner = SPEAKS_APP },
	{ "GET",  "/douyin/publish/list/", ACCESS_OPTIONAL, publish_list, NO_VIDEOS,
	  .params = { OPT_ID(USER_ID), PAGE } },
	{ "POST", "/douyin/favorite/action/", ACCESS_LOGIN, favorite_act, NO_KEYS,
	  .params = { ID(VIDEO_ID), INT(ACTION_TYPE, 1, 2) } },
	{ "GET",  "/douyin/favorite/list/", ACCESS_OPTIONAL, favorite_list, NO_VIDEOS,
	  .params = { OPT_ID(USER_ID), PAGE } },
	{ "POST", "/douyin/comment/action/", ACCESS_LOGIN, comment_act, NO_KEYS,
	  .params = { ID(VIDEO_ID), INT(ACTION_TYPE, 1, 2), OPT_WRITING(COMMENT_TEXT, COMMENT), OPT_ID(COMMENT_ID) },
	  .warm = comment_act_warm },
	{ "GET",  "/douyin/comment/list/", ACCESS_OPTIONAL, comment_list, NO_COMMENTS,
	  .params = { ID(VIDEO_ID), PAGE }, .warm = comment_warm },
	{ "POST", "/douyin/relation/action/", ACCESS_LOGIN, relation_act, NO_KEYS,
	  .params = { ID(TO_USER_ID), INT(ACTION_TYPE, 1, 2) } },
	{ "GET",  "/douyin/relation/follow/list/", ACCESS_OPTIONAL, follow_list, NO_USERS,
	  .params = { OPT_ID(USER_ID), PAGE } },
	{ "GET",  "/douyin/relation/follower/list/", ACCESS_OPTIONAL, follower_list, NO_USERS,
	  .params = { OPT_ID(USER_ID), PAGE } },
	{ "GET",  "/douyin/relation/friend/list/", ACCESS_LOGIN, friend_list, NO_USERS,
	  .params = { OPT_ID(USER_ID), PAGE } },
	{ "POST", "/douyin/message/action/", ACCESS_LOGIN, message_act, NO_KEYS,
	  .params = { ID(TO_USER_ID), INT(ACTION_TYPE, 1, 1), WRITING(CONTENT, MESSAGE) } },
	{ "GET",  "/douyin/message/chat/", ACCESS_LOGIN, message_chat, NO_MESSAGES,
	  .params = { ID(TO_USER_ID), OPT_ID(PRE_MSG_TIME), PAGE }, .warm = message_warm },
	{ "GET",  "/healthz/", ACCESS_OPEN, ops_health, NO_KEYS,
	  .manner = SPEAKS_APP },
	{ "GET",  "/readyz/", ACCESS_OPEN, ops_ready, NO_KEYS,
	  .manner = SPEAKS_APP },
	{ "GET",  "/metrics/", ACCESS_OPEN, ops_metrics, NO_KEYS,
	  .manner = SPEAKS_APP },
	{ "GET",  "/admit/", ACCESS_OPEN, admit, NO_KEYS,
	  .manner = SPEAKS_APP, .inside = true },
	{ "OPTIONS", "/douyin/upload/", ACCESS_OPEN, upload_options, NO_KEYS,
	  .manner = SPEAKS_TUS },
	{ "POST", "/douyin/upload/", ACCESS_LOGIN, upload_create, NO_KEYS,
	  .manner = SPEAKS_TUS },
	{ "OPTIONS", "/douyin/upload/*", ACCESS_OPEN, upload_options, NO_KEYS,
	  .manner = SPEAKS_TUS },
	{ "HEAD", "/douyin/upload/*", ACCESS_LOGIN, upload_show, NO_KEYS,
	  .manner = SPEAKS_TUS },
	{ "PATCH", "/douyin/upload/*", ACCESS_LOGIN, upload_append, NO_KEYS,
	  .manner = SPEAKS_TUS, .unlimited = true },
	{ "DELETE", "/douyin/upload/*", ACCESS_LOGIN, upload_remove, NO_KEYS,
	  .manner = SPEAKS_TUS },
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

/* Does the route's path match?  *rest is what its star stands for. */
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

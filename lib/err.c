/* err.c: the table of errors. */
#include <strings.h>

#include "err.h"

/* clang-format off */
#define ROW(e, code, http, en, zh) [e] = { #e, code, http, { en, zh } }
/* clang-format on */

static const struct err_info table[ERR_COUNT] = {
	ROW(ERR_OK, 0, 200, "success", "成功"),

	ROW(ERR_BAD_REQUEST, 400, 400, "bad request", "请求格式错误"),
	ROW(ERR_NOT_FOUND, 404, 404, "no such path", "路径不存在"),
	ROW(ERR_METHOD, 405, 405, "method not allowed, use %s", "不支持该请求方法，请使用 %s"),
	ROW(ERR_TOO_LARGE, 413, 413, "request body is over the limit of %s",
	    "请求内容超过 %s 的上限"),
	ROW(ERR_URI_TOO_LONG, 414, 414, "request line is too long", "请求地址过长"),
	ROW(ERR_RATE, 429, 429, "too many requests, try again shortly", "请求过于频繁，请稍后再试"),

	ROW(ERR_PARAM_MISSING, 1001, 200, "missing parameter: %s", "缺少参数：%s"),
	ROW(ERR_PARAM_INVALID, 1002, 200, "bad parameter: %s", "参数错误：%s"),
	ROW(ERR_PARAM_TEXT, 1003, 200, "parameter is not valid UTF-8 text: %s",
	    "参数不是有效的 UTF-8 文本：%s"),
	ROW(ERR_PARAM_LENGTH, 1004, 200, "parameter has a bad length: %s",
	    "参数长度不符合要求：%s"),
	ROW(ERR_PARAM_RANGE, 1005, 200, "parameter is out of range: %s", "参数超出范围：%s"),

	ROW(ERR_TOKEN, 1101, 200, "token is missing, wrong or expired: please log in",
	    "token 缺失、无效或已过期，请重新登录"),
	ROW(ERR_NAME_TAKEN, 1102, 200, "username is taken", "username 已被注册"),
	ROW(ERR_LOGIN, 1103, 200, "wrong username or password", "username 或 password 错误"),

	ROW(ERR_USER_UNKNOWN, 1201, 200, "no such user: %s", "用户不存在：%s"),
	ROW(ERR_VIDEO_UNKNOWN, 1202, 200, "no such video: video_id", "视频不存在：video_id"),
	ROW(ERR_COMMENT_UNKNOWN, 1203, 200, "no such comment: comment_id",
	    "评论不存在：comment_id"),
	ROW(ERR_COMMENT_FOREIGN, 1204, 200, "only its author may delete a comment: comment_id",
	    "只能删除自己的评论：comment_id"),
	ROW(ERR_FOLLOW_SELF, 1205, 200, "one cannot follow oneself: to_user_id",
	    "不能关注自己：to_user_id"),
	ROW(ERR_MESSAGE_SELF, 1206, 200, "one cannot message oneself: to_user_id",
	    "不能给自己发消息：to_user_id"),
	ROW(ERR_NOT_FRIENDS, 1207, 200, "messages go between mutual followers only: to_user_id",
	    "只有互相关注的好友才能发消息：to_user_id"),

	ROW(ERR_MULTIPART, 1301, 200, "malformed multipart body: %s", "multipart 格式错误：%s"),
	ROW(ERR_FILE_EMPTY, 1302, 200, "the file is empty: data", "文件为空：data"),
	ROW(ERR_FILE_TYPE, 1303, 200, "the file is not a video: data", "文件不是视频：data"),

	ROW(ERR_INTERNAL, 5000, 500, "internal error", "服务器内部错误"),
	ROW(ERR_UNAVAILABLE, 5003, 503, "service is down for the moment, try again",
	    "服务暂时不可用，请稍后再试"),
};

const struct err_info *
err_info(enum err e)
{
	return &table[e];
}

const char *
err_http_phrase(int http)
{
	switch (http) {
	case 200:
		return "OK";
	case 400:
		return "Bad Request";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 413:
		return "Content Too Large";
	case 414:
		return "URI Too Long";
	case 429:
		return "Too Many Requests";
	case 503:
		return "Service Unavailable";
	default:
		return "Internal Server Error";
	}
}

enum lang
err_language(const char *accept, enum lang otherwise)
{
	while (accept != NULL && *accept != '\0') {
		if (strncasecmp(accept, "zh", 2) == 0)
			return LANG_ZH;
		if (strncasecmp(accept, "en", 2) == 0)
			return LANG_EN;
		while (*accept != '\0' && *accept++ != ',')
			;
		while (*accept == ' ')
			accept++;
	}
	return otherwise;
}

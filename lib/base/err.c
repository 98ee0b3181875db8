/* err.c: the table of errors. */
#include <strings.h>

#include "base/err.h"

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
	ROW(ERR_RATE, 429, 429, "too many requests, try again in %s s",
	    "请求过于频繁，请在 %s 秒后再试"),

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
	ROW(ERR_PASSWORD, 1104, 200, "wrong password: password", "password 错误：password"),

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

	ROW(ERR_COVER_TYPE, 1304, 200, "the cover is not a JPEG, PNG or WebP picture: cover",
	    "封面不是 JPEG、PNG 或 WebP 图片：cover"),
	ROW(ERR_TOO_MANY, 1305, 200, "too many videos in processing: %s", "处理中的视频过多：%s"),
	ROW(ERR_NOT_FAILED, 1306, 200,
	    "only a failed video whose upload is still kept can be tried again: video_id",
	    "只有失败且仍保留原文件的视频才能重试：video_id"),
	ROW(ERR_FILE_PHOTO, 1307, 200, "the file is a photo: data", "文件是照片：data"),
	ROW(ERR_FILE_SOUND, 1308, 200, "the file has only sound: data",
	    "文件只有声音，没有画面：data"),
	ROW(ERR_FILE_FORMAT, 1309, 200,
	    "this server does not read this video's file format, please convert it to MP4: data",
	    "本服务器不支持该视频的文件格式，请转换为 MP4：data"),
	ROW(ERR_RETRY_VAIN, 1310, 200,
	    "trying again cannot help, the file itself is the reason: video_id",
	    "失败原因在于文件本身，重试无济于事：video_id"),
	ROW(ERR_QUOTA, 1311, 200,
	    "your uploads that wait, failed or are not complete take up too much, delete some: %s",
	    "您等待处理、失败或未传完的上传占用空间过多，请删除一些：%s"),

	ROW(ERR_UPLOAD_UNKNOWN, 1401, 404, "no such upload, or it has expired",
	    "上传不存在或已过期"),
	ROW(ERR_UPLOAD_VERSION, 1402, 412, "Tus-Resumable must be 1.0.0",
	    "Tus-Resumable 必须为 1.0.0"),
	ROW(ERR_UPLOAD_OFFSET, 1403, 409, "Upload-Offset is not what has been received: %s",
	    "Upload-Offset 与已接收的数据不符：%s"),
	ROW(ERR_UPLOAD_TYPE, 1404, 415, "Content-Type must be application/offset+octet-stream",
	    "Content-Type 必须为 application/offset+octet-stream"),
	ROW(ERR_UPLOAD_LENGTH, 1405, 413, "the upload is too large: %s", "上传内容过大：%s"),
	ROW(ERR_UPLOAD_CHECKSUM, 1406, 460, "Upload-Checksum does not match what was sent",
	    "Upload-Checksum 与数据不符"),
	ROW(ERR_UPLOAD_BUSY, 1407, 423, "another request is writing to this upload",
	    "另一请求正在写入此上传"),
	ROW(ERR_UPLOAD_PART, 1408, 409,
	    "Upload-Concat names what is not a complete partial upload of yours: %s",
	    "Upload-Concat 中有的不是您的、已传完的部分上传：%s"),
	ROW(ERR_UPLOAD_FINAL, 1409, 403, "an upload that was joined of parts is complete",
	    "由部分上传合并而成的上传已经完整"),

	ROW(ERR_INTERNAL, 5000, 500, "internal error", "服务器内部错误"),
	ROW(ERR_UNAVAILABLE, 5003, 503, "service is down for the moment, try again",
	    "服务暂时不可用，请稍后再试"),
	ROW(ERR_DISK_FULL, 5007, 507, "the server's disk is full, try again later",
	    "服务器磁盘已满，请稍后再试"),
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
	case 201:
		return "Created";
	case 204:
		return "No Content";
	case 400:
		return "Bad Request";
	case 401:
		return "Unauthorized";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 409:
		return "Conflict";
	case 412:
		return "Precondition Failed";
	case 413:
		return "Content Too Large";
	case 414:
		return "URI Too Long";
	case 415:
		return "Unsupported Media Type";
	case 423:
		return "Locked";
	case 429:
		return "Too Many Requests";
	case 460:
		return "Checksum Mismatch";
	case 503:
		return "Service Unavailable";
	case 507:
		return "Insufficient Storage";
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

/* param.c: see param.h. */
#include <string.h>

#include "http/param.h"

static const char *const names[P_END] = {
	[P_NONE] = "",
	[P_TOKEN] = "token",
	[P_USERNAME] = "username",
	[P_PASSWORD] = "password",
	[P_NEW_PASSWORD] = "new_password",
	[P_USER_ID] = "user_id",
	[P_TO_USER_ID] = "to_user_id",
	[P_VIDEO_ID] = "video_id",
	[P_ACTION_TYPE] = "action_type",
	[P_COMMENT_TEXT] = "comment_text",
	[P_COMMENT_ID] = "comment_id",
	[P_CONTENT] = "content",
	[P_TITLE] = "title",
	[P_DATA] = "data",
	[P_COVER] = "cover",
	[P_COVER_MS] = "cover_ms",
	[P_LATEST_TIME] = "latest_time",
	[P_PRE_MSG_TIME] = "pre_msg_time",
	[P_COUNT] = "count",
	[P_CURSOR] = "cursor",
};

const char *
param_name(enum param_id id)
{
	return names[id];
}

enum param_id
param_find(const char *name, size_t n)
{
	int i;

	for (i = P_NONE + 1; i < P_END; i++)
		if (strlen(names[i]) == n && memcmp(names[i], name, n) == 0)
			return (enum param_id)i;
	return P_NONE;
}

/* keys.c: see keys.h. */
#include <string.h>

#include "keys.h"

struct pattern {
	const char *before, *after;
};

static const struct pattern patterns[] = {
	[KEY_NONE] = { "", "" },
	[KEY_USER_CARD] = { ":{u:", "}:card" },
	[KEY_USER_TOKENS] = { ":{u:", "}:tokens" },
	[KEY_USER_LIKES] = { ":{u:", "}:likes" },
	[KEY_USER_FOLLOWS] = { ":{u:", "}:follows" },
	[KEY_VIDEO_CARD] = { ":{v:", "}:card" },
	[KEY_VIDEO_COMMENTS] = { ":{v:", "}:comments" },
	[KEY_FEED_NEWEST] = { ":{feed", "}:newest" },
	[KEY_CHAT_LAST] = { ":{c:", "}:last" },
	[KEY_USER_WRITES] = { ":{u:", "}:writes" },
	[KEY_GUESS_WRONG] = { ":{g:", "}:wrong:" },
	[KEY_GUESS_WAIT] = { ":{g:", "}:wait:" },
	[KEY_GUESS_KNOWN] = { ":{g:", "}:known:" },
};

static char *
put_text(char *p, const char *text)
{
	size_t n = strlen(text);

	memcpy(p, text, n);
	return p + n;
}

/* snprintf() took a tenth of a warm feed's time. */
static char *
put_number(char *p, int64_t v)
{
	char digits[20];
	size_t n = 0;

	do
		digits[n++] = (char)('0' + v % 10);
	while ((v /= 10) > 0);
	while (n > 0)
		*p++ = digits[--n];
	return p;
}

const char *
key_kind_name(enum key_kind kind)
{
	static const char *const names[KEY_KINDS] = {
		[KEY_NONE] = "none",
		[KEY_USER_CARD] = "user_card",
		[KEY_USER_LIKES] = "user_likes",
		[KEY_USER_FOLLOWS] = "user_follows",
		[KEY_VIDEO_CARD] = "video_card",
		[KEY_VIDEO_COMMENTS] = "video_comments",
		[KEY_FEED_NEWEST] = "feed_newest",
		[KEY_CHAT_LAST] = "chat_last",
		[KEY_USER_WRITES] = "user_writes",
		[KEY_GUESS_WRONG] = "guess_wrong",
		[KEY_GUESS_WAIT] = "guess_wait",
		[KEY_GUESS_KNOWN] = "guess_known",
	};

	return names[kind];
}

struct key_text
key_write(const char *epoch, struct key key)
{
	struct key_text out;
	char *p = put_text(out.text, epoch);

	p = put_text(p, patterns[key.kind].before);
	if (key.kind != KEY_FEED_NEWEST)
		p = put_number(p, key.id);
	if (key.kind == KEY_CHAT_LAST) {
		*p++ = ':';
		p = put_number(p, key.other);
	}
	p = put_text(p, patterns[key.kind].after);
	if (p[-1] == ':')
		p = put_number(p, key.other);
	*p = '\0';
	out.len = (int)(p - out.text);
	return out;
}

struct key
key_chat(int64_t one, int64_t two)
{
	return one < two ? (struct key){ KEY_CHAT_LAST, one, two }
			 : (struct key){ KEY_CHAT_LAST, two, one };
}

/* keys.c: names of keys in Redis.  Workers of two versions share them, so they are spelled out
 * here. */
#include <string.h>

#include "base/keys.h"
#include "tap.h"

#define LARGEST INT64_MAX

static bool
is_written(struct key key, const char *expected)
{
	struct key_text text = key_write("E", key);

	return strcmp(text.text, expected) == 0 && (size_t)text.len == strlen(expected);
}

static void
names(void)
{
	CHECK(is_written(key_of(KEY_USER_FRAGMENT, 7), "E:u:7:card"), "key of a user's fragment");
	CHECK(is_written(key_of(KEY_USER_TOKENS, 7), "E:u:7:tokens"),
	      "key of a user's token version");
	CHECK(is_written(key_of(KEY_USER_LIKES, 7), "E:u:7:likes"), "key of a user's likes");
	CHECK(is_written(key_of(KEY_USER_FOLLOWS, 7), "E:u:7:follows"), "key of a user's follows");
	CHECK(is_written(key_of(KEY_VIDEO_FRAGMENT, 9), "E:v:9:card"), "key of a video's fragment");
	CHECK(is_written(key_of(KEY_VIDEO_COMMENTS, 9), "E:v:9:comments"),
	      "key of a video's comments");
	CHECK(is_written(key_of(KEY_FEED_NEWEST, 0), "E:feed:newest"), "key of the newest videos");
	CHECK(is_written((struct key){ KEY_CHAT_SEEN, 7, 5 }, "E:u:7:chat:5"),
	      "key of what a device has seen of a chat");
	CHECK(is_written(key_of(KEY_USER_WRITES, 7), "E:u:7:writes"), "key of a user's changes");
	CHECK(is_written(key_of(KEY_ADDRESS_REGISTRATIONS, 5), "E:a:5:joined"),
	      "key of an address' registrations");
	CHECK(is_written((struct key){ KEY_LOGIN_FAILURES, 9, 0 }, "E:g:9:wrong:0"),
	      "key of a name's wrong passwords");
	CHECK(is_written((struct key){ KEY_LOGIN_DELAY, 9, 0 }, "E:g:9:wait:0"),
	      "key of a name's login delay");
	CHECK(is_written((struct key){ KEY_LOGIN_KNOWN, 9, 5 }, "E:g:9:known:5"),
	      "key of a name's known address");
}

static void
chats(void)
{
	CHECK(is_written(key_chat(7, 8), "E:c:7:8:last"), "key of a chat");
	CHECK(is_written(key_chat(8, 7), "E:c:7:8:last"), "a chat has one key for both users");
}

static void
lengths(void)
{
	char prefix[KEY_PREFIX_MAX];
	enum key_kind kind;
	struct key_text text;
	bool fit = true;

	memset(prefix, 'p', sizeof(prefix) - 1);
	prefix[sizeof(prefix) - 1] = '\0';
	for (kind = KEY_NONE + 1; kind < KEY_KINDS; kind++) {
		text = key_write(prefix, (struct key){ kind, LARGEST, LARGEST });
		fit = fit && text.len < KEY_MAX && strlen(text.text) == (size_t)text.len;
	}
	CHECK(fit, "the longest keys fit");
}

static bool
same_address(const char *one, const char *other)
{
	return key_address(KEY_ADDRESS_REGISTRATIONS, one).id ==
	       key_address(KEY_ADDRESS_REGISTRATIONS, other).id;
}

static void
addresses(void)
{
	CHECK(!same_address("192.0.2.1", "192.0.2.2"), "IPv4 addresses are counted separately");
	CHECK(same_address("2001:db8::1", "2001:db8:0:0:ffff::2"),
	      "an IPv6 network of 64 bits is counted as one");
	CHECK(!same_address("2001:db8::1", "2001:db8:0:1::1"),
	      "IPv6 networks are counted separately");
	CHECK(key_hash("a") != key_hash("b") && key_hash("a") == key_hash("a"),
	      "a hash depends on the text only");
	CHECK(key_hash("a") >= 0, "a hash is a number that key_write() can write");
}

int
main(void)
{
	names();
	chats();
	lengths();
	addresses();
	return done();
}

/*
 * keys.h: all key names in Redis.
 *
 * dousheng:DB:epoch		the current epoch, and the run id of its Redis (epoch.h)
 * EPOCH:u:7:card		user 7 as a JSON fragment (fragment.h)
 * EPOCH:u:7:tokens		its token version (token_version.h)
 * EPOCH:u:7:likes		the videos it likes (viewer_set.c)
 * EPOCH:u:7:follows		the users it follows (viewer_set.c)
 * EPOCH:v:9:card		video 9 as a JSON fragment (videos.h)
 * EPOCH:v:9:comments		its newest comments (comment.c)
 * EPOCH:feed:newest		the newest videos (feed.c)
 * EPOCH:c:7:8:last		time of the last message between users 7 and 8
 * EPOCH:u:7:chat:5		what a device of user 7 has seen of a chat (message.c)
 *
 * DB is the database's identity (db_identity()), EPOCH a random id. Workers of two
 * versions share these names during an upgrade, so the names do not change.
 *
 * The following keys are counters, not copies, and do not depend on an epoch
 * (rate_limit.h, login_delay.h):
 *
 * dousheng:DB:u:7:writes	changes by user 7
 * dousheng:DB:a:5:joined	registrations from the address with hash 5
 * dousheng:DB:g:9:wrong:0	wrong passwords for the name with hash 9; the last number is the
 * 				hash of an address that is counted separately, or 0
 * dousheng:DB:g:9:wait:0	exists while logins of that name are delayed
 * dousheng:DB:g:9:known:5	exists if that name has logged in from the address with hash 5
 */
#ifndef DS_KEYS_H
#define DS_KEYS_H

#include <stdint.h>

#define KEY_EPOCH_LEN 16
#define KEY_NO_EPOCH "dousheng" /* followed by the database's identity, instead of an epoch */
#define KEY_PREFIX_MAX 48	/* of an epoch or what replaces it, with the NUL */
#define KEY_MAX 128		/* a prefix, two numbers of 19 digits and the text around them */

enum key_kind {
	KEY_NONE,
	KEY_USER_FRAGMENT,
	KEY_USER_TOKENS,
	KEY_USER_LIKES,
	KEY_USER_FOLLOWS,
	KEY_VIDEO_FRAGMENT,
	KEY_VIDEO_COMMENTS,
	KEY_FEED_NEWEST,
	KEY_CHAT_LAST,
	KEY_CHAT_SEEN,
	KEY_USER_WRITES,
	KEY_ADDRESS_REGISTRATIONS,
	KEY_LOGIN_FAILURES,
	KEY_LOGIN_DELAY,
	KEY_LOGIN_KNOWN,
	KEY_KINDS
};

/* Names a key. id is 0 for the feed; other is the second number, if the key has one. */
struct key {
	enum key_kind kind;
	int64_t id, other;
};

struct key_text {
	char text[KEY_MAX];
	int len;
};

/* Writes a key. prefix: an epoch or cache_no_epoch_prefix(), less than KEY_PREFIX_MAX bytes. */
struct key_text key_write(const char *prefix, struct key key);

/* The label of a kind in metrics. */
const char *key_kind_name(enum key_kind kind);

/* Hashes a text to 63 bits (SHA-256, truncated), so that the text itself is not stored. */
int64_t key_hash(const char *text);

/*
 * The key that counts requests of an address, by its hash.  Of an IPv6 address
 * only the first 64 bits count, because one host usually has a whole /64.
 */
struct key key_address(enum key_kind kind, const char *address);

/* The key of the chat between two users, in any order. */
struct key key_chat(int64_t one, int64_t two);

static inline struct key
key_of(enum key_kind kind, int64_t id)
{
	return (struct key){ kind, id, 0 };
}

#endif

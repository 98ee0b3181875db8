/*
 * keys.h: all key names in Redis.
 *
 * dousheng:DB:epoch		the epoch in force, and the run id of its Redis (epoch.h)
 * EPOCH:u:7:card		account 7 as a JSON fragment (fragment.h)
 * EPOCH:u:7:tokens		the version of its tokens (token_version.h)
 * EPOCH:u:7:likes		the videos it likes (viewer_set.c)
 * EPOCH:u:7:follows		the accounts it follows (viewer_set.c)
 * EPOCH:v:9:card		video 9 as a JSON fragment (videos.h)
 * EPOCH:v:9:comments		the head of its comments (comment.c)
 * EPOCH:feed:newest		the newest videos (feed.c)
 * EPOCH:c:7:8:last		time of the last message between 7 and 8
 * EPOCH:u:7:chat:5		what a device of 7 has seen of a chat (message.c)
 *
 * DB names the database (db_identity()), an epoch is a random word of one database.
 * These are no copies, only what rate_limit.h and login_delay.h count, and outlive an epoch:
 *
 * dousheng:DB:u:7:writes	how much account 7 has changed of late
 * dousheng:DB:a:5:joined	how many have registered of late from the address whose hash is 5
 * dousheng:DB:g:9:wrong:0	wrong passwords for the name whose hash is 9; as the last number an
 *				address that is counted apart, or 0
 * dousheng:DB:g:9:wait:0	lives as long as no password is looked at
 * dousheng:DB:g:9:known:5	the name has logged in from the address whose hash is 5
 */
#ifndef DS_KEYS_H
#define DS_KEYS_H

#include <stdint.h>

#define KEY_EPOCH_LEN 16
#define KEY_NO_EPOCH "dousheng" /* and the database's name, in the place of an epoch */
#define KEY_PREFIX_MAX 48	/* of these, or an epoch, and a NUL */
#define KEY_MAX 128		/* with two numbers of 19 digits and the words between */

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

/* What a key is about; id is 0 for the feed, other is the second number where there are two. */
struct key {
	enum key_kind kind;
	int64_t id, other;
};

struct key_text {
	char text[KEY_MAX];
	int len;
};

/* prefix: an epoch, or what stands in its place; less than KEY_PREFIX_MAX bytes. */
struct key_text key_write(const char *prefix, struct key key);

/* A word for each kind, as metrics tell it. */
const char *key_kind_name(enum key_kind kind);

/* A number of 63 bits for a text: its SHA-256, cut off; so the text itself is not stored. */
int64_t key_hash(const char *text);

/*
 * The key that counts an address: its hash.  Of an IPv6 address the network
 * counts (its first 64 bits), since a single host has all addresses in that.
 */
struct key key_address(enum key_kind kind, const char *address);

/* The key of two people's chat, whichever comes first. */
struct key key_chat(int64_t one, int64_t two);

static inline struct key
key_of(enum key_kind kind, int64_t id)
{
	return (struct key){ kind, id, 0 };
}

#endif

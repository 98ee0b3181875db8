/* keys.c: see keys.h. */
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/keys.h"

struct pattern {
	const char *name;	    /* the label in metrics */
	const char *before, *after; /* the text around the id */
};

static const struct pattern patterns[KEY_KINDS] = {
	[KEY_NONE] = { "none", "", "" },
	[KEY_USER_FRAGMENT] = { "user_card", ":u:", ":card" },
	[KEY_USER_TOKENS] = { "user_tokens", ":u:", ":tokens" },
	[KEY_USER_LIKES] = { "user_likes", ":u:", ":likes" },
	[KEY_USER_FOLLOWS] = { "user_follows", ":u:", ":follows" },
	[KEY_VIDEO_FRAGMENT] = { "video_card", ":v:", ":card" },
	[KEY_VIDEO_COMMENTS] = { "video_comments", ":v:", ":comments" },
	[KEY_FEED_NEWEST] = { "feed_newest", ":feed", ":newest" },
	[KEY_CHAT_LAST] = { "chat_last", ":c:", ":last" },
	[KEY_CHAT_SEEN] = { "chat_seen", ":u:", ":chat:" },
	[KEY_USER_WRITES] = { "user_writes", ":u:", ":writes" },
	[KEY_ADDRESS_REGISTRATIONS] = { "address_joined", ":a:", ":joined" },
	[KEY_LOGIN_FAILURES] = { "guess_wrong", ":g:", ":wrong:" },
	[KEY_LOGIN_DELAY] = { "guess_wait", ":g:", ":wait:" },
	[KEY_LOGIN_KNOWN] = { "guess_known", ":g:", ":known:" },
};

static char *
put_text(char *p, const char *text)
{
	size_t n = strlen(text);

	memcpy(p, text, n);
	return p + n;
}

/* snprintf() took 10 % of the time of a feed that is cached. */
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
	return patterns[kind].name;
}

struct key_text
key_write(const char *prefix, struct key key)
{
	struct key_text out;
	char *p = put_text(out.text, prefix);

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

int64_t
key_hash(const char *text)
{
	unsigned char digest[EVP_MAX_MD_SIZE] = { 0 };
	uint64_t bits;

	if (EVP_Digest(text, strlen(text), digest, NULL, EVP_sha256(), NULL) != 1) {
		ERR_clear_error(); /* OpenSSL's error queue holds memory until it is cleared */
		return 0;
	}
	memcpy(&bits, digest, sizeof(bits));
	return (int64_t)(bits >> 1);
}

struct key
key_address(enum key_kind kind, const char *address)
{
	struct in6_addr six;
	char text[INET6_ADDRSTRLEN];

	snprintf(text, sizeof(text), "%s", address);
	if (inet_pton(AF_INET6, address, &six) == 1) {
		memset(six.s6_addr + 8, 0, 8);
		inet_ntop(AF_INET6, &six, text, sizeof(text));
	}
	return key_of(kind, key_hash(text));
}

struct key
key_chat(int64_t one, int64_t two)
{
	return one < two ? (struct key){ KEY_CHAT_LAST, one, two }
			 : (struct key){ KEY_CHAT_LAST, two, one };
}

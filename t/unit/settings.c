/* settings.c: lib/base/redis_url.c, and addresses accepted by lib/base/conf.c. */
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/redis_url.h"
#include "tap.h"

struct url {
	const char *url, *path, *host, *port, *db, *user, *password;
};

static bool
same(const char *one, const char *other)
{
	return one == NULL || other == NULL ? one == other : strcmp(one, other) == 0;
}

static void
urls(void)
{
	static const struct url list[] = {
		{ "unix:/run/r.sock", "/run/r.sock", NULL, NULL, NULL, NULL, NULL },
		{ "redis://h", NULL, "h", "6379", NULL, NULL, NULL },
		{ "redis://h:1", NULL, "h", "1", NULL, NULL, NULL },
		{ "redis://h:1/", NULL, "h", "1", "", NULL, NULL },
		{ "redis://h/7", NULL, "h", "6379", "7", NULL, NULL },
		{ "redis://:pw@h:1/2", NULL, "h", "1", "2", "", "pw" },
		{ "redis://lin:pw@h", NULL, "h", "6379", NULL, "lin", "pw" },
		{ "redis://lin:p%40w%3a%2F@h", NULL, "h", "6379", NULL, "lin", "p@w:/" },
		{ "redis://:p+w@h", NULL, "h", "6379", NULL, "", "p+w" },
		{ "redis://:a:b@h", NULL, "h", "6379", NULL, "", "a:b" },
		{ "redis://:a@b@h", NULL, "h", "6379", NULL, "", "a@b" },
		{ "redis://[::1]", NULL, "::1", "6379", NULL, NULL, NULL },
		{ "redis://:pw@[fe80::1]:7/3", NULL, "fe80::1", "7", "3", "", "pw" },
	};
	static const char *const bad[] = {
		"h:1",
		"rediss://h:1",
		"http://h",
		"redis://",
		"redis://:6379",
		"redis://h:",
		"redis://h:x",
		"redis://h:65536",
		"redis://h:-1",
		"redis://::1",
		"redis://[::1",
		"redis://[::1]x",
		"redis://h/x",
		"redis://h/-1",
		"redis://:%4@h",
		"redis://:%00@h",
		"redis://:%zz@h",
		"unix:run/r.sock",
		"unix:",
		"redis://h?x=1",
		"redis://h:1 ",
	};
	struct redis_url u;
	char why[256];
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		const struct url *l = &list[i];

		CHECK(redis_url_read(&u, l->url, why, sizeof(why)) && same(u.path, l->path) &&
			  same(u.host, l->host) && same(u.port, l->port) && same(u.db, l->db) &&
			  same(u.user, l->user) && same(u.password, l->password),
		      l->url);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!redis_url_read(&u, bad[i], why, sizeof(why)) &&
			  strncmp(why, "redis_url ", 10) == 0,
		      bad[i]);
}

/* Is a base URL taken? */
static bool
base(const char *url)
{
	static struct conf conf;
	char why[512];

	setenv("DOUSHENG_HOME", "/nonexistent", 1);
	setenv("DOUSHENG_BASE_URL", url, 1);
	return conf_load(&conf, why, sizeof(why));
}

static void
bases(void)
{
	static const char *const good[] = { "https://example.org", "http://10.0.0.7:8080",
					    "https://[::1]:8443", "https://example.org/sub/way",
					    "http://xn--fiq228c.example" };
	static const char *const bad[] = {
		"example.org",		"ftp://example.org", "https://",
		"https://example.org/", "https://a b",	     "https://a\"b",
		"https://a;b",		"https://a{b}",	     "https://a\\b",
		"https://a'b",		"https://a$host",    "https://a?x",
		"https://a#x",		"https://lin:pw@a",  "https://中文.example",
		"javascript:alert(1)",	"https://a\x01",     "https:///x",
	};
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK(base(good[i]), good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!base(bad[i]), bad[i]);
}

int
main(void)
{
	urls();
	bases();
	return done();
}

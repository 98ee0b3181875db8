/* conf.c: see conf.h; the settings themselves: settings.def. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/redis_url.h"
#include "base/text.h"

/* clang-format off */
#define TEXT(name, initial, choices, help) \
	{ #name, CONF_TEXT, offsetof(struct conf, name), initial, 0, 0, choices, help },
#define INT(name, initial, min, max, help) \
	{ #name, CONF_INT, offsetof(struct conf, name), #initial, min, max, NULL, help },
#define BOOL(name, initial, help) \
	{ #name, CONF_BOOL, offsetof(struct conf, name), initial, 0, 0, NULL, help },
/* clang-format on */

const struct conf_setting conf_settings[] = {
#include "base/settings.def"
	{ .name = NULL },
};

/* Is value one of the words in "a|b|c"? */
static bool
among(const char *choices, const char *value)
{
	size_t n = strlen(value);

	while (choices != NULL && *choices != '\0') {
		size_t len = strcspn(choices, "|");

		if (len == n && memcmp(choices, value, n) == 0)
			return true;
		choices += len + (choices[len] == '|');
	}
	return false;
}

/*
 * A scheme, a host, optionally a port and a path, without a slash at the end.
 * Only characters that are plain in JSON, HTML and nginx's configuration.
 */
static bool
is_base_url(const char *url)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789.-_~:/[]%";
	size_t n = strlen(url);
	const char *host = strncmp(url, "https://", 8) == 0  ? url + 8
			   : strncmp(url, "http://", 7) == 0 ? url + 7
							     : NULL;

	return host != NULL && host[0] != '\0' && host[0] != '/' && url[n - 1] != '/' &&
	       strspn(url, plain) == n;
}

/* Checks settings that hold an address. False with a reason for an invalid one. */
static bool
check_address(const char *name, const char *value, char *why, size_t size)
{
	struct redis_url redis;

	if (value[0] == '\0')
		return true;
	if (strcmp(name, "redis_url") == 0)
		return redis_url_read(&redis, value, why, size);
	if (strcmp(name, "base_url") != 0 || is_base_url(value))
		return true;
	snprintf(why, size,
		 "base_url must be http:// or https://, a host, and a port or path if there is "
		 "one, without a slash at the end, as in https://example.org");
	return false;
}

/* Stores value in the field of s. False with a reason if its type or range is wrong. */
static bool
set(struct conf *c, const struct conf_setting *s, const char *value, char *why, size_t size)
{
	void *field = (char *)c + s->offset;
	int64_t number;

	switch (s->type) {
	case CONF_TEXT:
		if (s->choices != NULL && !among(s->choices, value))
			snprintf(why, size, "%s must be one of %s", s->name, s->choices);
		else if (strlen(value) >= CONF_TEXT_MAX || text_length(value, strlen(value)) < 0)
			snprintf(why, size, "%s must be text of less than %d bytes", s->name,
				 CONF_TEXT_MAX);
		else if (check_address(s->name, value, why, size))
			return memcpy(field, value, strlen(value) + 1) != NULL;
		return false;
	case CONF_INT:
		if (text_int(value, strlen(value), &number) && number >= s->min &&
		    number <= s->max) {
			*(int64_t *)field = number;
			return true;
		}
		snprintf(why, size, "%s must be a whole number from %lld to %lld", s->name,
			 (long long)s->min, (long long)s->max);
		return false;
	case CONF_BOOL:
		if (!among("yes|no", value)) {
			snprintf(why, size, "%s must be yes or no", s->name);
			return false;
		}
		*(bool *)field = value[0] == 'y';
		return true;
	}
	return false;
}

const struct conf_setting *
conf_find(const char *name)
{
	const struct conf_setting *s;

	for (s = conf_settings; s->name != NULL; s++)
		if (strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

void
conf_env(const struct conf_setting *s, char *out)
{
	bool is_url = strcmp(s->name, "database_url") == 0 || strcmp(s->name, "redis_url") == 0;
	char *at;

	snprintf(out, CONF_ENV_MAX, "%s%s", is_url ? "" : "DOUSHENG_", s->name);
	for (at = out; *at != '\0'; at++)
		if (*at >= 'a' && *at <= 'z')
			*at -= 'a' - 'A';
}

/* For the error message: the setting that replaces one of an earlier version. */
static const char *
successor(const char *name)
{
	if (strcmp(name, "rate_api") == 0)
		return ": it is now rate_read";
	if (strcmp(name, "rate_account") == 0)
		return ": it is now rate_login and rate_register, per minute";
	return "";
}

/* Removes white space at both ends, in place. */
static char *
trim(char *s)
{
	size_t n;

	s += strspn(s, " \t\r\n");
	for (n = strlen(s); n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL; n--)
		s[n - 1] = '\0';
	return s;
}

/* Parses a line "name = value". Blank lines and comments (#) are skipped. */
static bool
read_line(struct conf *c, char *line, char *why, size_t size)
{
	const struct conf_setting *s;
	char *value, *name = trim(line);

	if (name[0] == '\0' || name[0] == '#')
		return true;
	if ((value = strchr(name, '=')) == NULL) {
		snprintf(why, size, "expected \"name = value\"");
		return false;
	}
	*value++ = '\0';
	name = trim(name);
	if ((s = conf_find(name)) == NULL) {
		snprintf(why, size, "unknown setting \"%.64s\"%s", name, successor(name));
		return false;
	}
	return set(c, s, trim(value), why, size);
}

static bool
read_file(struct conf *c, const char *path, char *why, size_t size)
{
	char line[CONF_TEXT_MAX * 2], reason[256];
	bool ok = true;
	int number = 0;
	FILE *f = fopen(path, "re");

	if (f == NULL && errno == ENOENT)
		return true;
	if (f == NULL) {
		snprintf(why, size, "cannot read %s: %s", path, strerror(errno));
		return false;
	}
	while (ok && fgets(line, sizeof(line), f) != NULL) {
		number++;
		ok = read_line(c, line, reason, sizeof(reason));
	}
	if (!ok)
		snprintf(why, size, "%s, line %d: %s", path, number, reason);
	fclose(f);
	return ok;
}

bool
conf_load(struct conf *c, char *why, size_t size)
{
	const struct conf_setting *s;
	const char *home = getenv("DOUSHENG_HOME"), *value;
	char path[CONF_TEXT_MAX + 32], env[CONF_ENV_MAX];

	if (home == NULL || home[0] != '/' || strlen(home) >= sizeof(c->home)) {
		snprintf(why, size, "DOUSHENG_HOME must be set to an absolute path");
		return false;
	}
	memset(c, 0, sizeof(*c));
	memcpy(c->home, home, strlen(home) + 1);
	for (s = conf_settings; s->name != NULL; s++)
		if (!set(c, s, s->initial, why, size))
			return false;
	snprintf(path, sizeof(path), "%s/dousheng.conf", home);
	if (!read_file(c, path, why, size))
		return false;
	for (s = conf_settings; s->name != NULL; s++) {
		conf_env(s, env);
		if ((value = getenv(env)) == NULL || value[0] == '\0')
			continue;
		if (!set(c, s, value, why, size))
			return false;
	}
	return true;
}

void
conf_value(const struct conf *c, const struct conf_setting *s, char *out, size_t size)
{
	const void *field = (const char *)c + s->offset;

	switch (s->type) {
	case CONF_TEXT:
		snprintf(out, size, "%s", (const char *)field);
		break;
	case CONF_INT:
		snprintf(out, size, "%lld", (long long)*(const int64_t *)field);
		break;
	case CONF_BOOL:
		snprintf(out, size, "%s", *(const bool *)field ? "yes" : "no");
		break;
	}
}

void
conf_database(const struct conf *c, const char *role, char *out, size_t size)
{
	if (c->database_url[0] != '\0')
		snprintf(out, size, "%s", c->database_url);
	else
		snprintf(out, size, "host=%s/run/postgres dbname=dousheng user=%s", c->home, role);
}

void
conf_redis(const struct conf *c, char *out, size_t size)
{
	if (c->redis_url[0] != '\0')
		snprintf(out, size, "%s", c->redis_url);
	else
		snprintf(out, size, "unix:%s/run/redis/redis.sock", c->home);
}

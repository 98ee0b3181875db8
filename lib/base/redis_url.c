/* redis_url.c: see redis_url.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/redis_url.h"
#include "base/text.h"

/* Is s an unsigned decimal number, at most `most`? */
static bool
is_number(const char *s, long most)
{
	size_t n = strlen(s);

	return n > 0 && n <= 9 && strspn(s, "0123456789") == n && strtol(s, NULL, 10) <= most;
}

/* Decodes %XX in place.  False for %00 and for a % without two hexadecimal digits. */
static bool
decode(const char *text)
{
	char *s = (char *)(uintptr_t)text, *out = s, byte[4];

	for (; *s != '\0'; s++, out++) {
		*out = *s;
		if (*s != '%')
			continue;
		if (strspn(s + 1, "0123456789abcdefABCDEF") < 2)
			return false;
		snprintf(byte, sizeof(byte), "%.3s", s);
		if (text_form_decode(byte, 3) != 1 || byte[0] == '\0')
			return false;
		*out = byte[0];
		s += 2;
	}
	*out = '\0';
	return true;
}

/* Parses "host:port" or "[::1]:port".  The port is optional. */
static bool
read_host(struct redis_url *u, char *host)
{
	char *end, *port = NULL;

	u->host = host;
	if (host[0] == '[') {
		u->host = host + 1;
		if ((end = strchr(host, ']')) == NULL || (end[1] != '\0' && end[1] != ':'))
			return false;
		port = end[1] == ':' ? end + 2 : NULL;
		*end = '\0';
	} else if ((end = strchr(host, ':')) != NULL) {
		port = end + 1;
		*end = '\0';
	}
	u->port = port == NULL ? "6379" : port;
	return u->host[0] != '\0' && is_number(u->port, 65535);
}

/* Parses "user:password".  Both are optional. */
static bool
read_login(struct redis_url *u, char *login)
{
	char *colon = strchr(login, ':');

	if (colon != NULL) {
		*colon = '\0';
		u->password = colon + 1;
	}
	u->user = login;
	return decode(u->user) && (u->password == NULL || decode(u->password));
}

static bool
refuse(char *why, size_t size, const char *text)
{
	snprintf(why, size, "redis_url %s", text);
	return false;
}

bool
redis_url_read(struct redis_url *u, const char *url, char *why, size_t size)
{
	static const char scheme[] = "redis://";
	char *rest = u->text, *at, *slash;

	*u = (struct redis_url){ .path = NULL };
	snprintf(u->text, sizeof(u->text), "%s", url);
	if (strncmp(url, "unix:", 5) == 0) {
		u->path = u->text + 5;
		return u->path[0] == '/' ||
		       refuse(why, size, "must name a socket by an absolute path, unix:/path");
	}
	if (strncmp(url, "rediss://", 9) == 0)
		return refuse(why, size,
			      "asks for TLS (rediss://), which is not supported: run stunnel "
			      "and give its address");
	if (strncmp(url, scheme, strlen(scheme)) != 0)
		return refuse(why, size, "must begin with redis:// or unix:/");
	rest += strlen(scheme);
	if (strpbrk(rest, "?# \t") != NULL)
		return refuse(why, size,
			      "contains a question mark, a # or white space: write it as %XX");
	at = strrchr(rest, '@');
	if (at != NULL) {
		*at = '\0';
		if (!read_login(u, rest))
			return refuse(why, size, "contains an invalid %XX");
		rest = at + 1;
	}
	if ((slash = strchr(rest, '/')) != NULL)
		*slash++ = '\0';
	u->db = slash;
	if (!read_host(u, rest))
		return refuse(why, size,
			      "must have a host and a port, as in redis://host:6379 or "
			      "redis://[::1]:6379");
	return u->db == NULL || u->db[0] == '\0' || is_number(u->db, 999999) ||
	       refuse(why, size, "must end in the number of a database");
}

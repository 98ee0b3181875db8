/*
 * redis_url.h: where Redis is, as the setting redis_url says it:
 *
 *   redis://[[user][:password]@]host[:port][/db]     unix:/path
 *
 * User and password may hold %XX; a host may be [::1].
 */
#ifndef DS_REDIS_URL_H
#define DS_REDIS_URL_H

#include <stdbool.h>
#include <stddef.h>

#define REDIS_URL_MAX 1024 /* bytes, with the NUL */

/* All point into text; path for a socket, else host and port. "" and NULL: none. */
struct redis_url {
	char text[REDIS_URL_MAX];
	const char *path, *host, *port, *db;
	const char *user, *password;
};

/* False with a reason, which names no part of the URL, for what is none of these. */
bool redis_url_read(struct redis_url *u, const char *url, char *why, size_t size);

#endif

/*
 * redis_url.h: parses the setting redis_url:
 *
 *   redis://[[user][:password]@]host[:port][/db]     unix:/path
 *
 * User and password may contain %XX; a host may be [::1].
 */
#ifndef DS_REDIS_URL_H
#define DS_REDIS_URL_H

#include <stdbool.h>
#include <stddef.h>

#define REDIS_URL_MAX 1024 /* with the NUL */

/*
 * All pointers point into text. path is set for a socket, else host and port.
 * "" or NULL: absent.
 */
struct redis_url {
	char text[REDIS_URL_MAX];
	const char *path, *host, *port, *db;
	const char *user, *password;
};

/* False for an invalid URL; why[size] then has a reason that quotes no part of the URL. */
bool redis_url_read(struct redis_url *u, const char *url, char *why, size_t size);

#endif

/* server.h: a server at a unix socket that sends prepared bytes. */
#ifndef DS_SERVER_H
#define DS_SERVER_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/conf.h"

static char server_folder[] = "/tmp/server-unit.XXXXXX";
static struct sockaddr_un server_address = { .sun_family = AF_UNIX };

/* Makes its folder, and sets it as Redis in conf. */
static inline bool
server_place(struct conf *conf)
{
	if (mkdtemp(server_folder) == NULL)
		return false;
	snprintf(server_address.sun_path, sizeof(server_address.sun_path), "%s/socket",
		 server_folder);
	snprintf(conf->redis_url, sizeof(conf->redis_url), "unix:%s", server_address.sun_path);
	conf->redis_timeout_ms = 5000;
	return true;
}

static inline void
server_leave(void)
{
	unlink(server_address.sun_path);
	rmdir(server_folder);
}

/*
 * Serves one client in another process: answers the first input with these
 * bytes, reads on, and then ends (or, if it stays, ends with the client).
 * Returns the process, to be waited for; -1 on failure.
 */
static inline pid_t
server_says(const char *bytes, bool stays)
{
	int listening = socket(AF_UNIX, SOCK_STREAM, 0), fd;
	char command[256];
	pid_t pid;

	unlink(server_address.sun_path);
	if (listening < 0 ||
	    bind(listening, (struct sockaddr *)&server_address, sizeof(server_address)) != 0 ||
	    listen(listening, 1) != 0)
		return -1;
	if ((pid = fork()) == 0) {
		if ((fd = accept(listening, NULL, NULL)) >= 0 &&
		    read(fd, command, sizeof(command)) > 0 &&
		    write(fd, bytes, strlen(bytes)) == (ssize_t)strlen(bytes))
			while (read(fd, command, sizeof(command)) > 0 && stays)
				;
		_exit(0);
	}
	close(listening);
	return pid;
}

#endif

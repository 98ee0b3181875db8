/*
 * driver.c: does in one process what a test would start curl, jq and psql for.
 *
 *   driver SHAPES-FOLDER FILE
 *
 * Returns once it listens on a port of 127.0.0.1, and goes on in the background.
 * FILE then holds the port and a secret, which every request must begin with.
 * The driver ends when FILE is gone.
 *
 * A request is a sequence of NUL-terminated strings: the secret, the number of
 * those that follow, the command, its arguments (driver.h).  The reply is a line of
 * 31 characters and a newline with the exit status, the length of the output and
 * the length of the error messages; then both.  One connection, one request.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver.h"

#define ARGS_MAX 256

static char secret[33];

static const struct {
	const char *name;
	int (*run)(char **args, FILE *out, FILE *err);
	int args; /* at least so many */
} commands[] = {
	{ "http", http, 4 },
	{ "lookup", lookup, 2 },
	{ "shape", shape, 4 },
	{ "sql", sql, 3 },
};

/* bash cannot keep a NUL. */
static size_t
without_nuls(char *text, size_t n)
{
	size_t i, kept = 0;

	for (i = 0; i < n; i++)
		if (text[i] != '\0')
			text[kept++] = text[i];
	return kept;
}

static void
reply(FILE *to, char **args, int n)
{
	char *texts[2] = { NULL, NULL };
	size_t lengths[2], i;
	FILE *out = open_memstream(&texts[0], &lengths[0]);
	FILE *err = open_memstream(&texts[1], &lengths[1]);
	int status = 127;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(args[0], commands[i].name) == 0 && n > commands[i].args)
			status = commands[i].run(args + 1, out, err);
	fclose(out);
	fclose(err);
	for (i = 0; i < 2; i++)
		lengths[i] = without_nuls(texts[i], lengths[i]);
	fprintf(to, "%9d %10zu %10zu\n", status, lengths[0], lengths[1]);
	for (i = 0; i < 2; i++) {
		fwrite(texts[i], 1, lengths[i], to);
		free(texts[i]);
	}
}

/* The next string; NULL: the client is gone. */
static char *
next_string(FILE *from)
{
	char *text = NULL;
	size_t size = 0;

	if (getdelim(&text, &size, '\0', from) > 0)
		return text;
	free(text);
	return NULL;
}

/* The strings of a request; the list ends with NULL.  Returns their number. */
static int
read_request(FILE *from, char **args)
{
	char *word = next_string(from), *count = next_string(from);
	int wanted = 0, n = 0;

	if (word != NULL && count != NULL && strcmp(word, secret) == 0)
		wanted = atoi(count);
	free(word);
	free(count);
	if (wanted > ARGS_MAX)
		return 0;
	while (n < wanted && (args[n] = next_string(from)) != NULL)
		n++;
	args[n] = NULL;
	return n == wanted ? n : 0;
}

static void *
serve(void *arg)
{
	int fd = (int)(intptr_t)arg;
	FILE *from = fdopen(dup(fd), "r"), *to = fdopen(fd, "w");
	char *args[ARGS_MAX + 1] = { NULL };
	int n = read_request(from, args);

	if (n > 0)
		reply(to, args, n);
	for (n = 0; n <= ARGS_MAX && args[n] != NULL; n++)
		free(args[n]);
	fclose(from);
	fclose(to);
	return NULL;
}

static int
listen_anywhere(uint16_t *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, size) != 0 || listen(fd, 128) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &size) != 0)
		return -1;
	*port = ntohs(at.sin_port);
	return fd;
}

/* Only its owner may read it. */
static bool
write_address(const char *file, uint16_t port)
{
	char fresh[4096];
	FILE *f;
	bool written;

	umask(077);
	snprintf(fresh, sizeof(fresh), "%s.%d", file, (int)getpid());
	f = fopen(fresh, "w");
	if (f == NULL)
		return false;
	written = fprintf(f, "%u %s\n", port, secret) > 0;
	return fclose(f) == 0 && written && rename(fresh, file) == 0;
}

static void
serve_until_gone(int listener, const char *file)
{
	struct pollfd ready = { listener, POLLIN, 0 };
	pthread_attr_t detached;
	pthread_t thread;
	int fd;

	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	while (access(file, F_OK) == 0) {
		if (poll(&ready, 1, 1000) <= 0)
			continue;
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0 && pthread_create(&thread, &detached, serve, (void *)(intptr_t)fd) != 0)
			close(fd);
	}
}

/* A shell that waits for the end of a pipe must not wait for the driver. */
static bool
close_inherited_files(int listener)
{
	int null = open("/dev/null", O_RDWR), fd;

	for (fd = 0; fd < 256; fd++)
		if (fd < 3)
			dup2(null, fd);
		else if (fd != listener)
			close(fd);
	return null >= 0;
}

int
main(int argc, char **argv)
{
	unsigned char random[16];
	uint16_t port;
	size_t i;
	int listener;

	if (argc != 3)
		return 2;
	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return 1;
	for (i = 0; i < sizeof(random); i++)
		sprintf(secret + 2 * i, "%02x", random[i]);
	signal(SIGPIPE, SIG_IGN);
	shape_init(argv[1]);
	listener = listen_anywhere(&port);
	if (listener < 0 || !write_address(argv[2], port)) {
		perror(argv[2]);
		return 1;
	}
	if (fork() == 0 && close_inherited_files(listener))
		serve_until_gone(listener, argv[2]);
	return 0;
}

/* http.c: one HTTP/1.1 request as curl sends it.  See driver.h. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "driver.h"

/* Exit statuses of curl. */
enum { CANNOT_CONNECT = 7, TOO_LATE = 28, NO_REPLY = 52, BROKEN_REPLY = 56 };

struct text {
	char *data;
	size_t n;
	FILE *f;
};

struct exchange {
	int fd;
	int64_t end; /* when it has taken too long, in milliseconds */
	struct text query, body, headers;
	char *reply;
	size_t n, size;
	int fault;
};

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
text_init(struct text *t)
{
	t->f = open_memstream(&t->data, &t->n);
}

static void
text_release(struct text *t)
{
	fclose(t->f);
	free(t->data);
}

static void
add_pair(struct text *to, const char *pair, bool encode)
{
	const unsigned char *p = (const unsigned char *)pair;
	const char *value = encode ? strchr(pair, '=') : NULL;

	if (ftell(to->f) > 0)
		putc('&', to->f);
	for (; *p != '\0'; p++)
		if (value == NULL || (const char *)p <= value || isalnum(*p) || strchr("-._~", *p))
			putc(*p, to->f);
		else
			fprintf(to->f, "%%%02X", *p);
}

static void
read_options(struct exchange *x, char **args)
{
	for (; args[0] != NULL && args[1] != NULL; args += 2)
		if (strcmp(args[0], "header") == 0)
			fprintf(x->headers.f, "%s\r\n", args[1]);
		else if (strstr(args[0], "query") != NULL)
			add_pair(&x->query, args[1], strncmp(args[0], "encode", 6) == 0);
		else
			add_pair(&x->body, args[1], strcmp(args[0], "encode") == 0);
	fflush(x->query.f);
	fflush(x->body.f);
	fflush(x->headers.f);
}

/* Has the client given this header itself? */
static bool
has_header(const struct exchange *x, const char *name)
{
	const char *at = x->headers.data;
	size_t n = strlen(name);

	for (; at != NULL && *at != '\0'; at = strchr(at, '\n') + 1)
		if (strncasecmp(at, name, n) == 0 && at[n] == ':')
			return true;
	return false;
}

static void
write_request(struct exchange *x, struct text *to, int port, const char *method, const char *target)
{
	fprintf(to->f, "%s %s", method, target);
	if (x->query.n > 0)
		fprintf(to->f, "%c%s", strchr(target, '?') != NULL ? '&' : '?', x->query.data);
	fprintf(to->f, " HTTP/1.1\r\n");
	if (!has_header(x, "Host"))
		fprintf(to->f, "Host: 127.0.0.1:%d\r\n", port);
	if (!has_header(x, "User-Agent"))
		fprintf(to->f, "User-Agent: curl/7 (dousheng tests)\r\n");
	if (!has_header(x, "Accept"))
		fprintf(to->f, "Accept: */*\r\n");
	fprintf(to->f, "%s", x->headers.data);
	if (x->body.n > 0) {
		if (!has_header(x, "Content-Length"))
			fprintf(to->f, "Content-Length: %zu\r\n", x->body.n);
		if (!has_header(x, "Content-Type"))
			fprintf(to->f, "Content-Type: application/x-www-form-urlencoded\r\n");
	}
	fprintf(to->f, "\r\n");
	if (x->body.n > 0)
		fwrite(x->body.data, 1, x->body.n, to->f);
	fflush(to->f);
}

static int
dial(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0 &&
	    errno != EINPROGRESS) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Waits until the connection is ready for events. */
static bool
wait_until(struct exchange *x, short events)
{
	struct pollfd ready = { x->fd, events, 0 };
	int64_t left = x->end - now_ms();

	if (left > 0 && poll(&ready, 1, (int)left) > 0)
		return true;
	x->fault = TOO_LATE;
	return false;
}

static bool
send_all(struct exchange *x, const char *data, size_t n)
{
	ssize_t sent;

	for (; n > 0; data += sent, n -= (size_t)sent) {
		if (!wait_until(x, POLLOUT))
			return false;
		sent = send(x->fd, data, n, MSG_NOSIGNAL);
		if (sent > 0)
			continue;
		/* A server may answer and close before it has read everything. */
		x->fault = errno == ECONNREFUSED ? CANNOT_CONNECT : 0;
		return x->fault == 0;
	}
	return true;
}

/* Reads more of the reply.  False: it has ended, or fault says why not. */
static bool
receive(struct exchange *x)
{
	ssize_t n;

	if (x->size - x->n < 16384)
		x->reply = realloc(x->reply, x->size += 65536);
	if (!wait_until(x, POLLIN))
		return false;
	n = recv(x->fd, x->reply + x->n, x->size - x->n - 1, 0);
	if (n < 0)
		x->fault = errno == ECONNREFUSED ? CANNOT_CONNECT
			   : x->n == 0		 ? NO_REPLY
						 : BROKEN_REPLY;
	if (n <= 0)
		return false;
	x->n += (size_t)n;
	x->reply[x->n] = '\0';
	return true;
}

/* Reads until the reply has n bytes from start on. */
static bool
receive_up_to(struct exchange *x, size_t start, size_t n)
{
	while (x->n - start < n)
		if (!receive(x)) {
			x->fault = x->fault != 0 ? x->fault : BROKEN_REPLY;
			return false;
		}
	return true;
}

/* Writes the data of all chunks from start on. */
static bool
read_chunks(struct exchange *x, size_t start, FILE *out)
{
	char *line_end;
	size_t n;

	for (;; start += n + 2) {
		while ((line_end = memmem(x->reply + start, x->n - start, "\r\n", 2)) == NULL)
			if (!receive(x))
				return false;
		n = strtoul(x->reply + start, NULL, 16);
		start = (size_t)(line_end + 2 - x->reply);
		if (n == 0)
			return true;
		if (!receive_up_to(x, start, n + 2))
			return false;
		fwrite(x->reply + start, 1, n, out);
	}
}

/* Reads a head, past those with a status of 1xx.  Returns where the body starts; 0: none came. */
static size_t
read_head(struct exchange *x, int *status)
{
	size_t at = 0;
	char *end;

	do {
		while ((end = memmem(x->reply + at, x->n - at, "\r\n\r\n", 4)) == NULL)
			if (!receive(x)) {
				x->fault = x->fault != 0 ? x->fault
					   : x->n == 0	 ? NO_REPLY
							 : BROKEN_REPLY;
				return 0;
			}
		*status = atoi(x->reply + at + strcspn(x->reply + at, " "));
		*end = '\0';
		if (*status / 100 == 1)
			at = (size_t)(end + 4 - x->reply);
	} while (*status / 100 == 1);
	memmove(x->reply, x->reply + at, x->n - at + 1);
	x->n -= at;
	return (size_t)(end + 4 - x->reply) - at;
}

static void
read_reply(struct exchange *x, FILE *out, int *status)
{
	size_t start, n;
	const char *length;

	start = read_head(x, status);
	if (start == 0 || *status == 204 || *status == 304)
		return;
	length = strcasestr(x->reply, "\r\nContent-Length:");
	if (strcasestr(x->reply, "\r\nTransfer-Encoding: chunked") != NULL) {
		if (!read_chunks(x, start, out) && x->fault == 0)
			x->fault = BROKEN_REPLY;
		return;
	}
	if (length != NULL) {
		n = strtoul(length + strlen("\r\nContent-Length:"), NULL, 10);
		if (!receive_up_to(x, start, n))
			n = x->n - start;
	} else {
		while (receive(x))
			;
		n = x->n - start;
	}
	fwrite(x->reply + start, 1, n, out);
}

int
http(char **args, FILE *out, FILE *err)
{
	int port = atoi(args[0]), status = 0;
	int64_t began = now_ms();
	struct exchange x = { .end = began + atoi(args[3]) * 1000, .size = 65536 };
	struct text request;

	text_init(&x.query);
	text_init(&x.body);
	text_init(&x.headers);
	text_init(&request);
	x.reply = calloc(1, x.size);
	read_options(&x, args + 4);
	write_request(&x, &request, port, args[1], args[2]);
	x.fd = dial(port);
	if (x.fd < 0)
		x.fault = CANNOT_CONNECT;
	else if (send_all(&x, request.data, request.n))
		read_reply(&x, out, &status);
	if (x.fault != 0)
		fprintf(err, "driver: %s %s: as curl: (%d)\n", args[1], args[2], x.fault);
	fprintf(out, "\n%03d %lld", status, (long long)(now_ms() - began));
	if (x.fd >= 0)
		close(x.fd);
	free(x.reply);
	text_release(&x.query);
	text_release(&x.body);
	text_release(&x.headers);
	text_release(&request);
	return x.fault;
}

/* http.c: see http.h. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http.h"

#define ENOUGH 5000 /* nginx closes after 10,000, perhaps in the middle of ours */

void
http_init(struct http *h, int port)
{
	*h = (struct http){ .port = port, .fd = -1, .size = 65536 };
	h->buf = malloc(h->size);
}

static void
hang_up(struct http *h)
{
	if (h->fd >= 0)
		close(h->fd);
	h->fd = -1;
	h->requests = 0;
}

void
http_release(struct http *h)
{
	hang_up(h);
	free(h->buf);
}

static bool
dial(struct http *h)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)h->port) };
	struct timeval patience = { 40, 0 };
	int on = 1;

	h->closed = h->fd >= 0 && recv(h->fd, &on, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
	if (h->closed || h->requests++ >= ENOUGH)
		hang_up(h);
	h->reused = h->fd >= 0;
	if (h->reused)
		return true;
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	h->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(h->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(h->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(h->fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return true;
	hang_up(h);
	return false;
}

static bool
send_all(struct http *h, const char *text, size_t n)
{
	ssize_t sent = 0;

	for (; n > 0; text += sent, n -= (size_t)sent)
		if ((sent = send(h->fd, text, n, MSG_NOSIGNAL)) <= 0)
			return false;
	return true;
}

/* Receives more of the reply, leaving room for a NUL. */
static bool
receive(struct http *h, size_t *have)
{
	ssize_t n;

	if (h->size - *have < 16384)
		h->buf = realloc(h->buf, h->size *= 2);
	n = recv(h->fd, h->buf + *have, h->size - *have - 1, 0);
	if (n <= 0)
		return false;
	*have += (size_t)n;
	h->silent = false;
	h->buf[*have] = '\0';
	return true;
}

static const char *
read_reply(struct http *h)
{
	size_t have = 0, total;
	char *head_end = NULL, *length;

	while (head_end == NULL) {
		if (!receive(h, &have))
			return NULL;
		head_end = strstr(h->buf, "\r\n\r\n");
	}
	length = strcasestr(h->buf, "\r\nContent-Length:");
	if (length == NULL || length > head_end)
		return NULL;
	total = (size_t)(head_end + 4 - h->buf) + strtoul(length + 17, NULL, 10);
	while (have < total)
		if (!receive(h, &have))
			return NULL;
	head_end = strstr(h->buf, "\r\n\r\n");
	*head_end = '\0';
	h->status = (int)strtol(h->buf + 9, NULL, 10);
	h->body = head_end + 4;
	if (strcasestr(h->buf, "\r\nConnection: close") != NULL)
		hang_up(h);
	return h->status == 200 ? h->body : NULL;
}

/* Sends a body in a hundred pieces, over so many seconds. */
static bool
send_slowly(struct http *h, const char *body, size_t n, int seconds)
{
	size_t piece = n / 100 + 1, len;

	for (; n > 0; body += len, n -= len) {
		len = n < piece ? n : piece;
		usleep((useconds_t)seconds * 10000);
		if (!send_all(h, body, len))
			return false;
	}
	return true;
}

static const char *
exchange(struct http *h, const char *head, size_t head_len, const char *body, size_t n, int slow)
{
	const char *reply = NULL;

	h->status = 0;
	h->body = NULL;
	h->silent = true;
	if (dial(h) && send_all(h, head, head_len) &&
	    (slow > 0 ? send_slowly(h, body, n, slow) : send_all(h, body, n)))
		reply = read_reply(h);
	if (reply == NULL || h->brief)
		hang_up(h);
	return reply;
}

const char *
http_ask(struct http *h, const char *method, const char *format, ...)
{
	char path[1500], head[2000];
	va_list args;
	int n;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	n = snprintf(head, sizeof(head), "%s /douyin/%s HTTP/1.1\r\nHost: stress\r\n%s%s\r\n",
		     method, path, method[0] == 'P' ? "Content-Length: 0\r\n" : "",
		     h->brief ? "Connection: close\r\n" : "");
	return exchange(h, head, (size_t)n, NULL, 0, 0);
}

const char *
http_post(struct http *h, const char *path, const char *type, const char *body, size_t n)
{
	return http_post_slowly(h, path, type, body, n, 0);
}

const char *
http_post_slowly(struct http *h, const char *path, const char *type, const char *body, size_t n,
		 int seconds)
{
	char head[2000];
	int len;

	len = snprintf(head, sizeof(head),
		       "POST %s HTTP/1.1\r\nHost: stress\r\nContent-Type: %s\r\n"
		       "Content-Length: %zu\r\n\r\n",
		       path, type, n);
	return exchange(h, head, (size_t)len, body, n, seconds);
}

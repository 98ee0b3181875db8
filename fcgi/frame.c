/* frame.c: see frame.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "frame.h"

#define TYPE_END_REQUEST 3
#define TYPE_STDOUT 6
#define MAX_CONTENT 65528 /* of a record; a multiple of 8, as 3.3 recommends */
#define BATCH 16	  /* records in one write */

struct record {
	unsigned char bytes[8];
};

static struct record
record_header(int type, int id, size_t n)
{
	return (struct record){ { 1, (unsigned char)type, (unsigned char)(id >> 8),
				  (unsigned char)id, (unsigned char)(n >> 8), (unsigned char)n, 0,
				  0 } };
}

/* sendmsg() until all is gone: a large reply may not fit the socket's buffer. */
static bool
send_all(int fd, struct iovec *iov, size_t n)
{
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = n };

	while (msg.msg_iovlen > 0) {
		ssize_t sent = sendmsg(fd, &msg, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return false;
		while (msg.msg_iovlen > 0 && (size_t)sent >= msg.msg_iov->iov_len) {
			sent -= (ssize_t)msg.msg_iov->iov_len;
			msg.msg_iov++;
			msg.msg_iovlen--;
		}
		if (msg.msg_iovlen > 0) {
			msg.msg_iov->iov_base = (char *)msg.msg_iov->iov_base + sent;
			msg.msg_iov->iov_len -= (size_t)sent;
		}
	}
	return true;
}

/* Status line and header; a 204 has neither type nor length (RFC 9110, 8.6). */
static int
http_header(const struct reply *reply, char *out, size_t size)
{
	char about[160] = "";

	if (!reply->bare)
		snprintf(about, sizeof(about), "Content-Type: %s\r\nContent-Length: %zu\r\n",
			 reply->type == NULL ? "application/json; charset=utf-8" : reply->type,
			 reply->body.len);
	else if (reply->http != 204)
		snprintf(about, sizeof(about), "Content-Length: 0\r\n");
	return snprintf(out, size, "Status: %d %s\r\n%s%.*s\r\n", reply->http,
			err_http_phrase(reply->http), about, (int)reply->headers.len,
			reply->headers.len > 0 ? reply->headers.data : "");
}

bool
frame_send(int fd, int id, const struct reply *reply)
{
	struct record headers[BATCH], end[2];
	struct iovec iov[2 * BATCH + 2];
	char http[1024];
	size_t left = (size_t)http_header(reply, http, sizeof(http));
	size_t body = reply->body.len, records = 0, n = 0;
	unsigned char end_body[8] = { 0 }; /* status 0, FCGI_REQUEST_COMPLETE */

	/* The HTTP header shares its record with the body's start, where that fits. */
	while (left > 0 || body > 0) {
		size_t first = left, second;

		second = body < MAX_CONTENT - first ? body : MAX_CONTENT - first;
		if (records == BATCH || n + 3 > 2 * BATCH) {
			if (!send_all(fd, iov, n))
				return false;
			records = n = 0;
		}
		headers[records] = record_header(TYPE_STDOUT, id, first + second);
		iov[n++] = (struct iovec){ &headers[records++], sizeof(struct record) };
		if (first > 0)
			iov[n++] = (struct iovec){ http, first };
		if (second > 0)
			iov[n++] =
			    (struct iovec){ reply->body.data + reply->body.len - body, second };
		left = 0;
		body -= second;
	}
	end[0] = record_header(TYPE_STDOUT, id, 0);
	end[1] = record_header(TYPE_END_REQUEST, id, sizeof(end_body));
	iov[n++] = (struct iovec){ end, sizeof(end) };
	iov[n++] = (struct iovec){ end_body, sizeof(end_body) };
	return send_all(fd, iov, n);
}

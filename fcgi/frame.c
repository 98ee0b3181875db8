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
#define PIECES 4	  /* of a reply: first header lines, further ones, blank line, body */

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

/* Sends all: a large reply may need several calls of sendmsg(). */
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

/*
 * Status, Content-Type and Content-Length; a 204 has neither of the latter (RFC
 * 9110, 8.6).  These are short and fit size; headers of handlers are separate.
 */
static size_t
http_begin(const struct reply *reply, char *out, size_t size)
{
	int n = snprintf(out, size, "Status: %d %s\r\n", reply->http, err_http_phrase(reply->http));

	if (!reply->no_body)
		n += snprintf(out + n, size - (size_t)n,
			      "Content-Type: %s\r\nContent-Length: %zu\r\n",
			      reply->type == NULL ? "application/json; charset=utf-8" : reply->type,
			      reply->body.len);
	else if (reply->http != 204)
		n += snprintf(out + n, size - (size_t)n, "Content-Length: 0\r\n");
	return (size_t)n;
}

/* Moves n bytes from the pieces at *p to iovecs at out; returns the number of iovecs. */
static size_t
take(struct iovec **p, size_t n, struct iovec *out)
{
	size_t taken = 0, some;

	while (n > 0) {
		some = (*p)->iov_len < n ? (*p)->iov_len : n;
		if (some > 0)
			out[taken++] = (struct iovec){ (*p)->iov_base, some };
		(*p)->iov_base = (char *)(*p)->iov_base + some;
		(*p)->iov_len -= some;
		n -= some;
		if ((*p)->iov_len == 0)
			(*p)++;
	}
	return taken;
}

bool
frame_send(int fd, int id, const struct reply *reply)
{
	struct record headers[BATCH], end[2];
	struct iovec iov[BATCH * (1 + PIECES) + 2], *p;
	unsigned char end_body[8] = { 0 }; /* status 0, FCGI_REQUEST_COMPLETE */
	char begin[256], blank[] = "\r\n";
	struct iovec pieces[PIECES] = {
		{ begin, http_begin(reply, begin, sizeof(begin)) },
		{ reply->headers.data, reply->headers.len },
		{ blank, 2 },
		{ reply->body.data, reply->body.len },
	};
	size_t left = pieces[0].iov_len + reply->headers.len + 2 + reply->body.len;
	size_t records = 0, n = 0, content;

	/* Records ignore the borders of pieces: usually one holds header and body. */
	for (p = pieces; left > 0; left -= content) {
		content = left < MAX_CONTENT ? left : MAX_CONTENT;
		if (records == BATCH) {
			if (!send_all(fd, iov, n))
				return false;
			records = n = 0;
		}
		headers[records] = record_header(TYPE_STDOUT, id, content);
		iov[n++] = (struct iovec){ &headers[records++], sizeof(struct record) };
		n += take(&p, content, iov + n);
	}
	end[0] = record_header(TYPE_STDOUT, id, 0);
	end[1] = record_header(TYPE_END_REQUEST, id, sizeof(end_body));
	iov[n++] = (struct iovec){ end, sizeof(end) };
	iov[n++] = (struct iovec){ end_body, sizeof(end_body) };
	return send_all(fd, iov, n);
}

/* frame.c: fcgi/frame.c; replies are read back as a web server does. */
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "frame.h"
#include "tap.h"

/* Everything that a child writes to the other end of a socket. */
static bool
received(const struct reply *reply, struct buf *out)
{
	char some[4096];
	int pair[2], status = 1;
	ssize_t n;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || (child = fork()) < 0)
		return false;
	if (child == 0)
		_exit(!frame_send(pair[1], 5, reply));
	close(pair[1]);
	while ((n = read(pair[0], some, sizeof(some))) > 0)
		buf_add(out, some, (size_t)n);
	close(pair[0]);
	return waitpid(child, &status, 0) == child && status == 0 && !buf_failed(out);
}

/* The content of the STDOUT records, if they and the end of the request are well formed. */
static bool
content(const struct buf *wire, struct buf *out)
{
	const unsigned char *p = (const unsigned char *)wire->data, *end = p + wire->len;

	while (end - p >= 8 && p[0] == 1 && p[1] == 6 && p[3] == 5) {
		size_t n = (size_t)p[4] << 8 | p[5];

		p += 8;
		if (n == 0)
			return end - p == 16 && p[1] == 3 && p[5] == 8;
		if ((size_t)(end - p) < n)
			return false;
		buf_add(out, p, n);
		p += n;
	}
	return false;
}

/* A reply with n bytes of headers and m of body comes over as it is. */
static void
comes_over(size_t n, size_t m)
{
	struct buf wire = BUF_INIT, got = BUF_INIT;
	struct reply reply = { .http = 200, .type = "text/plain" };
	char title[96], begin[96];
	size_t head;
	bool ok;

	memset(buf_reserve(&reply.body, m + 1), 'b', m);
	reply.body.len = m;
	memset(buf_reserve(&reply.headers, n + 1), 'h', n);
	reply.headers.len = n;
	head = (size_t)snprintf(begin, sizeof(begin),
				"Status: 200 OK\r\nContent-Type: text/plain\r\n"
				"Content-Length: %zu\r\n",
				m);
	ok = received(&reply, &wire) && content(&wire, &got) && got.len == head + n + 2 + m &&
	     memcmp(got.data, begin, head) == 0 &&
	     memcmp(got.data + head, reply.headers.data, n) == 0 &&
	     memcmp(got.data + head + n, "\r\n", 2) == 0 &&
	     memcmp(got.data + head + n + 2, reply.body.data, m) == 0;
	snprintf(title, sizeof(title), "%zu bytes of headers, %zu of body", n, m);
	CHECK(ok, title);
	buf_release(&wire);
	buf_release(&got);
	buf_release(&reply.headers);
	buf_release(&reply.body);
}

int
main(void)
{
	static const size_t lengths[] = { 0, 1, 900, 1023, 1024, 5000, 65528, 70000, 3000000 };
	size_t i, j;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		for (j = 0; j < sizeof(lengths) / sizeof(lengths[0]); j++)
			comes_over(lengths[i], lengths[j]);
	return done();
}

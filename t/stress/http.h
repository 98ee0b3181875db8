/* http.h: HTTP/1.1 to 127.0.0.1 over one kept connection, for the stress programs. */
#ifndef STRESS_HTTP_H
#define STRESS_HTTP_H

#include <stdbool.h>
#include <stddef.h>

struct http {
	int port;
	int fd;	      /* -1: not connected */
	int requests; /* on this connection */
	char *buf;    /* the last reply, NUL-terminated */
	size_t size;
	bool brief;	  /* a new connection for each request */
	int status;	  /* of the last reply; 0: none came */
	const char *body; /* of the last reply, whatever its status */
	bool closed;	  /* the server had closed our connection, so a new one was made */
	bool reused;	  /* the last request went over a connection that was open */
	bool silent;	  /* and was closed before the first byte of the reply */
};

void http_init(struct http *h, int port);
void http_release(struct http *h);

/*
 * Requests a path below /douyin/ (with its query), and returns the reply's
 * body, valid until the next call.  NULL: no reply, or a status other than 200.
 */
const char *http_ask(struct http *h, const char *method, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* POSTs n bytes of a content type; path as it is on the wire. */
const char *http_post(struct http *h, const char *path, const char *type, const char *body,
		      size_t n);

/* The same, sending the body over so many seconds. */
const char *http_post_slowly(struct http *h, const char *path, const char *type, const char *body,
			     size_t n, int seconds);

#endif

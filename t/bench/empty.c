/*
 * empty.c: the baseline of the benchmarks: a worker that answers with n bytes
 * (query n=15000) and does nothing else.  It uses the real loop and framing.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop.h"

static void
serve(void *ctx, FCGX_Request *request, struct reply *out)
{
	const char *query = FCGX_GetParam("QUERY_STRING", request->envp);
	size_t n = query != NULL && strncmp(query, "n=", 2) == 0 ? strtoul(query + 2, NULL, 10) : 0;
	char *room = n <= 4 * 1024 * 1024 ? buf_reserve(&out->body, n) : NULL;

	(void)ctx;
	out->http = 200;
	out->no_body = false;
	if (room == NULL)
		return;
	memset(room, 'x', n);
	out->body.len += n;
}

static int
nothing_to_watch(void *ctx)
{
	(void)ctx;
	return -1;
}

static void
nothing_to_do(void *ctx)
{
	(void)ctx;
}

int
main(void)
{
	static const struct loop_calls calls = {
		.serve = serve,
		.socket = { nothing_to_watch, nothing_to_watch },
		.on_readable = { nothing_to_do, nothing_to_do },
	};

	return loop_run(STDIN_FILENO, &calls, NULL) == LOOP_FAILED;
}

/*
 * cold.c: one client that empties the cache before each request.
 *
 *   cold PORT REDIS_SOCKET SECONDS PATH
 *
 * Prints requests/s, of the time that requests take, and their p50 and p99 in
 * milliseconds, and how many failed.  PATH is below /douyin/.
 */
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../stress/http.h"

#define MOST 100000

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
by_time(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	static double took[MOST];
	struct http http;
	double end, total = 0;
	int n, errors = 0;
	redisContext *redis;

	if (argc != 5)
		return 2;
	redis = redisConnectUnix(argv[2]);
	if (redis == NULL || redis->err != 0) {
		fprintf(stderr, "cold: no Redis at %s\n", argv[2]);
		return 1;
	}
	http_init(&http, atoi(argv[1]));
	end = now_ms() + atof(argv[3]) * 1e3;
	for (n = 0; n < MOST && now_ms() < end; n++) {
		freeReplyObject(redisCommand(redis, "FLUSHALL"));
		took[n] = now_ms();
		errors += http_ask(&http, "GET", "%s", argv[4]) == NULL;
		took[n] = now_ms() - took[n];
		total += took[n];
	}
	qsort(took, (size_t)n, sizeof(took[0]), by_time);
	printf("%.0f %.2f %.2f %d\n", n * 1e3 / total, took[n / 2], took[n * 99 / 100], errors);
	http_release(&http);
	redisFree(redis);
	return 0;
}

/*
 * latency.c: measures the latency of each endpoint for one client, in two
 * instances.
 *
 *   latency PORT REDIS-SOCKET PORT REDIS-SOCKET SECONDS <requests
 *
 * A line of requests: name, method, path below /douyin/ in the first and in
 * the second instance, with tabs between.  Where a path has {N}, there comes a
 * number up to N, the same for both requests of a round, but none of the
 * lowest tenth, where those are who have a role; {} stands for 1 and 2 in turn,
 * {A+B} for A, A+B, A+2B ... one each request.
 *
 * A round asks each instance twice: after FLUSHALL, and again.  Instances
 * alternate, so that what else the machine does falls on both.  A line takes
 * about so many SECONDS.  Prints for each its name, bytes, medians in ms and
 * their ratio, and an arrow where one is above RATIO_MAX; or "FAILED", where an
 * answer was no success.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "../stress/http.h"

#define ROUNDS_MIN 21
#define ROUNDS_MAX 201
#define RATIO_MAX 1.5

struct instance {
	struct http http;
	int redis;
	double took[2][ROUNDS_MAX]; /* cold, warm; ms */
	size_t bytes;
};

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static bool
connect_redis(struct instance *in, const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	in->redis = socket(AF_UNIX, SOCK_STREAM, 0);
	return connect(in->redis, (struct sockaddr *)&a, sizeof(a)) == 0;
}

static bool
flush(struct instance *in)
{
	char reply[64];

	return write(in->redis, "FLUSHALL\r\n", 10) == 10 &&
	       read(in->redis, reply, sizeof(reply)) == 5;
}

/* A number up to most, of the round. */
static int64_t
subject(int64_t round, int64_t most)
{
	uint64_t x = ((uint64_t)round + 1) * 0x9e3779b97f4a7c15;

	return most - (int64_t)((x ^ x >> 29) % (uint64_t)(most - most / 10));
}

static void
fill_in(char *out, size_t size, const char *path, int request)
{
	const char *brace;
	char *after;
	int64_t n;

	while ((brace = strchr(path, '{')) != NULL && size > 32) {
		size_t before = (size_t)(brace - path);
		int written;

		if (before >= size - 32)
			break;
		memcpy(out, path, before);
		n = strtoll(brace + 1, &after, 10);
		if (brace[1] == '}')
			n = 1 + request % 2;
		else if (*after == '+')
			n += strtoll(after + 1, NULL, 10) * request;
		else
			n = subject(request / 2, n);
		written = snprintf(out + before, size - before, "%" PRId64, n);
		out += before + (size_t)written;
		size -= before + (size_t)written;
		path = strchr(brace, '}') + 1;
	}
	snprintf(out, size, "%s", path);
}

/* One request; false if it was no success. */
static bool
ask(struct instance *in, const char *method, const char *pattern, int round, bool warm)
{
	char path[1024];
	const char *reply;
	double start;

	fill_in(path, sizeof(path), pattern, 2 * round + warm);
	start = now();
	reply = http_ask(&in->http, method, "%s", path);
	in->took[warm][round] = now() - start;
	if (reply == NULL || strstr(reply, "\"status_code\":0") == NULL) {
		fprintf(stderr, "%s: %.200s\n", path, reply == NULL ? "no reply" : reply);
		return false;
	}
	in->bytes = strlen(reply);
	return true;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), by_size);
	return v[n / 2];
}

/* How many rounds there were; 0: one failed. */
static int
measure(struct instance in[2], const char *method, char *const paths[2], double seconds)
{
	double end = now() + seconds * 1e3;
	int round, i, k;

	for (round = 0; round < ROUNDS_MIN || (round < ROUNDS_MAX && now() < end); round++)
		for (k = 0; k < 2; k++) {
			i = k ^ (round & 1);
			if (!flush(&in[i]) || !ask(&in[i], method, paths[i], round, false) ||
			    !ask(&in[i], method, paths[i], round, true))
				return 0;
		}
	return round;
}

static void
report(const char *name, struct instance in[2], int rounds)
{
	double cold[2], warm[2];
	int i;

	for (i = 0; i < 2; i++) {
		cold[i] = median(in[i].took[0], rounds);
		warm[i] = median(in[i].took[1], rounds);
	}
	printf("%s\t%zu\t%zu\t%.3f\t%.3f\t%.2f\t%.3f\t%.3f\t%.2f\t%s\n", name, in[0].bytes,
	       in[1].bytes, cold[0], cold[1], cold[1] / cold[0], warm[0], warm[1],
	       warm[1] / warm[0],
	       cold[1] > RATIO_MAX * cold[0] || warm[1] > RATIO_MAX * warm[0] ? "<--" : "");
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	static struct instance in[2];
	char line[2048], *at, *name, *method, *paths[2];
	double seconds = argc == 6 ? strtod(argv[5], NULL) : 0;
	int rounds, i;

	if (seconds <= 0)
		return 2;
	for (i = 0; i < 2; i++) {
		http_init(&in[i].http, (int)strtol(argv[1 + 2 * i], NULL, 10));
		if (!connect_redis(&in[i], argv[2 + 2 * i]))
			return 1;
	}
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		at = line;
		name = strsep(&at, "\t");
		method = strsep(&at, "\t");
		paths[0] = strsep(&at, "\t");
		paths[1] = strsep(&at, "\t");
		if (paths[1] == NULL)
			return 2;
		if ((rounds = measure(in, method, paths, seconds)) > 0)
			report(name, in, rounds);
		else
			printf("%s\tFAILED\n", name);
	}
	return 0;
}

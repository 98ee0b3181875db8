/* tally.c: see tally.h. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model.h"
#include "tally.h"

#define TOLD 5

static struct entry *entries;
static int32_t *times; /* of this minute, in microseconds */
static size_t entry_count, time_count;
static int64_t counts[128]; /* by outcome */
static int64_t reads, failed_reads, closed, raced, odd, slowest, slowest_error, minute_errors;
static int64_t first_failure, last_failure, minute_end;
static int minute;
static bool by_minute;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* Array, with room for one more: sizes are powers of two. */
static void *
grown(void *array, size_t count, size_t size)
{
	if ((count & (count - 1)) != 0)
		return array;
	if ((array = realloc(array, (count == 0 ? 1 : count * 2) * size)) == NULL)
		exit(2);
	return array;
}

void
tally_start(bool minutes)
{
	by_minute = minutes;
	minute_end = now_us() + 60000000;
	if (by_minute)
		printf("minute  requests  p50_ms  p99_ms  max_ms  errors\n");
}

static int
compare(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

static void
end_minute(void)
{
	if (time_count == 0)
		return;
	qsort(times, time_count, sizeof(*times), compare);
	printf("%6d %9zu %7.1f %7.1f %7.1f %7lld\n", ++minute, time_count,
	       times[time_count / 2] / 1e3, times[time_count * 99 / 100] / 1e3,
	       times[time_count - 1] / 1e3, (long long)minute_errors);
	fflush(stdout);
	time_count = 0;
	minute_errors = 0;
	minute_end += 60000000;
}

/* Acknowledged, refused, or unknown. */
static char
outcome_of(const struct http *h)
{
	if (h->status == 0 || h->body == NULL)
		return '?';
	return h->status == 200 && strncmp(h->body, "{\"status_code\":0,", 17) == 0 ? '+' : '-';
}

/* An error has a code and a text, and arrives in time. */
static void
judge_error(const struct http *h, int64_t took)
{
	if (strncmp(h->body, "{\"status_code\":", 15) != 0 || h->body[15] == '0' ||
	    strstr(h->body, "\"status_msg\":\"") == NULL) {
		if (odd++ < TOLD)
			fprintf(stderr, "not in the base form: %d %.200s\n", h->status, h->body);
	}
	if (took > slowest_error)
		slowest_error = took;
}

/* Wall-clock time, which the scripts use too. */
static int64_t
wall_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
note_failure(const struct http *h, const struct entry *e, char outcome)
{
	static int told;

	minute_errors++;
	last_failure = wall_ms();
	if (first_failure == 0)
		first_failure = last_failure;
	if (told++ < TOLD)
		fprintf(stderr, "%s: %c %d %.160s\n", e == NULL ? "read" : e->kind, outcome,
			h->status, h->body == NULL ? "" : h->body);
}

void
tally(const struct http *h, const struct entry *e, int64_t took)
{
	char outcome = outcome_of(h);

	pthread_mutex_lock(&mutex);
	if (e == NULL)
		reads++;
	if (e == NULL && outcome != '+')
		failed_reads++;
	if (e != NULL) {
		counts[(int)outcome]++;
		entries = grown(entries, entry_count, sizeof(*entries));
		entries[entry_count] = *e;
		entries[entry_count++].outcome = outcome;
	}
	if (outcome != '+')
		note_failure(h, e, outcome);
	if (outcome == '-')
		judge_error(h, took);
	if (took > slowest)
		slowest = took;
	if (by_minute && now_us() >= minute_end)
		end_minute();
	if (by_minute) {
		times = grown(times, time_count, sizeof(*times));
		times[time_count++] = (int32_t)took;
	}
	pthread_mutex_unlock(&mutex);
}

void
tally_closed(bool in_use)
{
	pthread_mutex_lock(&mutex);
	closed++;
	raced += in_use;
	pthread_mutex_unlock(&mutex);
}

static void
say(const char *name, int64_t value)
{
	printf("%s %lld\n", name, (long long)value);
}

bool
tally_print(const char *file)
{
	FILE *f = fopen(file, "we");
	size_t i;

	if (by_minute)
		end_minute();
	say("acknowledged", counts['+']);
	say("refused", counts['-']);
	say("unknown", counts['?']);
	say("reads", reads);
	say("failed_reads", failed_reads);
	say("closed_idle", closed);
	say("raced", raced);
	say("not_base_form", odd);
	say("slowest_ms", slowest / 1000);
	say("slowest_error_ms", slowest_error / 1000);
	say("first_failure_ms", first_failure);
	say("last_failure_ms", last_failure);
	for (i = 0; f != NULL && i < entry_count; i++)
		fprintf(f, "%s\t%lld\t%lld\t%s\t%c\n", entries[i].kind, (long long)entries[i].a,
			(long long)entries[i].b, entries[i].word, entries[i].outcome);
	if (f == NULL || fclose(f) != 0)
		exit(2);
	return counts['-'] + counts['?'] + failed_reads == 0;
}

/* metrics.c: slots of processes that come and go. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "obs/metrics.h"
#include "tap.h"

static char home[] = "/tmp/dousheng-metrics.XXXXXX";

static uint64_t
starts(struct metrics *m)
{
	return metrics_slot(m)->counters[METRIC_STARTS];
}

static void
slots(void)
{
	struct metrics *one = metrics_open(home, "feed", 7), *two = metrics_open(home, "feed", 7);
	struct metrics *other = metrics_open(home, "chat", 7);

	CHECK(one != NULL && two != NULL && other != NULL && metrics_slot(one) != metrics_slot(two),
	      "each process has a slot");
	CHECK(metrics_slot_alive(two, 0) && metrics_slot_alive(one, 1) &&
		  !metrics_slot_alive(one, 3),
	      "a live process is seen by the others");
	metrics_request(metrics_slot(one), 3, ERR_UNAUTHENTICATED, 700);
	metrics_slot(one)->busy = 1;
	CHECK(metrics_read_slot(two, 0)->requests[3][ERR_UNAUTHENTICATED] == 1,
	      "counts of a live process are seen by the others");
	CHECK(metrics_read_slot(two, 0)->buckets[3][3] == 1 &&
		  metrics_read_slot(two, 0)->sum_us[3] == 700,
	      "a duration is in its bucket");
	metrics_close(one);
	CHECK(!metrics_slot_alive(two, 0) &&
		  metrics_read_slot(two, 0)->requests[3][ERR_UNAUTHENTICATED] == 1,
	      "counts of a dead process stay");
	one = metrics_open(home, "feed", 7);
	CHECK(starts(one) == 2 && metrics_slot(one)->requests[3][ERR_UNAUTHENTICATED] == 1 &&
		  metrics_slot(one)->busy == 0,
	      "the next process of the service continues the slot and is not busy");
	metrics_close(one);
	one = metrics_open(home, "feed", 8);
	CHECK(starts(one) == 3 && metrics_slot(one)->requests[3][ERR_UNAUTHENTICATED] == 0,
	      "other routes reset only counts by route");
	metrics_close(one);
	metrics_close(two);
	metrics_close(other);
	one = metrics_open(home, "a-service-with-a-long-name", 7);
	metrics_close(one);
	one = metrics_open(home, "a-service-with-a-long-name", 7);
	CHECK(one != NULL && starts(one) == 2, "a long name finds its slot again");
	metrics_close(one);
}

/* One process is killed while it counts; the kernel gives its slot back. */
static void
killed(void)
{
	struct metrics *m;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		m = metrics_open(home, "social", 7);
		metrics_add(&metrics_slot(m)->counters[METRIC_UPLOAD_BYTES], 5);
		raise(SIGKILL);
	}
	waitpid(pid, &status, 0);
	m = metrics_open(home, "social", 7);
	CHECK(WIFSIGNALED(status) && starts(m) == 2 &&
		  metrics_slot(m)->counters[METRIC_UPLOAD_BYTES] == 5,
	      "after a kill the sums are right and the slot is free");
	metrics_close(m);
}

static void
bounds(void)
{
	static struct metrics_slot slot, *s = &slot;

	metrics_request(s, 0, ERR_OK, 100);
	metrics_request(s, 0, ERR_OK, 101);
	metrics_request(s, 0, ERR_OK, UINT64_MAX / 2);
	CHECK(s->buckets[0][0] == 1 && s->buckets[0][1] == 1 &&
		  s->buckets[0][METRICS_BUCKETS - 1] == 1,
	      "a bound belongs to its bucket, and there is one above all");
}

/* A file of another shape, or one whose maker died, makes room for a new one. */
static void
replaced(void)
{
	char path[64];
	struct metrics *m, *old = metrics_open(home, "chat", 7);
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s/run/shared/metrics", home);
	fd = open(path, O_RDWR);
	CHECK(fd >= 0 && ftruncate(fd, 0) == 0 && close(fd) == 0, "a new file is empty");
	m = metrics_open(home, "sweep", 7);
	CHECK(m != NULL && starts(m) == 1, "a new file is initialized");
	metrics_close(m);
	fd = open(path, O_RDWR | O_TRUNC);
	CHECK(fd >= 0 && write(fd, "other", 5) == 5 && close(fd) == 0,
	      "a file gets another layout");
	m = metrics_open(home, "sweep", 7);
	CHECK(m != NULL && starts(m) == 1 && stat(path, &st) == 0 && st.st_size > 5,
	      "a file of another layout is replaced");
	metrics_close(m);
	metrics_close(old);
	CHECK(metrics_open("/proc", "sweep", 7) == NULL, "without a file there are no metrics");
}

/* Each number at the head of the file, up to the names, says something about its shape. */
static void
shapes(void)
{
	char path[64];
	uint64_t number;
	struct stat st;
	int i, fd, kept = 0;

	snprintf(path, sizeof(path), "%s/run/shared/metrics", home);
	for (i = 0; i < 8; i++) {
		metrics_close(metrics_open(home, "chat", 7));
		fd = open(path, O_RDWR);
		if (fd < 0 || pread(fd, &number, sizeof(number), i * 8) != 8)
			break;
		number++;
		if (pwrite(fd, &number, sizeof(number), i * 8) != 8)
			break;
		metrics_close(metrics_open(home, "chat", 7));
		kept += fstat(fd, &st) != 0 || st.st_nlink != 0;
		close(fd);
	}
	CHECK(i == 8 && kept == 0, "a file with another number in its head is another file");
}

static void
full(void)
{
	struct metrics *all[METRICS_SLOTS + 1];
	size_t i, n = 0;

	for (i = 0; i <= METRICS_SLOTS; i++)
		if ((all[i] = metrics_open(home, "many", 7)) != NULL)
			n++;
	CHECK(n == METRICS_SLOTS - 1 && all[METRICS_SLOTS] == NULL,
	      "processes beyond the last slot get none");
	for (i = 0; i <= METRICS_SLOTS; i++)
		metrics_close(all[i]);
}

int
main(void)
{
	char path[64], file[96];

	if (mkdtemp(home) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/run", home);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/run/shared", home);
	mkdir(path, 0755);
	slots();
	killed();
	bounds();
	replaced();
	shapes();
	full();
	snprintf(file, sizeof(file), "%s/metrics", path);
	unlink(file);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/run", home);
	rmdir(path);
	rmdir(home);
	return done();
}

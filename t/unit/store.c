/* store.c: quarantined files, with several processes. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files/store.h"
#include "tap.h"

#define NAME "ab/abcd.mp4"

static void
make(const struct conf *conf, const char *path)
{
	char full[STORE_PATH_MAX];
	int fd;

	snprintf(full, sizeof(full), "%s/%s", conf->home, path);
	if ((fd = open(full, O_WRONLY | O_CREAT, 0600)) >= 0)
		close(fd);
}

/* Another process publishes the same content, and sets it aside as well. */
static bool
in_another(const struct conf *conf, bool (*what)(const struct conf *))
{
	int status = 1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(!what(conf));
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool
set_aside(const struct conf *conf)
{
	make(conf, "media/" NAME);
	return store_quarantine(conf, NAME);
}

static void
two_processes(const struct conf *conf)
{
	CHECK(set_aside(conf) && !store_media_exists(conf, NAME), "a file is quarantined");
	CHECK(in_another(conf, set_aside) && !store_media_exists(conf, NAME),
	      "another process quarantines a newer file");
	CHECK(store_quarantine_delete(conf, NAME), "the older file is removed");
	CHECK(store_quarantine_delete(conf, NAME), "removing a missing file is success");
	store_quarantine_restore_all(conf);
	CHECK(store_media_exists(conf, NAME), "the newer file can be restored");
}

static void
of_before(const struct conf *conf)
{
	make(conf, "work/.trash-abef.mp4");
	store_quarantine_restore_all(conf);
	CHECK(store_media_exists(conf, "ab/abef.mp4"),
	      "a file quarantined by an older version is restored");
}

int
main(void)
{
	static struct conf conf;
	static const char *const folders[] = { "media", "media/ab", "work" };
	char path[STORE_PATH_MAX];
	int i;

	snprintf(conf.home, sizeof(conf.home), "/tmp/dousheng-store.XXXXXX");
	if (mkdtemp(conf.home) == NULL)
		return 1;
	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", conf.home, folders[i]);
		mkdir(path, 0700);
	}
	two_processes(&conf);
	of_before(&conf);
	return store_remove_tree(conf.home) ? done() : 1;
}

/* disk_space.c: see disk_space.h. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "files/disk_space.h"

#define KEPT_BYTES (INT64_C(128) << 20) /* twice the max_size of nginx/dousheng.conf.in */

static int64_t
at_least(int64_t n, int64_t least)
{
	return n > least ? n : least;
}

/* Four fifths of spool_max_mb are for large uploads. */
void
upload_limits(const struct conf *conf, struct upload_limits *u)
{
	int64_t fifth = (conf->spool_max_mb << 20) / 5;

	u->large = at_least(4 * fifth / (conf->upload_max_mb << 20), 2);
	u->small = at_least(fifth / SMALL_UPLOAD_BYTES, 8);
	u->large_address = at_least(u->large / 2, 1);
	u->small_address = at_least(u->small / 2, 1);
	u->large_strangers = at_least(u->large * 2 / 3, 1);
	u->small_strangers = at_least(u->small * 2 / 3, 1);
}

/* The bytes of all uploads in the spool. */
static int64_t
spooled(const struct conf *conf)
{
	char path[CONF_TEXT_MAX + 8];
	struct dirent *entry;
	int64_t sum = 0;
	struct stat st;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/spool", conf->home);
	if ((dir = opendir(path)) == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL)
		if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode))
			sum += st.st_size;
	closedir(dir);
	return sum;
}

bool
disk_space_sufficient(const struct conf *conf)
{
	struct upload_limits u;
	struct statvfs fs;
	int64_t coming;

	if (conf->disk_min_mb == 0 || statvfs(conf->home, &fs) != 0)
		return true;
	upload_limits(conf, &u);
	coming = u.large * (conf->upload_max_mb << 20) + u.small * SMALL_UPLOAD_BYTES;
	coming = at_least(coming - spooled(conf), 0);
	return (int64_t)(fs.f_bavail * fs.f_frsize) >= (conf->disk_min_mb << 20) + coming;
}

void
disk_space_write_flag(const struct conf *conf)
{
	char path[CONF_TEXT_MAX + 24];
	struct statvfs fs;
	int fd;

	if (statvfs(conf->home, &fs) != 0)
		return;
	snprintf(path, sizeof(path), "%s/run/room/left", conf->home);
	if ((int64_t)(fs.f_bavail * fs.f_frsize) < KEPT_BYTES)
		unlink(path);
	else if ((fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644)) >= 0)
		close(fd);
}

/* store.c: see store.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/store.h"
#include "obs/log.h"

#define QUARANTINE_PREFIX ".trash-"
#define UPLOAD_MODE 0640 /* readable by the group: transcode runs as another user */
#define HASH_BYTES 20	 /* of SHA-256; long enough to be unique */

static void
hex(const unsigned char *bytes, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	while (n-- > 0) {
		*out++ = digits[*bytes >> 4];
		*out++ = digits[*bytes++ & 15];
	}
	*out = '\0';
}

/* Makes the creation of a file in the folder durable. */
static bool
sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

void
store_upload_path(const struct conf *conf, const char *name, char out[STORE_PATH_MAX])
{
	snprintf(out, STORE_PATH_MAX, "%s/upload/%s", conf->home, name);
}

enum err
store_new_upload_name(char name[STORE_NAME_MAX])
{
	unsigned char random[16];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return ERR_INTERNAL;
	hex(random, sizeof(random), name);
	return ERR_OK;
}

enum err
store_errno_to_err(int error)
{
	return error == ENOSPC || error == EDQUOT ? ERR_DISK_FULL : ERR_INTERNAL;
}

enum err
store_accept_upload(const struct conf *conf, const char *spooled, int fd, char name[STORE_NAME_MAX])
{
	char path[STORE_PATH_MAX], folder[STORE_PATH_MAX];
	int error = 0;

	if (store_new_upload_name(name) != ERR_OK)
		return ERR_INTERNAL;
	store_upload_path(conf, name, path);
	store_upload_path(conf, "", folder);
	if (fchmod(fd, UPLOAD_MODE) != 0 || (conf->upload_sync && fdatasync(fd) != 0) ||
	    rename(spooled, path) != 0) {
		error = errno;
	} else if (conf->upload_sync && !sync_folder(folder)) {
		error = errno;
		unlink(path);
	}
	if (error == 0)
		return ERR_OK;
	log_error("upload: cannot keep %s: %s", spooled, strerror(error));
	return store_errno_to_err(error);
}

enum err
store_create_upload(const struct conf *conf, const char *name, int *fd)
{
	char path[STORE_PATH_MAX], folder[STORE_PATH_MAX];
	enum err e;

	store_upload_path(conf, name, path);
	store_upload_path(conf, "", folder);
	*fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, UPLOAD_MODE);
	if (*fd >= 0 && (!conf->upload_sync || sync_folder(folder)))
		return ERR_OK;
	e = store_errno_to_err(errno);
	if (*fd >= 0)
		store_delete_upload(conf, name);
	return e;
}

/* Deletes a file; a missing file counts as success.  Logs failures. */
static bool
unlink_if_exists(const char *path)
{
	if (unlink(path) == 0 || errno == ENOENT)
		return true;
	log_warn("cannot remove %s: %s", path, strerror(errno));
	return false;
}

bool
store_delete_upload(const struct conf *conf, const char *name)
{
	char path[STORE_PATH_MAX];

	store_upload_path(conf, name, path);
	return unlink_if_exists(path);
}

int
store_copy(int in, off64_t offset, int64_t n, int out)
{
	ssize_t copied;

	while (n > 0) {
		copied = copy_file_range(in, &offset, out, NULL, (size_t)n, 0);
		if (copied == 0)
			return ENODATA;
		if (copied > 0)
			n -= copied;
		else if (errno != EINTR)
			return errno;
	}
	return 0;
}

/* Copies a part of a file into a new one, which appears complete or not at all. */
static int
copy_part(const char *from, off64_t offset, int64_t length, const char *to)
{
	char half[STORE_PATH_MAX];
	int in = open(from, O_RDONLY | O_CLOEXEC), out, error;

	snprintf(half, sizeof(half), "%.560s.half", to);
	out = open(half, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (in < 0 || out < 0)
		error = errno;
	else if ((error = store_copy(in, offset, length, out)) == 0 && rename(half, to) != 0)
		error = errno;
	if (error != 0 && out >= 0)
		unlink(half);
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return error;
}

static void
original_path(const struct conf *conf, int64_t video, char out[STORE_PATH_MAX])
{
	snprintf(out, STORE_PATH_MAX, "%s/original/%lld", conf->home, (long long)video);
}

void
store_keep_original(const struct conf *conf, const char *name, int64_t offset, int64_t length,
		    int64_t video)
{
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX];
	struct stat st;
	int error = 0;

	store_upload_path(conf, name, from);
	original_path(conf, video, to);
	if (stat(from, &st) != 0 || (offset == 0 && length == st.st_size && rename(from, to) != 0))
		error = errno;
	else if (offset != 0 || length != st.st_size)
		error = copy_part(from, offset, length, to);
	if (error != 0)
		log_warn("upload: cannot keep %s: %s", to, strerror(error));
	store_delete_upload(conf, name);
}

void
store_delete_original(const struct conf *conf, int64_t video)
{
	char path[STORE_PATH_MAX];

	original_path(conf, video, path);
	unlink_if_exists(path);
}

void
store_work_path(const struct conf *conf, int64_t video, int64_t attempt, char out[STORE_PATH_MAX])
{
	snprintf(out, STORE_PATH_MAX, "%s/work/%lld-%lld", conf->home, (long long)video,
		 (long long)attempt);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

bool
store_remove_tree(const char *path)
{
	if (nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT)
		return true;
	log_warn("cannot remove %s: %s", path, strerror(errno));
	return false;
}

/* Computes the truncated SHA-256 of a file in hexadecimal. */
static bool
hash_file(int fd, char out[2 * HASH_BYTES + 1])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char chunk[65536], digest[EVP_MAX_MD_SIZE];
	ssize_t n = -1;
	bool ok = md != NULL && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1;

	while (ok && (n = read(fd, chunk, sizeof(chunk))) > 0)
		ok = EVP_DigestUpdate(md, chunk, (size_t)n) == 1;
	ok = ok && n == 0 && EVP_DigestFinal_ex(md, digest, NULL) == 1;
	if (ok)
		hex(digest, HASH_BYTES, out);
	EVP_MD_CTX_free(md);
	return ok;
}

static void
media_path(const struct conf *conf, const char *name, char out[STORE_PATH_MAX])
{
	snprintf(out, STORE_PATH_MAX, "%s/media/%s", conf->home, name);
}

/*
 * The quarantine path of a file below media/: "work/.trash-PID-abcd.mp4" for
 * "ab/abcd.mp4".  It contains the process id, because two processes may
 * quarantine files with the same content one after the other.
 */
static void
quarantine_path(const struct conf *conf, const char *name, char out[STORE_PATH_MAX])
{
	snprintf(out, STORE_PATH_MAX, "%s/work/" QUARANTINE_PREFIX "%d-%s", conf->home,
		 (int)getpid(), strlen(name) > 3 ? name + 3 : name);
}

enum err
store_content_name(const char *path, const char *suffix, char name[STORE_NAME_MAX])
{
	char digest[2 * HASH_BYTES + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && hash_file(fd, digest) && fchmod(fd, 0644) == 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	if (ok)
		snprintf(name, STORE_NAME_MAX, "%.2s/%s.%s", digest, digest, suffix);
	else
		log_error("media: cannot read %s: %s", path, strerror(errno));
	return ok ? ERR_OK : ERR_INTERNAL;
}

enum err
store_publish(const struct conf *conf, const char *path, const char *name)
{
	char folder[STORE_PATH_MAX], target[STORE_PATH_MAX];

	snprintf(folder, sizeof(folder), "%s/media/%.2s", conf->home, name);
	media_path(conf, name, target);
	if ((mkdir(folder, 0775) == 0 || errno == EEXIST) && rename(path, target) == 0 &&
	    sync_folder(folder))
		return ERR_OK;
	log_error("media: cannot publish %s: %s", name, strerror(errno));
	return ERR_INTERNAL;
}

bool
store_quarantine(const struct conf *conf, const char *name)
{
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX];

	media_path(conf, name, from);
	quarantine_path(conf, name, to);
	if (rename(from, to) == 0 || errno == ENOENT)
		return true;
	log_warn("media: cannot quarantine %s: %s", name, strerror(errno));
	return false;
}

/*
 * Restores with link(), which does not overwrite: another file with the same
 * content is as good.  If link() is not permitted (the file belongs to another
 * user, as in a backup restored by root), falls back to rename().  If that fails
 * too, the file stays in quarantine for store_quarantine_restore_all().
 */
static void
restore_from(const struct conf *conf, const char *from, const char *name)
{
	char to[STORE_PATH_MAX];

	media_path(conf, name, to);
	if (link(from, to) == 0 || errno == EEXIST)
		unlink(from);
	else if (errno != ENOENT && rename(from, to) != 0)
		log_error("media: cannot restore %s: %s", name, strerror(errno));
}

void
store_quarantine_restore(const struct conf *conf, const char *name)
{
	char from[STORE_PATH_MAX];

	quarantine_path(conf, name, from);
	restore_from(conf, from, name);
}

bool
store_quarantine_delete(const struct conf *conf, const char *name)
{
	char path[STORE_PATH_MAX];

	quarantine_path(conf, name, path);
	return unlink_if_exists(path);
}

void
store_quarantine_restore_all(const struct conf *conf)
{
	char folder_path[CONF_TEXT_MAX + 8], from[STORE_PATH_MAX], name[STORE_NAME_MAX];
	struct dirent *entry;
	const char *rest;
	DIR *folder;

	snprintf(folder_path, sizeof(folder_path), "%s/work", conf->home);
	if ((folder = opendir(folder_path)) == NULL)
		return;
	while ((entry = readdir(folder)) != NULL) {
		if (strncmp(entry->d_name, QUARANTINE_PREFIX, strlen(QUARANTINE_PREFIX)) != 0)
			continue;
		rest = strrchr(entry->d_name, '-') + 1; /* earlier versions wrote no process id */
		snprintf(name, sizeof(name), "%.2s/%.60s", rest, rest);
		snprintf(from, sizeof(from), "%s/%.70s", folder_path, entry->d_name);
		restore_from(conf, from, name);
	}
	closedir(folder);
}

bool
store_media_exists(const struct conf *conf, const char *name)
{
	char path[STORE_PATH_MAX];

	media_path(conf, name, path);
	return access(path, F_OK) == 0;
}

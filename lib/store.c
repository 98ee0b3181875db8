/* store.c: see store.h. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "store.h"

#define HASH_BYTES 20 /* of SHA-256, enough that no two files meet */

enum container
store_sniff(const unsigned char *head, size_t n)
{
	static const char *const atoms[] = { "ftyp", "moov", "mdat", "wide", "free", "skip" };
	static const unsigned char ebml[] = { 0x1a, 0x45, 0xdf, 0xa3 };
	size_t i;

	if (n >= 8)
		for (i = 0; i < sizeof(atoms) / sizeof(atoms[0]); i++)
			if (memcmp(head + 4, atoms[i], 4) == 0)
				return CONTAINER_MP4;
	if (n >= sizeof(ebml) && memcmp(head, ebml, sizeof(ebml)) == 0)
		return CONTAINER_MATROSKA;
	return CONTAINER_NONE;
}

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

/* Makes a name in a folder survive a power cut. */
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
store_accept(const struct conf *conf, const char *spooled, int fd, char name[STORE_NAME_MAX])
{
	unsigned char random[16];
	char path[STORE_PATH_MAX], folder[STORE_PATH_MAX];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return ERR_INTERNAL;
	hex(random, sizeof(random), name);
	store_upload_path(conf, name, path);
	store_upload_path(conf, "", folder);
	if (conf->upload_sync && fdatasync(fd) != 0)
		goto failed;
	if (rename(spooled, path) != 0)
		goto failed;
	if (conf->upload_sync && !sync_folder(folder)) {
		unlink(path);
		goto failed;
	}
	return ERR_OK;
failed:
	log_error("upload: cannot keep %s: %s", spooled, strerror(errno));
	return ERR_INTERNAL;
}

void
store_forget(const struct conf *conf, const char *name)
{
	char path[STORE_PATH_MAX];

	store_upload_path(conf, name, path);
	if (unlink(path) != 0 && errno != ENOENT)
		log_warn("upload: cannot remove %s: %s", path, strerror(errno));
}

/* SHA-256 of a file, shortened, in hexadecimal. */
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

enum err
store_publish(const struct conf *conf, const char *path, const char *suffix,
	      char name[STORE_NAME_MAX + 16])
{
	char digest[2 * HASH_BYTES + 1], folder[STORE_PATH_MAX], target[STORE_PATH_MAX * 2];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && hash_file(fd, digest) && fchmod(fd, 0644) == 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	if (ok) {
		snprintf(name, STORE_NAME_MAX + 16, "%.2s/%s.%s", digest, digest, suffix);
		snprintf(folder, sizeof(folder), "%s/media/%.2s", conf->home, digest);
		snprintf(target, sizeof(target), "%s/media/%s", conf->home, name);
		ok = (mkdir(folder, 0755) == 0 || errno == EEXIST) && rename(path, target) == 0 &&
		     sync_folder(folder);
	}
	if (!ok)
		log_error("media: cannot publish %s: %s", path, strerror(errno));
	return ok ? ERR_OK : ERR_INTERNAL;
}

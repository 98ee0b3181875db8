/* tus_checksum.c: see tus_checksum.h. */
#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "http/tus_checksum.h"
#include "http/tus_metadata.h"

static const EVP_MD *
algorithm(const char *name, size_t n)
{
	if (n == 4 && memcmp(name, "sha1", n) == 0)
		return EVP_sha1();
	if (n == 6 && memcmp(name, "sha256", n) == 0)
		return EVP_sha256();
	if (n == 3 && memcmp(name, "md5", n) == 0)
		return EVP_md5();
	return NULL;
}

static bool
digest_file(int fd, const EVP_MD *type, unsigned char *digest, unsigned *size)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char chunk[65536];
	off_t offset = 0;
	ssize_t n = 0;
	bool ok = md != NULL && EVP_DigestInit_ex(md, type, NULL) == 1;

	while (ok && (n = pread(fd, chunk, sizeof(chunk), offset)) > 0) {
		ok = EVP_DigestUpdate(md, chunk, (size_t)n) == 1;
		offset += n;
	}
	ok = ok && n == 0 && EVP_DigestFinal_ex(md, digest, size) == 1;
	EVP_MD_CTX_free(md);
	return ok;
}

enum checksum
tus_checksum_verify(int fd, const char *header)
{
	unsigned char wanted[EVP_MAX_MD_SIZE * 2], digest[EVP_MAX_MD_SIZE];
	size_t n = strcspn(header, " ");
	const EVP_MD *type = algorithm(header, n);
	unsigned size = 0;
	long len;

	if (type == NULL || header[n] == '\0')
		return CHECKSUM_UNKNOWN;
	len = base64_decode(header + n + 1, strlen(header + n + 1), wanted, sizeof(wanted));
	if (len < 0)
		return CHECKSUM_UNKNOWN;
	return digest_file(fd, type, digest, &size) && len == (long)size &&
		       memcmp(digest, wanted, size) == 0
		   ? CHECKSUM_GOOD
		   : CHECKSUM_BAD;
}

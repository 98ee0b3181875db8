/* auth.c: see auth.h. */
#include <errno.h>
#include <fcntl.h>
#include <jwt.h>
#include <libscrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "http/auth.h"

#define COST_LOG2_N 14
#define COST_R 8
#define COST_P 5
#define DAY_S 86400

/* Reads a key.  *written (or NULL) is set to the file's mtime in seconds since 1970. */
static bool
read_key(unsigned char key[AUTH_KEY_SIZE], const char *path, int64_t *written)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st = { .st_mtime = 0 };
	ssize_t n;

	if (fd < 0)
		return false;
	n = fstat(fd, &st) == 0 ? read(fd, key, AUTH_KEY_SIZE) : -1;
	close(fd);
	if (written != NULL)
		*written = st.st_mtime;
	if (n == AUTH_KEY_SIZE)
		return true;
	errno = EINVAL;
	return false;
}

/*
 * libjwt's JSON library opens a file for its random seed with the first object:
 * do that at start, not in a request.
 */
static bool
random_bytes(void)
{
	jwt_t *jwt = NULL;

	if (jwt_new(&jwt) != 0)
		return false;
	jwt_free(jwt);
	return true;
}

/*
 * Writes a temporary file and link()s it: no process reads a partial key, and
 * of many that start at once one wins.
 */
static bool
make_key(const char *path)
{
	unsigned char key[AUTH_KEY_SIZE];
	char draft[4096];
	bool ok;
	int fd;

	snprintf(draft, sizeof(draft), "%s.%d", path, (int)getpid());
	if (getrandom(key, sizeof(key), 0) != sizeof(key))
		return false;
	if ((fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0)
		return false;
	ok = write(fd, key, sizeof(key)) == sizeof(key) && fsync(fd) == 0;
	close(fd);
	ok = ok && (link(draft, path) == 0 || errno == EEXIST);
	unlink(draft);
	return ok;
}

static void
sibling_path(char out[4096], const char *path, const char *suffix)
{
	snprintf(out, 4096, "%s.%s", path, suffix);
}

bool
auth_load(struct auth *auth, const char *path, int64_t days)
{
	struct auth_extra_key *next = &auth->extra_keys[0], *old = &auth->extra_keys[1];
	unsigned char now[AUTH_KEY_SIZE];
	char other[4096];
	int64_t written;

	if (!random_bytes())
		return false;
	if (!read_key(now, path, NULL) &&
	    (errno != ENOENT || !make_key(path) || !read_key(now, path, NULL)))
		return false;
	do { /* until no rotation happened in between, so that the three keys match */
		memcpy(auth->key, now, sizeof(now));
		sibling_path(other, path, "next");
		next->until = read_key(next->key, other, NULL) ? INT64_MAX : 0;
		sibling_path(other, path, "old");
		old->until = read_key(old->key, other, &written) ? written + days * DAY_S : 0;
		if (!read_key(now, path, NULL))
			return false;
	} while (memcmp(auth->key, now, sizeof(now)) != 0);
	return true;
}

bool
auth_delete_old_key(const char *path, int64_t days, int64_t now)
{
	char old[4096];
	struct stat st;

	sibling_path(old, path, "old");
	return stat(old, &st) == 0 && st.st_mtime + days * DAY_S <= now && unlink(old) == 0;
}

enum err
auth_sign(const struct auth *auth, struct auth_claim claim, int64_t now, int64_t days,
	  char out[AUTH_TOKEN_MAX])
{
	enum err e = ERR_INTERNAL;
	char sub[24], *text = NULL;
	jwt_t *jwt = NULL;
	uint32_t chance;

	if (claim.device == 0) {
		if (getrandom(&chance, sizeof(chance), 0) != sizeof(chance))
			return ERR_INTERNAL;
		claim.device = auth_new_device(now, chance);
	}
	snprintf(sub, sizeof(sub), "%lld", (long long)claim.user);
	if (jwt_new(&jwt) != 0)
		return ERR_INTERNAL;
	if (jwt_set_alg(jwt, JWT_ALG_HS256, auth->key, sizeof(auth->key)) != 0 ||
	    jwt_add_grant(jwt, "sub", sub) != 0 ||
	    jwt_add_grant_int(jwt, "ver", claim.version) != 0 ||
	    jwt_add_grant_int(jwt, "dev", claim.device) != 0 ||
	    jwt_add_grant_int(jwt, "iat", now) != 0 ||
	    jwt_add_grant_int(jwt, "exp", now + days * DAY_S) != 0)
		goto out;
	text = jwt_encode_str(jwt);
	if (text == NULL || strlen(text) >= AUTH_TOKEN_MAX)
		goto out;
	memcpy(out, text, strlen(text) + 1);
	e = ERR_OK;
out:
	free(text);
	jwt_free(jwt);
	return e;
}

/*
 * libjwt accepts the algorithm that the token names, and does not check exp:
 * both are checked here.
 */
static struct auth_claim
read_claim(const unsigned char key[AUTH_KEY_SIZE], const char *token, int64_t now)
{
	struct auth_claim claim = { 0, 0, 0 };
	const char *sub;
	jwt_t *jwt = NULL;

	if (jwt_decode(&jwt, token, key, AUTH_KEY_SIZE) != 0)
		return claim;
	sub = jwt_get_grant(jwt, "sub");
	errno = 0;
	claim.version = jwt_get_grant_int(jwt, "ver");
	if (errno == ENOENT)
		claim.version = 0;
	claim.device = jwt_get_grant_int(jwt, "dev"); /* 0 if absent */
	if (jwt_get_alg(jwt) != JWT_ALG_HS256 || sub == NULL ||
	    jwt_get_grant_int(jwt, "exp") <= now || !text_int(sub, strlen(sub), &claim.user) ||
	    claim.user < 0)
		claim.user = 0;
	jwt_free(jwt);
	return claim;
}

struct auth_claim
auth_verify(const struct auth *auth, const char *token, size_t n, int64_t now)
{
	struct auth_claim claim = { 0, 0, 0 };
	size_t i;

	if (n == 0 || n > AUTH_TOKEN_MAX || strlen(token) != n)
		return claim;
	claim = read_claim(auth->key, token, now);
	for (i = 0; claim.user == 0 && i < sizeof(auth->extra_keys) / sizeof(auth->extra_keys[0]);
	     i++)
		if (auth->extra_keys[i].until > now)
			claim = read_claim(auth->extra_keys[i].key, token, now);
	return claim;
}

enum err
auth_hash_password(const char *password, char out[AUTH_HASH_SIZE])
{
	_Static_assert(AUTH_HASH_SIZE >= SCRYPT_MCF_LEN, "a hash needs its room");

	memset(out, 0, AUTH_HASH_SIZE);
	return libscrypt_hash(out, password, 1U << COST_LOG2_N, COST_R, COST_P) > 0 ? ERR_OK
										    : ERR_INTERNAL;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Two lower-case hexadecimal digits, or -1. strtol() would also accept signs and spaces. */
static int
hex_pair(const char *s)
{
	int high = hex_digit(s[0]), low = high < 0 ? -1 : hex_digit(s[1]);

	return low < 0 ? -1 : high << 4 | low;
}

/* Is it "$s1$NNrrpp$salt$hash" with costs not higher than ours? */
static bool
well_formed(const char *stored)
{
	size_t n = strnlen(stored, SCRYPT_MCF_LEN);
	int costs[3], i;

	if (n >= SCRYPT_MCF_LEN || n < 12 || strncmp(stored, SCRYPT_MCF_ID "$", 4) != 0)
		return false;
	for (i = 0; i < 3; i++)
		costs[i] = hex_pair(stored + 4 + 2 * i);
	return costs[0] >= 1 && costs[0] <= COST_LOG2_N && costs[1] >= 1 && costs[1] <= COST_R &&
	       costs[2] >= 1 && costs[2] <= COST_P && stored[10] == '$' &&
	       strchr(stored + 11, '$') != NULL;
}

bool
auth_check_password(const char *password, const char *stored)
{
	/*
	 * A hash that no password matches, so that unknown names take the same
	 * time as known ones.
	 */
	static const char nobody[] = "$s1$0e0805$AAAAAAAAAAAAAAAAAAAAAA==$"
				     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
				     "AAAAAAAAAAAAAAAAAAAAAAAAAA==";
	bool known = stored != NULL && well_formed(stored);
	char copy[AUTH_HASH_SIZE] = { 0 }; /* libscrypt_check() modifies its argument */
	int match;

	memcpy(copy, known ? stored : nobody, strlen(known ? stored : nobody));
	errno = 0;
	match = libscrypt_check(copy, password);
	errno = match < 0 && errno == ENOMEM ? ENOMEM : 0;
	return known && match > 0;
}

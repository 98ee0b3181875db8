/* auth.c: lib/http/auth.c. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "http/auth.h"
#include "tap.h"

#define NOW 1700000000

static void
keys(void)
{
	char folder[] = "/tmp/dousheng-unit.XXXXXX", path[64];
	struct auth one, two;
	struct stat st;

	if (mkdtemp(folder) == NULL)
		return;
	snprintf(path, sizeof(path), "%s/token", folder);
	CHECK(auth_load(&one, path, 7), "a missing key is created");
	CHECK(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600 && st.st_size == 32,
	      "a key has 32 bytes, readable by the owner only");
	CHECK(auth_load(&two, path, 7) && memcmp(&one, &two, sizeof(one)) == 0,
	      "the next process reads the same key");
	CHECK(truncate(path, 7) == 0 && !auth_load(&two, path, 7), "a truncated key is rejected");
	unlink(path);
	rmdir(folder);
}

static int64_t
who(const struct auth *auth, const char *token, size_t n, int64_t now)
{
	return auth_verify(auth, token, n, now).user;
}

static void
tokens(void)
{
	static const struct auth auth = { .key = "0123456789abcdef0123456789abcde" };
	static const struct auth other = { .key = "0123456789abcdef0123456789abcdf" };
	char token[AUTH_TOKEN_MAX], longer[2 * AUTH_TOKEN_MAX];
	size_t n;

	CHECK(auth_sign(&auth, (struct auth_claim){ 42, 3, 0 }, NOW, 7, token) == ERR_OK,
	      "a token is signed");
	n = strlen(token);
	CHECK(who(&auth, token, n, NOW) == 42, "a signed token is read");
	CHECK(auth_verify(&auth, token, n, NOW).version == 3, "a token contains its version");
	CHECK(who(&auth, token, n, NOW + 7 * 86400 - 1) == 42,
	      "a token is valid until its last second");
	CHECK(who(&auth, token, n, NOW + 7 * 86400) == 0, "an expired token is rejected");
	CHECK(who(&other, token, n, NOW) == 0, "a token of another key is rejected");
	CHECK(who(&auth, token, n - 1, NOW) == 0, "a truncated token is rejected");
	token[n - 2] ^= 1;
	CHECK(who(&auth, token, n, NOW) == 0, "a changed signature is rejected");
	CHECK(who(&auth, "", 0, NOW) == 0, "an empty token is rejected");
	memset(longer, 'a', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	CHECK(who(&auth, longer, strlen(longer), NOW) == 0, "a token that is too long is rejected");
}

/* Writes a key file that repeats this letter, with this modification time. */
static void
put_key(const char *path, char letter, int64_t when)
{
	const struct timespec times[2] = { { .tv_sec = when }, { .tv_sec = when } };
	char key[AUTH_KEY_SIZE];
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	memset(key, letter, sizeof(key));
	CHECK(write(fd, key, sizeof(key)) == sizeof(key) && futimens(fd, times) == 0 &&
		  close(fd) == 0,
	      "the test has a key");
}

static void
rotation(void)
{
	static const char *const names[] = { "token", "token.next", "token.old" };
	char folder[] = "/tmp/dousheng-unit.XXXXXX", path[3][64], token[3][AUTH_TOKEN_MAX];
	struct auth auth, one;
	int i;

	if (mkdtemp(folder) == NULL)
		return;
	for (i = 0; i < 3; i++) {
		snprintf(path[i], sizeof(path[i]), "%s/%s", folder, names[i]);
		put_key(path[i], (char)('a' + i), NOW);
		memset(&one, 0, sizeof(one));
		memset(one.key, 'a' + i, sizeof(one.key));
		CHECK(auth_sign(&one, (struct auth_claim){ i + 1, 0, 0 }, NOW, 30, token[i]) ==
			  ERR_OK,
		      "the test has a token of that key");
	}
	CHECK(auth_load(&auth, path[0], 7), "the current, next and old key are read");
	for (i = 0; i < 3; i++)
		CHECK(who(&auth, token[i], strlen(token[i]), NOW) == i + 1,
		      "tokens of each key are accepted");
	CHECK(who(&auth, token[2], strlen(token[2]), NOW + 7 * 86400 - 1) == 3,
	      "the old key is known");
	CHECK(who(&auth, token[2], strlen(token[2]), NOW + 7 * 86400) == 0,
	      "the old key is accepted for token_days only");
	CHECK(who(&auth, token[1], strlen(token[1]), NOW + 8 * 86400) == 2,
	      "the next key is accepted without a limit");
	CHECK(!auth_delete_old_key(path[0], 7, NOW + 7 * 86400 - 1),
	      "the old key's file stays as long as its tokens");
	CHECK(auth_delete_old_key(path[0], 7, NOW + 7 * 86400) && access(path[2], F_OK) != 0,
	      "the old key's file is removed afterwards");
	CHECK(unlink(path[1]) == 0 && auth_load(&auth, path[0], 7), "only the current key is left");
	CHECK(who(&auth, token[0], strlen(token[0]), NOW) == 1 &&
		  who(&auth, token[1], strlen(token[1]), NOW) == 0 &&
		  who(&auth, token[2], strlen(token[2]), NOW) == 0,
	      "only tokens of the current key are accepted");
	unlink(path[0]);
	rmdir(folder);
}

/* Of the password "x" and the salt "salt", with N=2, r=1, p=1. */
#define SMALL(costs)                                                               \
	"$s1$" costs "$c2FsdA==$Pq6nPP9sSt3hth3FmeUpbHAhFXGQIQuoDRTbeh+Qy8XxWxbPJ" \
	"egoMw1OuKRW2DeGAbu6Vdn16rBN/rR7hzuZNw=="

/* CPU time of this process, which other load does not raise. */
static int64_t
worked_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static void
passwords(void)
{
	char hash[AUTH_HASH_SIZE], again[AUTH_HASH_SIZE], damaged[AUTH_HASH_SIZE];
	int64_t known, unknown, start;

	CHECK(auth_hash_password("пароль 密码", hash) == ERR_OK &&
		  strncmp(hash, "$s1$0e0805$", 11) == 0,
	      "a hash contains its costs");
	CHECK(auth_hash_password("пароль 密码", again) == ERR_OK && strcmp(hash, again) != 0,
	      "two hashes of a password differ");
	start = worked_us();
	CHECK(auth_check_password("пароль 密码", hash), "the right password is accepted");
	known = worked_us() - start;
	CHECK(!auth_check_password("пароль 密碼", hash), "another password is rejected");
	CHECK(auth_check_password("пароль 密码", hash), "checking does not destroy the hash");
	start = worked_us();
	CHECK(!auth_check_password("", NULL), "an unknown user has no password");
	unknown = worked_us() - start;
	/* About the same work: without it this would be a thousandth. */
	CHECK(unknown > known / 4, "an unknown name costs the same CPU time");
	memcpy(damaged, hash, sizeof(hash));
	memcpy(damaged + 4, "1f", 2);
	CHECK(!auth_check_password("пароль 密码", damaged), "a hash with higher costs is rejected");
	CHECK(auth_check_password("x", SMALL("010101")), "a hash with lower costs is accepted");
	CHECK(!auth_check_password("x", SMALL("+1+1+1")) &&
		  !auth_check_password("x", SMALL(" 1 1 1")) &&
		  !auth_check_password("x", SMALL("0x0101")),
	      "costs are two digits each, without signs and spaces");
	CHECK(!auth_check_password("x", "$s1$0e0805$"), "a short hash is rejected");
	CHECK(!auth_check_password("x", ""), "an empty hash is rejected");
}

int
main(void)
{
	keys();
	tokens();
	rotation();
	passwords();
	return done();
}

/*
 * password.c: stored password strings.  A password is accepted if and only if
 * OpenSSL's scrypt agrees; invalid strings accept none.
 *
 * The input: a byte of costs, the password's line, the stored string.  Costs
 * that would be allowed are made small, for time's sake; the hash of nobody,
 * which stands in for a bad one, is not computed at all.
 */
#include <openssl/evp.h>

#include "fuzz.h"
#include "http/auth.h"
#include "reference.h"

int __wrap_libscrypt_check(char *mcf, const char *password);
int __real_libscrypt_check(char *mcf, const char *password);

static int computed;

int
__wrap_libscrypt_check(char *mcf, const char *password)
{
	if (strncmp(mcf, "$s1$0e0805$AAAAAAAAAAAAAAAAAAAAAA==$", 36) == 0)
		return 0;
	computed++;
	return __real_libscrypt_check(mcf, password);
}

/* Splits "$s1$NNrrpp$salt$hash"; is it the hash of the password? */
static bool
reference(const char *password, const char *stored)
{
	unsigned char salt[256], wanted[256], hash[64];
	const char *text = stored + 11, *dollar;
	unsigned n, r, p;
	long salt_len, len;

	if (strncmp(stored, "$s1$", 4) != 0 || strlen(stored) < 12 || strlen(stored) > 250)
		return false;
	if (strspn(stored + 4, "0123456789abcdef") != 6 || stored[10] != '$' ||
	    sscanf(stored + 4, "%2x%2x%2x", &n, &r, &p) != 3 || n > 14 || r > 8 || p > 5)
		return false;
	if ((dollar = strchr(text, '$')) == NULL)
		return false;
	salt_len = ref_base64(text, (size_t)(dollar - text), salt);
	len = ref_base64(dollar + 1, strlen(dollar + 1), wanted);
	return salt_len > 0 && len == sizeof(hash) &&
	       EVP_PBE_scrypt(password, strlen(password), salt, (size_t)salt_len, 1ULL << n, r, p,
			      0, hash, sizeof(hash)) == 1 &&
	       memcmp(hash, wanted, sizeof(hash)) == 0;
}

/* A hash made here, by OpenSSL, in the form in which we keep them. */
static void
make(const char *password, const unsigned char *salt, size_t n, const char *costs, char *out)
{
	unsigned char hash[64];
	char text[100], salted[100];
	unsigned log2, r, p;

	CLAIM(sscanf(costs, "%2x%2x%2x", &log2, &r, &p) == 3);
	CLAIM(EVP_PBE_scrypt(password, strlen(password), salt, n, 1ULL << log2, r, p, 0, hash,
			     sizeof(hash)) == 1);
	EVP_EncodeBlock((unsigned char *)salted, salt, (int)n);
	EVP_EncodeBlock((unsigned char *)text, hash, sizeof(hash));
	snprintf(out, AUTH_HASH_SIZE, "$s1$%s$%s$%s", costs, salted, text);
}

/* A costs pair within our bounds becomes 01: "0e0805" takes 200 ms, "010101" none. */
static void
cheapen(char *stored)
{
	static const unsigned most[] = { 14, 8, 5 };
	int i;

	if (strlen(stored) < 10 || strncmp(stored, "$s1$", 4) != 0)
		return;
	for (i = 0; i < 3; i++) {
		char pair[3] = { stored[4 + 2 * i], stored[5 + 2 * i], '\0' };
		char *end;
		unsigned long cost = strtoul(pair, &end, 16);

		if (end == pair + 2 && cost >= 1 && cost <= most[i])
			memcpy(stored + 4 + 2 * i, "01", 2);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const costs[] = { "010101", "020101", "010201", "010102" };
	static const char *const wrong[] = { "0f0101", "010901", "010106",
					     "000101", "+1+1+1", " 1 1 1" };
	struct input in = { (const char *)data, size };
	unsigned pick = take_byte(&in);
	size_t n, salt_len;
	const char *line = take_line(&in, &n);
	char *password = exact_text(line, n), *stored = exact_text(in.p, in.n);
	char made[AUTH_HASH_SIZE], *copy;

	cheapen(stored);
	copy = exact(stored, strlen(stored) + 1);
	computed = 0;
	CLAIM(auth_check_password(password, stored) == reference(password, stored));
	CLAIM(strcmp(stored, copy) == 0);
	salt_len = in.n < 16 ? in.n : 16;
	if (salt_len > 0) {
		make(password, (const unsigned char *)in.p, salt_len, costs[pick % 4], made);
		CLAIM(auth_check_password(password, made));
		made[strlen(made) / 2 + pick % (strlen(made) / 2)] ^= 1;
		CLAIM(!auth_check_password(password, made));
		memcpy(made + 4, wrong[pick % 6], 6);
		computed = 0;
		CLAIM(!auth_check_password(password, made) && computed == 0);
	}
	CLAIM(!auth_check_password(password, NULL));
	free(copy);
	free(password);
	free(stored);
	return 0;
}

/*
 * auth.h: tokens and passwords.  The only module that uses libjwt and
 * libscrypt.
 *
 * A token is a JWT (RFC 7519) signed with HS256.  Its claims: sub (user id),
 * ver (the account's token version; absent: 0), dev (a number of the device
 * that logged in; absent: 0), iat and exp in seconds.
 *
 * A password is stored as scrypt (RFC 7914) with N=2^14, r=8, p=5 and 16 random
 * bytes of salt, in modular crypt format "$s1$...".
 */
#ifndef DS_AUTH_H
#define DS_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define AUTH_KEY_SIZE 32
#define AUTH_TOKEN_MAX 1024 /* longer tokens are rejected without being parsed */
#define AUTH_HASH_SIZE 256  /* buffer for a hash in modular crypt format */

/* A further key whose tokens are valid: the previous or the next one. */
struct auth_extra_key {
	unsigned char key[AUTH_KEY_SIZE];
	int64_t until; /* seconds since 1970; 0: no such key */
};

struct auth {
	unsigned char key[AUTH_KEY_SIZE]; /* signs new tokens */
	struct auth_extra_key extra_keys[2];
};

/* What a token claims: the user, the token version, and the device (0: none). */
struct auth_claim {
	int64_t user, version, device;
};

/*
 * A number for a device that logs in at now (seconds since 1970), greater than
 * those of all earlier seconds.  chance is any random number.
 */
static inline int64_t
auth_new_device(int64_t now, uint32_t chance)
{
	return now * (1 << 20) + (chance & ((1 << 20) - 1));
}

/*
 * Reads the signing key from path.  If there is none, creates one of random
 * bytes that only the owner can read; many processes may do so at once.
 *
 * spawn/rotate-secret puts the next key into PATH.next and the previous one
 * into PATH.old.  The previous key is valid until days after that file was
 * written, the lifetime of its tokens.  False with errno on failure.
 */
bool auth_load(struct auth *auth, const char *path, int64_t days);

/* Deletes PATH.old after all its tokens have expired.  True if it was deleted. */
bool auth_delete_old_key(const char *path, int64_t days, int64_t now);

/*
 * Signs a token for claim, valid from now (seconds since 1970) for days.  A
 * claim without a device gets a new one.
 */
enum err auth_sign(const struct auth *auth, struct auth_claim claim, int64_t now, int64_t days,
		   char out[AUTH_TOKEN_MAX]) MUST_CHECK;

/*
 * The claim of a token (n bytes, NUL-terminated).  user is 0 for an invalid
 * token: other algorithm, wrong signature, expired, without exp, too long.
 * Does not check whether the user exists and the token version is current.
 */
struct auth_claim auth_verify(const struct auth *auth, const char *token, size_t n, int64_t now);

/* Hashes a password (a C string).  Takes about 200 ms and 16 MB, intentionally. */
enum err auth_hash_password(const char *password, char out[AUTH_HASH_SIZE]) MUST_CHECK;

/*
 * Does the password match the stored hash? NULL for stored (no such account)
 * takes the same time and returns false.  So does a damaged hash, or one with
 * higher costs than ours.  errno is ENOMEM if the check could not be done, else
 * 0.
 */
bool auth_check_password(const char *password, const char *stored);

#endif

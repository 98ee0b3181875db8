/*
 * auth.h: tokens and passwords.  The only module that speaks libjwt and
 * libscrypt.
 *
 * A token is a JWT (RFC 7519) signed with HS256: sub (the user's id), iat and
 * exp in seconds.  A password is kept as scrypt (RFC 7914) with N=2^14, r=8,
 * p=5 and 16 random bytes of salt, in modular crypt format "$s1$...".
 */
#ifndef DS_AUTH_H
#define DS_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define AUTH_KEY_SIZE 32
#define AUTH_TOKEN_MAX 1024 /* longer ones are refused unread */
#define AUTH_HASH_SIZE 256  /* room for a hash in modular crypt format */

struct auth {
	unsigned char key[AUTH_KEY_SIZE];
};

/*
 * Reads the signing key from path; makes it, of random bytes and readable by
 * its owner alone, when there is none.  Many processes may do so at once.
 * False with errno on failure.
 */
bool auth_load(struct auth *auth, const char *path);

/* A token for user, good from now (seconds since 1970) for some days. */
enum err auth_token(const struct auth *auth, int64_t user, int64_t now, int64_t days,
		    char out[AUTH_TOKEN_MAX]) MUST_CHECK;

/*
 * The user of a token (n bytes with a NUL behind), or 0 for a bad one: another
 * algorithm, a changed byte, expired, without exp, too long.  Whether the user
 * still exists is not known here.
 */
int64_t auth_user(const struct auth *auth, const char *token, size_t n, int64_t now);

/* Hashes a password (a C string).  Takes some 200 ms and 16 MB, by design. */
enum err auth_hash(const char *password, char out[AUTH_HASH_SIZE]) MUST_CHECK;

/*
 * Does the password match the stored hash?  NULL for stored (no such account)
 * takes the same time and is false.  A stored hash that is damaged or asks for
 * more work than our own is false too.  errno is ENOMEM where it could not be
 * told, else 0.
 */
bool auth_check(const char *password, const char *stored);

#endif

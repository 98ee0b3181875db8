/*
 * auth.h: tokens and passwords.  The only module that speaks libjwt and
 * libscrypt.
 *
 * A token is a JWT (RFC 7519) signed with HS256: sub (the user's id), ver (the
 * version of the account's tokens; absent: 0), dev (a number for the device that
 * has logged in; absent: 0), iat and exp in seconds.  A password is kept as
 * scrypt (RFC 7914) with N=2^14, r=8, p=5 and 16 random bytes of salt, in modular crypt format
 * "$s1$...".
 */
#ifndef DS_AUTH_H
#define DS_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define AUTH_KEY_SIZE 32
#define AUTH_TOKEN_MAX 1024 /* longer ones are refused unread */
#define AUTH_HASH_SIZE 256  /* room for a hash in modular crypt format */

/* A key whose tokens are good too: the one before, or the one that comes next. */
struct auth_other {
	unsigned char key[AUTH_KEY_SIZE];
	int64_t until; /* seconds since 1970; 0: there is none */
};

struct auth {
	unsigned char key[AUTH_KEY_SIZE]; /* signs */
	struct auth_other others[2];
};

/* Whom a token names, and on which device: 0 where it does not say. */
struct auth_claim {
	int64_t user, version, device;
};

/*
 * A number for a device that logs in now (seconds since 1970): greater than
 * those of all seconds before.  chance may be anything.
 */
static inline int64_t
auth_new_device(int64_t now, uint32_t chance)
{
	return now * (1 << 20) + (chance & ((1 << 20) - 1));
}

/*
 * Reads the signing key from path; makes it, of random bytes and readable by
 * its owner alone, when there is none.  Many processes may do so at once.
 *
 * Rotation (spawn/rotate-secret) puts the next key into PATH.next, and the one
 * before into PATH.old; the latter is good until days after the file was
 * written, the time for which its tokens last.  False with errno on failure.
 */
bool auth_load(struct auth *auth, const char *path, int64_t days);

/* Removes PATH.old when its time is over; true if it was removed. */
bool auth_delete_old_key(const char *path, int64_t days, int64_t now);

/* A token that makes this claim (for a new device where it names none), good from now (seconds
 * since 1970) for some days. */
enum err auth_sign(const struct auth *auth, struct auth_claim claim, int64_t now, int64_t days,
		   char out[AUTH_TOKEN_MAX]) MUST_CHECK;

/*
 * What a token (n bytes with a NUL behind) claims; user is 0 for a bad one:
 * another algorithm, a changed byte, expired, without exp, too long.  Whether
 * the user still exists, and the version is still in force, is not known here.
 */
struct auth_claim auth_verify(const struct auth *auth, const char *token, size_t n, int64_t now);

/* Hashes a password (a C string).  Takes some 200 ms and 16 MB, by design. */
enum err auth_hash_password(const char *password, char out[AUTH_HASH_SIZE]) MUST_CHECK;

/*
 * Does the password match the stored hash?  NULL for stored (no such account)
 * takes the same time and is false.  A stored hash that is damaged or asks for
 * more work than our own is false too.  errno is ENOMEM where it could not be
 * told, else 0.
 */
bool auth_check_password(const char *password, const char *stored);

#endif

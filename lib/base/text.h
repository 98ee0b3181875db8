/* text.h: parses untrusted text: UTF-8, integers, percent-encoding. */
#ifndef DS_TEXT_H
#define DS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The number of characters (code points) in n bytes of UTF-8 (RFC 3629), or -1
 * if they are not UTF-8 or contain a NUL, which PostgreSQL does not accept.
 */
int64_t text_length(const char *s, size_t n);

/*
 * Parses an integer.  Also accepts the forms of clients that print floats: 9.0,
 * 1e+06, 7.09e+18, 9.000000e+00.  Exact: false for a fraction, a value outside
 * of int64 and anything else.  A space is accepted as the plus sign of an
 * exponent, because form decoding turns the plus into one.
 */
bool text_int(const char *s, size_t n, int64_t *out);

/*
 * Decodes application/x-www-form-urlencoded in place (WHATWG URL, 5.1): plus
 * becomes a space, %XX a byte; an invalid % is kept. Returns the new length.
 * The result is not NUL-terminated.
 */
size_t text_form_decode(char *s, size_t n);

/*
 * The value of a variable in an environment such as the FastCGI parameters:
 * strings "NAME=value", terminated by NULL.  env may be NULL.  The result is
 * borrowed; "" if the variable is not set.
 */
const char *env_value(char *const *env, const char *name);

/* Milliseconds since 1970, and microseconds of a monotonic clock. */
int64_t time_ms(void);
int64_t time_monotonic_us(void);

#endif

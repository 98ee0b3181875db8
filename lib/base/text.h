/* text.h: reading what strangers send: UTF-8, integers, percent-encoding. */
#ifndef DS_TEXT_H
#define DS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Characters (code points) in n bytes of UTF-8 (RFC 3629), or -1 if the bytes
 * are not UTF-8 or hold a NUL, which PostgreSQL text cannot.
 */
int64_t text_length(const char *s, size_t n);

/*
 * Reads a whole number: 123, -5, and the forms of clients that print floats,
 * 9.0, 1e+06, 7.09e+18 and 9.000000e+00.  Exact, no rounding: false for anything
 * else, a fraction or a value outside int64.  A space stands for the plus of an
 * exponent, because that is what form decoding makes of it.
 */
bool text_int(const char *s, size_t n, int64_t *out);

/*
 * Decodes application/x-www-form-urlencoded in place (WHATWG URL, 5.1): plus
 * is a space, %XX a byte, a stray percent itself.  Returns the new length;
 * the result is not NUL-terminated.
 */
size_t text_form_decode(char *s, size_t n);

/*
 * The value of a variable in an environment, as FastCGI parameters are one:
 * "NAME=value", NULL at the end; itself NULL: empty.  Borrowed; "" if there is
 * none.
 */
const char *env_value(char *const *env, const char *name);

/* Milliseconds since 1970; microseconds of a clock that never jumps. */
int64_t time_ms(void);
int64_t time_monotonic_us(void);

#endif

/* text.c: see text.h. */
#include <string.h>
#include <time.h>

#include "text.h"

/* Length of the sequence at s (n bytes left), 0 if it is not UTF-8 (RFC 3629, 4). */
static size_t
sequence(const unsigned char *s, size_t n)
{
	unsigned char lo = 0x80, hi = 0xbf;
	size_t len, i;

	if (s[0] < 0x80)
		return s[0] != 0;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		len = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		len = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		len = 4;
	else
		return 0;
	if (s[0] == 0xe0)
		lo = 0xa0; /* no overlong forms */
	else if (s[0] == 0xed)
		hi = 0x9f; /* no surrogates */
	else if (s[0] == 0xf0)
		lo = 0x90;
	else if (s[0] == 0xf4)
		hi = 0x8f; /* nothing over U+10FFFF */
	if (len > n || s[1] < lo || s[1] > hi)
		return 0;
	for (i = 2; i < len; i++)
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	return len;
}

int64_t
text_length(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	int64_t count = 0;
	size_t len;

	for (; n > 0; n -= len, p += len, count++)
		if ((len = sequence(p, n)) == 0)
			return -1;
	return count;
}

/* value * 10 + digit (which may be negative), false on overflow. */
static bool
push_digit(int64_t *value, int digit)
{
	return !__builtin_mul_overflow(*value, 10, value) &&
	       !__builtin_add_overflow(*value, digit, value);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The "e+18" at s: its value, or -1.  Only what keeps a number whole. */
static int
exponent(const char *s, size_t n)
{
	int e = 0;
	size_t i = 1;

	if (n < 2 || (s[0] != 'e' && s[0] != 'E'))
		return -1;
	if (s[1] == '+' || s[1] == ' ')
		i = 2;
	if (i == n || n - i > 3)
		return -1;
	for (; i < n; i++) {
		if (!is_digit(s[i]))
			return -1;
		e = e * 10 + (s[i] - '0');
	}
	return e;
}

bool
text_int(const char *s, size_t n, int64_t *out)
{
	bool negative = n > 0 && s[0] == '-';
	size_t i = negative, digits = 0;
	int64_t value = 0;
	int fraction = 0, sign = negative ? -1 : 1, e;

	/* Digits count down from zero where there is a minus: that way INT64_MIN fits. */
	for (; i < n && is_digit(s[i]); i++, digits++)
		if (!push_digit(&value, sign * (s[i] - '0')))
			return false;
	if (digits == 0)
		return false;
	if (i < n) {
		if (s[i] == '.')
			for (i++; i < n && is_digit(s[i]); i++, fraction++)
				if (fraction > 18 || !push_digit(&value, sign * (s[i] - '0')))
					return false;
		if ((e = exponent(s + i, n - i)) < fraction)
			return false;
		for (; e > fraction && value != 0; e--)
			if (!push_digit(&value, 0))
				return false;
	}
	*out = value;
	return true;
}

static int
hex(char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t
text_unescape(char *s, size_t n)
{
	size_t in, out = 0;

	for (in = 0; in < n; in++, out++) {
		if (s[in] == '%' && n - in > 2 && hex(s[in + 1]) >= 0 && hex(s[in + 2]) >= 0) {
			s[out] = (char)(hex(s[in + 1]) << 4 | hex(s[in + 2]));
			in += 2;
		} else {
			s[out] = s[in] == '+' ? ' ' : s[in];
		}
	}
	return out;
}

const char *
text_variable(char *const *env, const char *name)
{
	size_t n = strlen(name);

	for (; env != NULL && *env != NULL; env++)
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			return *env + n + 1;
	return "";
}

int64_t
time_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
time_monotonic_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

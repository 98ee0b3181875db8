/* text.c: see text.h. */
#include <string.h>
#include <time.h>

#include "base/text.h"

/* The length of the UTF-8 sequence at s (n bytes left); 0: invalid (RFC 3629, 4). */
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

/* value * 10 + digit, which may be negative.  False on overflow. */
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

/* Parses an exponent such as "e+18".  False for anything else. */
static bool
exponent(const char *s, size_t n, int *e)
{
	bool negative = n > 1 && s[1] == '-';
	size_t i = n > 1 && (negative || s[1] == '+' || s[1] == ' ') ? 2 : 1;

	if (n < 2 || (s[0] != 'e' && s[0] != 'E') || i == n || n - i > 3)
		return false;
	for (*e = 0; i < n; i++) {
		if (!is_digit(s[i]))
			return false;
		*e = *e * 10 + (s[i] - '0');
	}
	*e = negative ? -*e : *e;
	return true;
}

/* The number of digits at the start of s. */
static size_t
count_digits(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && is_digit(s[i]))
		i++;
	return i;
}

bool
text_int(const char *s, size_t n, int64_t *out)
{
	bool negative = n > 0 && s[0] == '-';
	size_t whole = count_digits(s + negative, n - negative), part = 0, len, end, i;
	int64_t value = 0;
	int e = 0;

	end = negative + whole;
	if (end < n && s[end] == '.') {
		part = count_digits(s + end + 1, n - end - 1);
		end += 1 + part;
	}
	if (whole == 0 || (end < n && !exponent(s + end, n - end, &e)))
		return false;
	/*
	 * The digits of both parts form one integer, scaled by a power of ten.
	 * Trailing zeros are moved into the exponent.
	 */
	e -= (int)part;
	for (len = whole + part; len > 1 && s[negative + len - (len <= whole)] == '0'; len--)
		e++;
	/* Accumulate negative digits for a negative number, so that INT64_MIN fits. */
	for (i = 0; i < len; i++) {
		int digit = s[negative + i + (i >= whole)] - '0';

		if (!push_digit(&value, negative ? -digit : digit))
			return false;
	}
	if (value != 0 && e < 0)
		return false;
	for (; e > 0 && value != 0; e--)
		if (!push_digit(&value, 0))
			return false;
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
text_form_decode(char *s, size_t n)
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
env_value(char *const *env, const char *name)
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

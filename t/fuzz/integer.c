/* integer.c: text_int() against decimal digits shifted by hand. */
#include <inttypes.h>

#include "base/text.h"
#include "fuzz.h"

#define DIGITS 1000

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * The value as digits without leading zeros: -?D+(.D*)?([eE][-+ ]?D{1,3})?, where
 * only zeros are behind the point then.  NULL: no such thing, or far too long.
 */
static const char *
reference(const char *s, size_t n, bool *negative)
{
	static char digits[DIGITS + 1100];
	size_t len = 0, decimals = 0, i = 0, end;
	int e = 0;
	bool minus = false;

	*negative = n > 0 && s[0] == '-';
	for (i = *negative; i < n && digit(s[i]) && len < DIGITS; i++)
		digits[len++] = s[i];
	if (len == 0)
		return NULL;
	if (i < n && s[i] == '.')
		for (i++; i < n && digit(s[i]) && len < DIGITS; i++, decimals++)
			digits[len++] = s[i];
	if (i < n && (s[i] == 'e' || s[i] == 'E')) {
		i++;
		minus = i < n && s[i] == '-';
		i += i < n && (s[i] == '+' || s[i] == ' ' || minus);
		for (end = i; end < n && digit(s[end]) && end - i < 4; end++)
			e = e * 10 + (s[end] - '0');
		if (end == i || end - i > 3)
			return NULL;
		i = end;
	}
	if (i != n)
		return NULL;
	e = (minus ? -e : e) - (int)decimals;
	for (; e > 0; e--)
		digits[len++] = '0';
	for (; e < 0 && len > 0 && digits[len - 1] == '0'; e++)
		len--;
	if (e < 0 && len > 0)
		return NULL;
	digits[len] = '\0';
	return digits + strspn(digits, "0");
}

static bool
same(const char *digits, bool negative, int64_t value)
{
	char text[24];

	if (value == 0)
		return digits[0] == '\0';
	snprintf(text, sizeof(text), "%" PRId64, value);
	return (text[0] == '-') == negative && strcmp(text + negative, digits) == 0;
}

/* What was read is read again from each way of writing it. */
static void
round_trip(int64_t value)
{
	int64_t again = 0, whole = value;
	char text[32];
	int zeros = 0;

	snprintf(text, sizeof(text), "%" PRId64, value);
	CLAIM(text_int(text, strlen(text), &again) && again == value);
	for (; whole != 0 && whole % 10 == 0; whole /= 10)
		zeros++;
	snprintf(text, sizeof(text), "%" PRId64 "e+%02d", whole, zeros);
	CLAIM(text_int(text, strlen(text), &again) && again == value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = exact(data, size), exponential[40];
	int64_t value = 0x5a5a, number;
	bool negative, ok = text_int(text, size, &value);
	const char *digits = reference(text, size, &negative);

	if (size >= DIGITS) {
		; /* more than the reference has room for */
	} else if (ok) {
		CLAIM(digits != NULL && same(digits, negative, value));
		round_trip(value);
	} else {
		CLAIM(value == 0x5a5a);
		/* Whatever fits is taken, at whichever end of the range. */
		if (digits != NULL && strlen(digits) <= 19 && size <= 19)
			CLAIM(strcmp(digits, negative ? "9223372036854775808"
						      : "9223372036854775807") > 0 &&
			      strlen(digits) == 19);
	}
	if (size >= sizeof(number)) {
		memcpy(&number, data, sizeof(number));
		round_trip(number);
		/* As a client prints floats: exact where fifteen digits are enough. */
		number %= 1000000000000000;
		snprintf(exponential, sizeof(exponential), "%.15g", (double)number);
		CLAIM(text_int(exponential, strlen(exponential), &value) && value == number);
	}
	free(text);
	return 0;
}

/* utf8.c: text_length() against code points written again; text_form_decode() against a second way.
 */
#include "base/text.h"
#include "fuzz.h"
#include "reference.h"

static int
hex(char c)
{
	const char *all = "0123456789abcdef0123456789ABCDEF",
		   *hit = c == '\0' ? NULL : strchr(all, c);

	return hit == NULL ? -1 : (int)((hit - all) % 16);
}

/* As WHATWG URL, 5.1 words it: first plus, then percent. */
static size_t
unescape(const char *s, size_t n, char *out)
{
	size_t len = 0, i;

	for (i = 0; i < n; i++) {
		int high = i + 2 < n && s[i] == '%' ? hex(s[i + 1]) : -1;
		int low = high >= 0 ? hex(s[i + 2]) : -1;

		if (low >= 0) {
			out[len++] = (char)(high * 16 + low);
			i += 2;
		} else {
			out[len++] = s[i];
			if (s[i] == '+')
				out[len - 1] = ' ';
		}
	}
	return len;
}

/* All of it escaped comes back as it was. */
static void
round_trip(const char *text, size_t n)
{
	char *escaped = malloc(3 * n + 1);
	size_t i, len = 0;

	for (i = 0; i < n; i++)
		len += (size_t)snprintf(escaped + len, 4, "%%%02X", (unsigned char)text[i]);
	CLAIM(text_form_decode(escaped, len) == n && memcmp(escaped, text, n) == 0);
	free(escaped);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = exact(data, size), *wanted = malloc(size + 1);
	int64_t length = text_length(text, size);
	size_t n;

	CLAIM(length == ref_utf8(data, size));
	CLAIM(length <= (int64_t)size);
	if (size > 0)
		round_trip(text, size);
	n = text_form_decode(text, size);
	CLAIM(n == unescape((const char *)data, size, wanted) && memcmp(text, wanted, n) == 0);
	free(text);
	free(wanted);
	return 0;
}

/* tus_metadata.c: see tus_metadata.h. */
#include <ctype.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>

#include "http/tus_metadata.h"

/* EVP_DecodeBlock() skips white space at both ends and accepts "=" anywhere. */
static bool
is_base64(const char *text, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '+' && text[i] != '/')
			return false;
	return true;
}

long
base64_decode(const char *text, size_t n, unsigned char *out, size_t size)
{
	long padding = 0, len;

	if (n % 4 != 0 || n / 4 * 3 > size || n > 65536)
		return -1;
	if (n > 0 && text[n - 1] == '=')
		padding = text[n - 2] == '=' ? 2 : 1;
	if (!is_base64(text, n - (size_t)padding))
		return -1;
	len = EVP_DecodeBlock(out, (const unsigned char *)text, (int)n);
	return len < 0 ? -1 : len - padding;
}

char *
tus_metadata_get(struct arena *a, const char *list, const char *key, size_t *n)
{
	size_t key_len = strlen(key), len;
	const char *value;
	unsigned char *out;
	long decoded;

	for (; *list != '\0'; list += strcspn(list, ","), list += *list == ',') {
		list += strspn(list, " ");
		if (strncmp(list, key, key_len) != 0 || list[key_len] != ' ')
			continue;
		value = list + key_len + 1;
		len = strcspn(value, ", ");
		if ((out = arena_alloc(a, len + 1)) == NULL)
			return NULL;
		if ((decoded = base64_decode(value, len, out, len)) < 0)
			return NULL;
		out[decoded] = '\0';
		if (n != NULL)
			*n = (size_t)decoded;
		return (char *)out;
	}
	return NULL;
}

/*
 * token.c: the token gate against a verifier of its own: OpenSSL's HMAC and
 * json-c.  The input's first line is a header, the second a payload, both
 * signed here; the third is taken as a whole token; the fourth says which byte
 * of the good one is changed.
 */
#include <json-c/json.h>
#include <openssl/hmac.h>

#include "fuzz.h"
#include "http/auth.h"
#include "reference.h"

#define NOW 1700000000

static const struct auth auth = { .key = "0123456789abcdef0123456789abcde" };

static size_t
encode(const void *p, size_t n, char *out)
{
	size_t len = (size_t)EVP_EncodeBlock((unsigned char *)out, p, (int)n), i;

	while (len > 0 && out[len - 1] == '=')
		len--;
	for (i = 0; i < len; i++)
		out[i] = (char)(out[i] == '+' ? '-' : out[i] == '/' ? '_' : out[i]);
	return len;
}

/* Decodes a part of a token as JSON; NULL when it is none. */
static struct json_object *
decode(const char *text, size_t n)
{
	char padded[AUTH_TOKEN_MAX + 4];
	unsigned char bytes[AUTH_TOKEN_MAX + 4];
	struct json_object *json;
	size_t i;
	long len;

	if (n > AUTH_TOKEN_MAX)
		return NULL;
	for (i = 0; i < n; i++)
		padded[i] = (char)(text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i]);
	while (i % 4 != 0)
		padded[i++] = '=';
	if ((len = ref_base64(padded, i, bytes)) < 0)
		return NULL;
	bytes[len] = '\0';
	json = json_tokener_parse((char *)bytes);
	return json;
}

/* HMAC-SHA256 of the text, as a token shows it. */
static size_t
sign(const char *text, size_t n, char *out)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned size = 0;

	HMAC(EVP_sha256(), auth.key, sizeof(auth.key), (const unsigned char *)text, n, mac, &size);
	return encode(mac, size, out);
}

/* An accepted token must have our HS256 signature, not be expired, and give exactly its user. */
static void
judge(const char *token, size_t n, int64_t user)
{
	const char *last = memrchr(token, '.', n), *dot = memchr(token, '.', n);
	struct json_object *header, *payload;
	char mac[64], sub[24];

	CLAIM(user >= 0);
	if (user == 0)
		return;
	CLAIM(n <= AUTH_TOKEN_MAX && last != NULL && dot < last);
	CLAIM(sign(token, (size_t)(last - token), mac) == n - (size_t)(last + 1 - token));
	CLAIM(memcmp(mac, last + 1, n - (size_t)(last + 1 - token)) == 0);
	header = decode(token, (size_t)(dot - token));
	payload = decode(dot + 1, (size_t)(last - dot - 1));
	if (header != NULL)
		CLAIM(strcasecmp(json_object_get_string(json_object_object_get(header, "alg")),
				 "HS256") == 0);
	if (payload != NULL) {
		CLAIM(json_object_get_int64(json_object_object_get(payload, "exp")) > NOW);
		snprintf(sub, sizeof(sub), "%lld", (long long)user);
		if (strpbrk(json_object_get_string(json_object_object_get(payload, "sub")),
			    ".eE") == NULL)
			CLAIM(
			    strtoll(json_object_get_string(json_object_object_get(payload, "sub")),
				    NULL, 10) == user);
	}
	json_object_put(header);
	json_object_put(payload);
}

static void
ask(const char *text, size_t n)
{
	char *token = exact_text(text, n);

	judge(token, strlen(token), auth_verify(&auth, token, strlen(token), NOW).user);
	free(token);
}

/* Our token is accepted until it expires, and rejected with any byte changed. */
static void
ours(int64_t user, unsigned place, unsigned change)
{
	char token[AUTH_TOKEN_MAX];
	size_t n;

	CLAIM(auth_sign(&auth, (struct auth_claim){ user, 0, 0 }, NOW, 1, token) == ERR_OK);
	n = strlen(token);
	CLAIM(auth_verify(&auth, token, n, NOW).user == user);
	CLAIM(auth_verify(&auth, token, n, NOW + 86399).user == user);
	CLAIM(auth_verify(&auth, token, n, NOW + 86400).user == 0);
	if ((change & 0xff) == 0)
		return;
	token[place % n] ^= (char)change;
	CLAIM(auth_verify(&auth, token, strlen(token), NOW).user == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	size_t header_len, payload_len, line_len, n = 0;
	const char *header = take_line(&in, &header_len);
	const char *payload = take_line(&in, &payload_len), *line = take_line(&in, &line_len);
	char *text = malloc(2 * size + 128);
	int64_t user = 0;
	unsigned place;

	n = encode(header, header_len, text);
	text[n++] = '.';
	n += encode(payload, payload_len, text + n);
	line_len = line_len < 4096 ? line_len : 4096;
	text[n] = '.';
	n += 1 + sign(text, n, text + n + 1);
	ask(text, n);
	ask(line, line_len);
	place = take_byte(&in);
	memcpy(&user, data, size < 7 ? size : 7);
	if (user > 0)
		ours(user, place, take_byte(&in));
	free(text);
	return 0;
}

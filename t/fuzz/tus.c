/*
 * tus.c: the headers of resumable uploads, through the routes that read them.
 * What is accepted must be what a reference reads in the headers; what is
 * refused leaves the file as it was.
 *
 * The input: a letter (C create, H show, P append, D remove), how many bytes
 * there are, how many there will be, then a request as in fake.h, whose
 * parameters get HTTP_ in front.
 */
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/text.h"
#include "fake.h"
#include "reference.h"

#define NAME "abc123"
#define MOST (1024 * 1024)

struct headers {
	char text[4096]; /* the request with HTTP_ before its names */
	size_t len;
	char chunk[512];
	size_t chunk_len;
};

static void
read_headers(struct input *in, struct headers *h)
{
	size_t n = 1;
	int lines;

	h->len = 0;
	for (lines = 0; in->n > 0 && n > 0 && lines < FAKE_ENV - 8; lines++) {
		const char *line = take_line(in, &n);

		if (n > 0 && h->len + n + 8 < sizeof(h->text))
			h->len += (size_t)snprintf(h->text + h->len, sizeof(h->text) - h->len,
						   "HTTP_%.*s\n", (int)n, line);
	}
	h->chunk_len = in->n < sizeof(h->chunk) ? in->n : sizeof(h->chunk);
	memcpy(h->chunk, in->p, h->chunk_len);
}

/* The first header of this name, or "". */
static const char *
header(const struct headers *h, const char *name, char out[4096])
{
	struct input in = { h->text, h->len };
	size_t n, len = strlen(name);

	out[0] = '\0';
	while (in.n > 0) {
		const char *line = take_line(&in, &n);

		if (n > len + 5 && memcmp(line + 5, name, len) == 0 && line[len + 5] == '=') {
			memcpy(out, line + len + 6, n - len - 6);
			out[n - len - 6] = '\0';
			break;
		}
		if (n == len + 6 && memcmp(line + 5, name, len) == 0 && line[len + 5] == '=')
			break;
	}
	return out;
}

static bool
number(const struct headers *h, const char *name, int64_t *out)
{
	char text[4096];

	header(h, name, text);
	return text_int(text, strlen(text), out) && *out >= 0;
}

/* "key base64,key base64": the first of this key, decoded; -1 for none. */
static long
metadata(const char *list, const char *key, unsigned char *out)
{
	struct input in = { list, strlen(list) };

	while (in.n > 0) {
		const char *comma = memchr(in.p, ',', in.n), *pair = in.p;
		size_t n = comma == NULL ? in.n : (size_t)(comma - pair), value;

		in.p += comma == NULL ? n : n + 1;
		in.n -= comma == NULL ? n : n + 1;
		for (; n > 0 && *pair == ' '; pair++)
			n--;
		if (n <= strlen(key) || memcmp(pair, key, strlen(key)) != 0 ||
		    pair[strlen(key)] != ' ')
			continue;
		pair += strlen(key) + 1;
		n -= strlen(key) + 1;
		for (value = 0; value < n && pair[value] != ' '; value++)
			;
		return ref_base64(pair, value, out);
	}
	return -1;
}

/* May this be created?  Its title and length. */
static bool
creation(const struct headers *h, int64_t *length, unsigned char *title, long *n, int64_t *cover)
{
	unsigned char moment[4096];
	char list[4096], version[4096];
	int64_t chars;
	long len;

	if (strcmp(header(h, "TUS_RESUMABLE", version), "1.0.0") != 0)
		return false;
	if (!number(h, "UPLOAD_LENGTH", length) || *length < 1 || *length > MOST)
		return false;
	header(h, "UPLOAD_METADATA", list);
	if ((*n = metadata(list, "title", title)) < 0)
		*n = metadata(list, "filename", title);
	if (*n < 0 || (chars = ref_utf8(title, (size_t)*n)) < 1 || chars > 200)
		return false;
	*cover = -1;
	if ((len = metadata(list, "cover_ms", moment)) < 0)
		return true;
	return text_int((char *)moment, (size_t)len, cover) && *cover >= 0 && *cover <= 86400000;
}

/* Is the chunk what Upload-Checksum says?  True where it says nothing. */
static bool
checksum_fits(const struct headers *h)
{
	char text[4096];
	unsigned char wanted[4096], digest[EVP_MAX_MD_SIZE];
	const EVP_MD *type;
	unsigned size = 0;
	char *space;

	if (header(h, "UPLOAD_CHECKSUM", text)[0] == '\0')
		return true;
	if ((space = strchr(text, ' ')) == NULL)
		return false;
	*space = '\0';
	type = strcmp(text, "sha1") == 0     ? EVP_sha1()
	       : strcmp(text, "sha256") == 0 ? EVP_sha256()
	       : strcmp(text, "md5") == 0    ? EVP_md5()
					     : NULL;
	return type != NULL &&
	       ref_base64(space + 1, strlen(space + 1), wanted) == EVP_MD_size(type) &&
	       EVP_Digest(h->chunk, h->chunk_len, digest, &size, type, NULL) == 1 &&
	       memcmp(digest, wanted, size) == 0;
}

static void
judge_creation(const struct fake *fake, const struct headers *h, const struct reply *reply)
{
	unsigned char title[4096];
	int64_t length = 0, cover = -1;
	long n = 0;
	char text[4096];
	bool good;

	if (header(h, "UPLOAD_CONCAT", text)[0] != '\0' ||
	    header(h, "UPLOAD_DEFER_LENGTH", text)[0] != '\0')
		return; /* parts: t/api/upload.bats */
	good = creation(h, &length, title, &n, &cover) &&
	       (h->chunk_len == 0 || ((int64_t)h->chunk_len <= length && checksum_fits(h)));

	if (!fake->known)
		CLAIM(fake->ran[STMT_UPLOAD_ADD] == 0 && reply->http == 401);
	else
		CLAIM((fake->ran[STMT_UPLOAD_ADD] == 1) == good);
	if (fake->ran[STMT_UPLOAD_ADD] == 0) {
		CLAIM(reply->http >= 400);
		return;
	}
	if (h->chunk_len > 0)
		return; /* recorded is what wrote last, which need not be the creation */
	CLAIM(fake->numbers[1] == FAKE_USER && fake->numbers[3] == length);
	CLAIM(fake->numbers[4] == cover);
	CLAIM(strlen(fake->texts[2]) == (size_t)n && memcmp(fake->texts[2], title, (size_t)n) == 0);
}

static void
judge_append(const struct fake *fake, const struct headers *h, const struct reply *reply,
	     const char *path, int64_t had)
{
	char text[4096], got[1024];
	struct stat st = { .st_size = -1 };
	int64_t offset = -1, n = (int64_t)h->chunk_len;
	bool grown, good;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	good = fake->known && !fake->no_upload && number(h, "UPLOAD_OFFSET", &offset) &&
	       offset == had && n <= fake->length - had && checksum_fits(h) &&
	       strcmp(header(h, "TUS_RESUMABLE", text), "1.0.0") == 0;
	if (fd < 0) { /* it was complete, and no video */
		CLAIM(good && had + n == fake->length && reply->http >= 400);
		return;
	}
	CLAIM(fstat(fd, &st) == 0);
	grown = st.st_size == had + n;
	CLAIM(grown || st.st_size == had);
	if (n > 0)
		CLAIM(grown == (good && fake->fails != 2 && fake->fails != 1) || fake->fails > 0);
	if (reply->http == 204)
		CLAIM(good && grown);
	if (grown && n > 0) {
		CLAIM(good);
		CLAIM(pread(fd, got, sizeof(got), had) == n &&
		      memcmp(got, h->chunk, (size_t)n) == 0);
	}
	close(fd);
}

static void
write_file(const char *path, const char *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CLAIM(fd >= 0 && write(fd, p, n) == (ssize_t)n);
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const methods[] = { "POST", "HEAD", "PATCH", "DELETE" };
	static char there[256] = "\0\0\0\0ftyp";
	struct input in = { (const char *)data, size }, request;
	static struct headers h;
	unsigned letter = take_byte(&in), have = take_byte(&in) % 32, length = take_byte(&in) % 64;
	unsigned what = letter == 'C' ? 0 : letter == 'H' ? 1 : letter == 'D' ? 3 : 2;
	char path[600], method[32], spooled[700], meant[4096];
	const char *extra[] = { method,
				what == 0 ? "DOCUMENT_URI=/douyin/upload/"
					  : "DOCUMENT_URI=/douyin/upload/" NAME,
				"CONTENT_TYPE=application/offset+octet-stream",
				"HTTP_HOST=h",
				spooled,
				NULL };
	struct fake fake = { .length = length < have ? have : length };
	struct reply reply;

	fake.seed = fake.fails = 0;
	fake.no_upload = letter == 'N';
	snprintf(method, sizeof(method), "REQUEST_METHOD=%s", methods[what]);
	read_headers(&in, &h);
	snprintf(path, sizeof(path), "%s/upload/" NAME, fake_conf()->home);
	write_file(path, there, have);
	snprintf(spooled, sizeof(spooled), "REQUEST_BODY_FILE=%s/chunk", fake_conf()->home);
	write_file(spooled + strlen("REQUEST_BODY_FILE="), h.chunk, h.chunk_len);
	fake.body_file = spooled;
	request = (struct input){ h.text, h.len };
	fake_ask(&fake, extra, &request, &reply);
	if (header(&h, "X_HTTP_METHOD_OVERRIDE", meant)[0] == '\0')
		snprintf(meant, sizeof(meant), "%s", methods[what]);
	if (what == 0 && strcmp(meant, "POST") == 0)
		judge_creation(&fake, &h, &reply);
	else if (what != 0 && strcmp(meant, "PATCH") == 0)
		judge_append(&fake, &h, &reply, path, have);
	reply_release(&reply);
	unlink(path);
	if (fake.ran[STMT_UPLOAD_ADD] > 0) {
		snprintf(path, sizeof(path), "%s/upload/%.64s", fake_conf()->home, fake.texts[0]);
		unlink(path);
	}
	return 0;
}

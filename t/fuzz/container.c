/* container.c: what a file is by its first bytes, against a table of patterns. */
#include "fuzz.h"
#include "store.h"

struct pattern {
	enum container kind;
	size_t least;	  /* bytes that must be there */
	const char *mask; /* a dot stands for any byte */
	size_t n;
};

#define ATOM(name)                               \
	{                                        \
		CONTAINER_MP4, 8, "...." name, 8 \
	}

static const struct pattern patterns[] = {
	ATOM("ftyp"),
	ATOM("moov"),
	ATOM("mdat"),
	ATOM("wide"),
	ATOM("free"),
	ATOM("skip"),
	{ CONTAINER_MATROSKA, 4, "\x1a\x45\xdf\xa3", 4 },
	{ CONTAINER_JPEG, 3, "\xff\xd8\xff", 3 },
	{ CONTAINER_PNG, 8, "\x89PNG\r\n\x1a\n", 8 },
	{ CONTAINER_WEBP, 12, "RIFF....WEBP", 12 },
};

static enum container
reference(const uint8_t *data, size_t size)
{
	size_t i, k;

	for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		for (k = 0; k < patterns[i].n && k < size; k++)
			if (patterns[i].mask[k] != '.' && (uint8_t)patterns[i].mask[k] != data[k])
				break;
		if (k == patterns[i].n && size >= patterns[i].least)
			return patterns[i].kind;
	}
	return CONTAINER_NONE;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n;

	/* Cut off anywhere: a short file, or an upload's first chunk. */
	for (n = 0; n <= size && n <= 2 * STORE_HEAD; n++) {
		char *head = exact(data, n);
		enum container kind = store_sniff((unsigned char *)head, n);

		CLAIM(kind == reference(data, n));
		CLAIM(store_demuxer(kind) != NULL && store_demuxer(kind)[0] != '\0');
		CLAIM(store_is_video(kind) ==
		      (kind == CONTAINER_MP4 || kind == CONTAINER_MATROSKA));
		free(head);
	}
	return 0;
}

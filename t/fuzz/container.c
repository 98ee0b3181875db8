/* container.c: fuzzes the detection of a file's container. */
#include "files/container.h"
#include "fuzz.h"

/* A playlist or script must never be accepted as a container. */
static bool
may_open(const char *demuxer)
{
	static const char *const names[] = { "mov",	 "matroska",  "mpegts", "mpeg", "avi",
					     "flv",	 "asf",	      "ogg",	"gif",	"jpeg_pipe",
					     "png_pipe", "webp_pipe", NULL };
	int i;

	for (i = 0; names[i] != NULL; i++)
		if (strcmp(demuxer, names[i]) == 0)
			return true;
	return false;
}

/* Does each packet of a transport stream begin with its sync byte?  From the last one on. */
static bool
reference_ts(const uint8_t *data, size_t n)
{
	static const size_t lengths[] = { 188, 192, 204 };
	size_t i, first, at, count;

	for (i = 0; i < 3; i++)
		for (first = 0; first < lengths[i] && first + 4 <= n; first++) {
			count = 0;
			at = first + (n - 4 - first) / lengths[i] * lengths[i];
			while (data[at] == 'G' && (data[at + 3] >> 4 & 3) != 0) {
				count++;
				if (at < lengths[i])
					break;
				at -= lengths[i];
			}
			if (count >= 4 && count == (n - 4 - first) / lengths[i] + 1)
				return true;
		}
	return false;
}

/* The results that more bytes may change: brands follow the first box, packets need four. */
static bool
may_become(enum container before, enum container after)
{
	return before == CONTAINER_NONE || before == after ||
	       (before == CONTAINER_MP4 && after == CONTAINER_PHOTO) ||
	       (before == CONTAINER_PHOTO && after == CONTAINER_MP4) ||
	       (before == CONTAINER_WEBP && after == CONTAINER_OTHER) ||
	       (before == CONTAINER_SOUND && after == CONTAINER_MPEGTS) ||
	       before == CONTAINER_MPEGTS;
}

static enum container
check(const uint8_t *data, size_t n)
{
	char *head = exact(data, n);
	enum container kind = container_sniff((unsigned char *)head, n);

	CLAIM(kind >= CONTAINER_NONE && kind < CONTAINER_COUNT);
	CLAIM(may_open(container_demuxer(kind)));
	CLAIM(!(container_is_video(kind) && container_is_cover(kind)));
	CLAIM(kind != CONTAINER_MPEGTS || reference_ts(data, n));
	CLAIM((kind != CONTAINER_NONE && kind != CONTAINER_GIF) || !reference_ts(data, n));
	free(head);
	return kind;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum container before = CONTAINER_NONE, kind;
	size_t n;

	if (size > CONTAINER_HEAD)
		size = CONTAINER_HEAD;
	/* Truncated anywhere: byte by byte in the part that is read, in larger steps behind it. */
	for (n = 0; n <= size; n += n < 64 ? 1 : 61) {
		kind = check(data, n);
		CLAIM(may_become(before, kind));
		before = kind;
	}
	check(data, size);
	return 0;
}

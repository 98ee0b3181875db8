/* container.c: see container.h. */
#include <stdint.h>
#include <string.h>

#include "files/container.h"

struct pattern {
	enum container kind;
	size_t n;
	const char *bytes; /* '?' matches any byte */
};

/* clang-format off */
#define PATTERN(kind, bytes) { kind, sizeof(bytes) - 1, bytes }
/* clang-format on */

/* Signatures that are long enough to be unambiguous.  The first match counts. */
static const struct pattern patterns[] = {
	PATTERN(CONTAINER_MATROSKA, "\x1a\x45\xdf\xa3"),
	PATTERN(CONTAINER_MPEGPS, "\0\0\x01\xba"),
	PATTERN(CONTAINER_AVI, "RIFF????AVI "),
	PATTERN(CONTAINER_FLV, "FLV\x01"),
	PATTERN(CONTAINER_ASF, "\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c"),
	PATTERN(CONTAINER_OGG, "OggS\0"),
	PATTERN(CONTAINER_JPEG, "\xff\xd8\xff"),
	PATTERN(CONTAINER_PNG, "\x89PNG\r\n\x1a\n"),
	PATTERN(CONTAINER_WEBP, "RIFF????WEBP"),
	PATTERN(CONTAINER_PHOTO, "II*\0"), /* TIFF, and most cameras' raw files */
	PATTERN(CONTAINER_PHOTO, "MM\0*"),
	PATTERN(CONTAINER_PHOTO, "II+\0"),
	PATTERN(CONTAINER_PHOTO, "MM\0+"),
	PATTERN(CONTAINER_PHOTO, "IIRO"),
	PATTERN(CONTAINER_PHOTO, "IIU\0"),
	PATTERN(CONTAINER_PHOTO, "FUJIFILMCCD-RAW"),
	PATTERN(CONTAINER_PHOTO, "8BPS"),
	PATTERN(CONTAINER_PHOTO, "\0\0\0\x0cJXL \r\n\x87\n"),
	PATTERN(CONTAINER_PHOTO, "\0\0\0\x0cjP  \r\n\x87\n"),
	PATTERN(CONTAINER_PHOTO, "\xff\x4f\xff\x51"),		  /* JPEG 2000 */
	PATTERN(CONTAINER_PHOTO, "BM????\0\0\0\0????\x0c\0\0\0"), /* BMP, by header size */
	PATTERN(CONTAINER_PHOTO, "BM????\0\0\0\0????\x28\0\0\0"),
	PATTERN(CONTAINER_PHOTO, "BM????\0\0\0\0????\x38\0\0\0"),
	PATTERN(CONTAINER_PHOTO, "BM????\0\0\0\0????\x6c\0\0\0"),
	PATTERN(CONTAINER_PHOTO, "BM????\0\0\0\0????\x7c\0\0\0"),
	PATTERN(CONTAINER_SOUND, "ID3"),
	PATTERN(CONTAINER_SOUND, "RIFF????WAVE"),
	PATTERN(CONTAINER_SOUND, "RF64????WAVE"),
	PATTERN(CONTAINER_SOUND, "BW64????WAVE"),
	PATTERN(CONTAINER_SOUND, "FORM????AIFF"),
	PATTERN(CONTAINER_SOUND, "FORM????AIFC"),
	PATTERN(CONTAINER_SOUND, "fLaC"),
	PATTERN(CONTAINER_SOUND, "#!AMR"),
	PATTERN(CONTAINER_SOUND, "caff\0\x01"),
	PATTERN(CONTAINER_SOUND, "MThd"),
	PATTERN(CONTAINER_SOUND, "MAC "),
	PATTERN(CONTAINER_SOUND, "wvpk"),
	PATTERN(CONTAINER_SOUND, "DSD "),
	PATTERN(CONTAINER_SOUND, "TTA1"),
	PATTERN(CONTAINER_SOUND, "MPCK"),
	PATTERN(CONTAINER_OTHER, "\x06\x0e\x2b\x34\x02\x05\x01\x01"), /* MXF */
	PATTERN(CONTAINER_OTHER, "\x2eRMF"),			      /* RealMedia */
	PATTERN(CONTAINER_OTHER, "RIFF????CDXA"),		      /* Video CD */
	PATTERN(CONTAINER_OTHER, "RIFF????AMV "),
	PATTERN(CONTAINER_OTHER, "nut/multimedia container"),
	PATTERN(CONTAINER_OTHER, "DKIF\0\0"),	    /* IVF */
	PATTERN(CONTAINER_OTHER, "YUV4MPEG2 "),	    /* uncompressed video */
	PATTERN(CONTAINER_OTHER, "\x1f\x07\0"),	    /* raw DV */
	PATTERN(CONTAINER_OTHER, "\0\0\x01\xb3"),   /* raw MPEG-1, MPEG-2 */
	PATTERN(CONTAINER_OTHER, "\0\0\0\x01\x67"), /* raw H.264 */
	PATTERN(CONTAINER_OTHER, "\0\0\0\x01\x27"),
	PATTERN(CONTAINER_OTHER, "\0\0\0\x01\x09"),
	PATTERN(CONTAINER_OTHER, "\0\0\0\x01\x40\x01"), /* raw HEVC */
	PATTERN(CONTAINER_OTHER, "\0\0\0\x01\x46\x01"),
	PATTERN(CONTAINER_OTHER, "\xb7\xd8\x00\x20\x37\x49\xda\x11"), /* Windows TV recordings */
};

static enum container
by_pattern(const unsigned char *head, size_t n)
{
	const struct pattern *p, *end = patterns + sizeof(patterns) / sizeof(patterns[0]);
	size_t k;

	for (p = patterns; p < end; p++) {
		for (k = 0; k < p->n && k < n; k++)
			if (p->bytes[k] != '?' && (unsigned char)p->bytes[k] != head[k])
				break;
		if (k == p->n)
			return p->kind;
	}
	return CONTAINER_NONE;
}

static uint32_t
be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Is the name of four characters in the list? */
static bool
among(const unsigned char *name, const char *list)
{
	for (; *list != '\0'; list += 4)
		if (memcmp(name, list, 4) == 0)
			return true;
	return false;
}

/*
 * Is there a box of ISO base media at p? A text may contain a box name by
 * chance; its first four bytes would then be a size of half a gigabyte or more.
 */
static bool
is_box(const unsigned char *p, size_t n)
{
	static const char names[] = "ftypmoovmdatmoofstypsidxssixpnotemsgprftpdinprflediwudtamfra";
	static const char words[] = "widefreeskipuuidjunkPICTpictthummeta";

	if (n < 8)
		return false;
	return among(p + 4, names) || (among(p + 4, words) && be32(p) < 0x20000000);
}

/* Does a box within the head contain an index of tracks? */
static bool
has_tracks(const unsigned char *head, size_t n)
{
	size_t at = 0;
	uint32_t size;

	while (n - at >= 8) {
		if (memcmp(head + at + 4, "moov", 4) == 0)
			return true;
		size = be32(head + at);
		if (size < 8 || size > n - at)
			return false;
		at += size;
	}
	return false;
}

/* Is the box at `at` a metadata box whose handler is "pict"? */
static bool
is_picture_index(const unsigned char *head, size_t n, size_t at)
{
	return at <= n && n - at >= 32 && memcmp(head + at + 4, "meta", 4) == 0 &&
	       memcmp(head + at + 16, "hdlr", 4) == 0 && memcmp(head + at + 28, "pict", 4) == 0;
}

/*
 * Is it a still picture without any moving track? Decided by the brands of an
 * ISO base media file; the first one is the major brand.
 */
static bool
is_still(const unsigned char *head, size_t n)
{
	static const char stills[] = "heicheixheimheisavifavioavcimif1mif2miafjpegj2kipict";
	static const char moving[] = "msf1hevchevxhevmhevsavisavcsjpgsj2isqt  MSNVavc1dash"
				     "isomiso2iso3iso4iso5iso6iso7iso8iso9mp41mp42M4V M4A "
				     "3gp43gp53gp63gp73g2a";
	size_t end, at;

	if (n < 16 || memcmp(head + 4, "ftyp", 4) != 0 || has_tracks(head, n))
		return false;
	if (memcmp(head + 8, "crx ", 4) == 0) /* Canon raw */
		return true;
	end = be32(head);
	if (among(head + 8, moving))
		return false;
	for (at = 16; at + 4 <= end && at + 4 <= n; at += 4)
		if (among(head + at, moving))
			return false;
	return among(head + 8, stills) || is_picture_index(head, n, end);
}

/*
 * MPEG transport stream: packets of 188 bytes, 192 with a time in front or 204
 * with a checksum behind, each with a sync byte.  The first packet may be
 * incomplete, because recorders may start in the middle of a broadcast.
 */
#define TS_PACKETS 4 /* least number of packets in the head */

static bool
ts_packets(const unsigned char *head, size_t n, size_t at, size_t length)
{
	size_t count = 0;

	for (; at + 4 <= n; at += length, count++)
		if (head[at] != 0x47 ||
		    (head[at + 3] & 0x30) == 0) /* neither payload nor adaptation field */
			return false;
	return count >= TS_PACKETS;
}

static bool
is_ts(const unsigned char *head, size_t n)
{
	static const size_t lengths[] = { 188, 192, 204 };
	size_t i, at;

	for (i = 0; i < 3; i++)
		for (at = 0; at < lengths[i]; at++)
			if (ts_packets(head, n, at, lengths[i]))
				return true;
	return false;
}

/* A GIF with content: after the header and its colour table comes a block. */
static bool
is_gif(const unsigned char *head, size_t n)
{
	size_t at = 13;

	if (n < at || (memcmp(head, "GIF87a", 6) != 0 && memcmp(head, "GIF89a", 6) != 0))
		return false;
	if (head[10] & 0x80)
		at += (size_t)3 << ((head[10] & 7) + 1);
	return at < n && (head[at] == 0x21 || head[at] == 0x2c);
}

/*
 * MPEG audio layer 2 or 3, or AAC: a frame header with valid values.  Any frame
 * has at least 8 bytes.
 */
static bool
is_audio_frame(const unsigned char *head, size_t n)
{
	if (n < 8 || head[0] != 0xff)
		return false;
	if ((head[1] & 0xf6) == 0xf0) /* ADTS */
		return (head[2] >> 2 & 15) < 13;
	return (head[1] & 0xe0) == 0xe0 && (head[1] & 0x18) != 0x08 && (head[1] & 6) != 0 &&
	       (head[1] & 6) != 6 && head[2] >> 4 != 15 && head[2] >> 4 != 0 &&
	       (head[2] >> 2 & 3) != 3;
}

enum container
container_sniff(const unsigned char *head, size_t n)
{
	enum container kind = by_pattern(head, n);

	if (kind == CONTAINER_WEBP && n > 20 && memcmp(head + 12, "VP8X", 4) == 0 && head[20] & 2)
		return CONTAINER_OTHER; /* animated */
	if (kind != CONTAINER_NONE)
		return kind;
	/* In these formats a size follows the magic, so the next four bytes are not a box name. */
	if (n >= 8 && among(head, "RIFFRF64BW64FORM"))
		return CONTAINER_NONE;
	if (is_box(head, n))
		return is_still(head, n) ? CONTAINER_PHOTO : CONTAINER_MP4;
	if (is_ts(head, n))
		return CONTAINER_MPEGTS;
	if (is_gif(head, n))
		return CONTAINER_GIF;
	return is_audio_frame(head, n) ? CONTAINER_SOUND : CONTAINER_NONE;
}

const char *
container_demuxer(enum container c)
{
	static const char *const names[CONTAINER_COUNT] = {
		[CONTAINER_MATROSKA] = "matroska", [CONTAINER_MPEGTS] = "mpegts",
		[CONTAINER_MPEGPS] = "mpeg",	   [CONTAINER_AVI] = "avi",
		[CONTAINER_FLV] = "flv",	   [CONTAINER_ASF] = "asf",
		[CONTAINER_OGG] = "ogg",	   [CONTAINER_GIF] = "gif",
		[CONTAINER_JPEG] = "jpeg_pipe",	   [CONTAINER_PNG] = "png_pipe",
		[CONTAINER_WEBP] = "webp_pipe",
	};

	return names[c] == NULL ? "mov" : names[c];
}

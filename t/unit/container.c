/* container.c: the container of a file, by its first bytes. */
#include <string.h>

#include "files/container.h"
#include "tap.h"

struct head {
	enum container kind;
	size_t n;
	const char *bytes, *title;
};

/* clang-format off */
#define HEAD(kind, bytes, title) { kind, sizeof(bytes) - 1, bytes, title }
/* clang-format on */

static const struct head heads[] = {
	HEAD(CONTAINER_MP4,
	     "\0\0\0\x18"
	     "ftypisom\0\0\2\0isommp41",
	     "an MP4"),
	HEAD(CONTAINER_MP4,
	     "\0\0\0\x14"
	     "ftypqt  \0\0\0\0qt  ",
	     "a MOV"),
	HEAD(CONTAINER_MP4, "\0\0\0\x14pnot\0\0\0\0\0\0\0\0\0\0\0\0", "a MOV with a preview first"),
	HEAD(CONTAINER_MP4, "\0\0\0\x18uuid0123456789abcdef", "an MP4 with a UUID box first"),
	HEAD(CONTAINER_MP4, "\0\0\0\x18stypmsdh\0\0\0\0msdhmsix", "a segment"),
	HEAD(CONTAINER_MP4, "\0\0\0\x2csidx", "a segment with its index first"),
	HEAD(CONTAINER_MP4, "\0\0\0\x60moof\0\0\0\x10mfhd", "a fragment"),
	HEAD(CONTAINER_MP4,
	     "\0\0\0\x40"
	     "emsg\0\0\0\0",
	     "an event first"),
	HEAD(CONTAINER_MP4, "\0\0\1\0PICT....", "a picture first"),
	HEAD(CONTAINER_MP4, "\0\0\0\x10junk........", "junk first"),
	HEAD(CONTAINER_MP4, "\x7f\xff\xff\xffmdat", "2 GB of media first"),
	HEAD(CONTAINER_MP4, "\0\0\0\1mdat\0\0\0\2\0\0\0\0", "media with a size of 64 bits first"),
	HEAD(CONTAINER_MP4, "\0\0\0\0mdat", "media up to the end of the file"),
	HEAD(CONTAINER_MP4,
	     "\0\0\0\x18"
	     "ftypmif1\0\0\0\0mif1isom",
	     "an image file that is a film as well"),
	HEAD(CONTAINER_MP4,
	     "\0\0\0\x1c"
	     "ftypavis\0\0\0\0msf1avifavis",
	     "an image sequence"),
	HEAD(CONTAINER_MP4,
	     "\0\0\0\x18"
	     "ftypheic\0\0\0\0mif1heic\0\0\0\x08"
	     "free\0\0\1\0moov",
	     "a picture with tracks"),
	HEAD(CONTAINER_MP4,
	     "\0\0\0\x14"
	     "ftypM4A \0\0\0\0isom",
	     "a song in an MP4 is the probe's to tell"),
	HEAD(CONTAINER_MATROSKA, "\x1a\x45\xdf\xa3\x9f", "WebM and Matroska"),
	HEAD(CONTAINER_MPEGPS, "\0\0\x01\xba\x44\0\4", "a DVD's"),
	HEAD(CONTAINER_AVI,
	     "RIFF\x24\1\0\0"
	     "AVI LIST",
	     "AVI"),
	HEAD(CONTAINER_FLV, "FLV\1\5\0\0\0\x09", "FLV"),
	HEAD(CONTAINER_ASF, "\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa\0\x62\xce\x6c",
	     "Windows Media"),
	HEAD(CONTAINER_OGG, "OggS\0\2", "Ogg"),
	HEAD(CONTAINER_GIF, "GIF89a\1\0\1\0\0\0\0,", "a GIF with a picture"),
	HEAD(CONTAINER_GIF, "GIF87a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff!", "a GIF with two colours"),
	HEAD(CONTAINER_NONE, "GIF89a", "a GIF's head alone"),
	HEAD(CONTAINER_NONE, "GIF89a..........", "a GIF's head with a text behind it"),
	HEAD(CONTAINER_JPEG, "\xff\xd8\xff\xe0", "JPEG"),
	HEAD(CONTAINER_PNG, "\x89PNG\r\n\x1a\n", "PNG"),
	HEAD(CONTAINER_WEBP, "RIFF\x24\0\0\0WEBPVP8 ", "WebP"),
	HEAD(CONTAINER_WEBP, "RIFF\x24\0\0\0WEBPVP8X\x0a\0\0\0\x10", "WebP with an alpha channel"),
	HEAD(CONTAINER_OTHER, "RIFF\x24\0\0\0WEBPVP8X\x0a\0\0\0\2", "an animated WebP"),
	HEAD(CONTAINER_PHOTO,
	     "\0\0\0\x18"
	     "ftypheic\0\0\0\0mif1heic",
	     "an iPhone's photo"),
	HEAD(CONTAINER_PHOTO,
	     "\0\0\0\x1c"
	     "ftypavif\0\0\0\0avifmif1miaf",
	     "AVIF"),
	HEAD(CONTAINER_PHOTO,
	     "\0\0\0\x14"
	     "ftypxxxx\0\0\0\0xxxx\0\0\0\x80meta\0\0\0\0\0\0\0\x21hdlr\0\0\0\0\0\0\0\0pict",
	     "a picture of an unknown brand, by its index"),
	HEAD(CONTAINER_PHOTO,
	     "\0\0\0\x18"
	     "ftypcrx \0\0\0\1crx isom",
	     "Canon's raw file"),
	HEAD(CONTAINER_PHOTO, "II*\0\x08\0\0\0", "TIFF and DNG"),
	HEAD(CONTAINER_PHOTO, "BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", "BMP"),
	HEAD(CONTAINER_PHOTO, "\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
	HEAD(CONTAINER_SOUND, "ID3\4\0\0\0\0\0\0", "MP3 with tags"),
	HEAD(CONTAINER_SOUND, "\xff\xfb\x90\x64\0\0\0\0", "MP3"),
	HEAD(CONTAINER_SOUND, "\xff\xf1\x50\x80\x1f\xfc\x21\x10", "AAC"),
	HEAD(CONTAINER_SOUND, "RIFF\x24\0\0\0WAVEfmt ", "WAV"),
	HEAD(CONTAINER_SOUND, "fLaC\0\0\0\x22", "FLAC"),
	HEAD(CONTAINER_SOUND, "#!AMR\n", "AMR"),
	HEAD(CONTAINER_OTHER, "\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d", "MXF"),
	HEAD(CONTAINER_OTHER, "\0\0\0\1\x67\x64\0\x1f", "raw H.264"),
	HEAD(CONTAINER_NONE, "", "nothing"),
	HEAD(CONTAINER_NONE, "#EXTM3U\n#EXT-X-VERSION", "a playlist"),
	HEAD(CONTAINER_NONE, "ffconcat version 1.0", "a script"),
	HEAD(CONTAINER_NONE, "<?xml version='1.0'?>", "XML"),
	HEAD(CONTAINER_NONE, "%PDF-1.7", "a document"),
	HEAD(CONTAINER_NONE, "PK\3\4", "an archive"),
	HEAD(CONTAINER_NONE, "Carefree and homewide", "a text with a box's name in it"),
	HEAD(CONTAINER_NONE, "\xff\xfeh\0i\0", "a text in UTF-16"),
	HEAD(CONTAINER_NONE, "BMX racing", "a text that begins like BMP"),
};

/* The head of a transport stream that was cut at byte `cut`. */
static enum container
stream(size_t length, size_t before, size_t cut, size_t n)
{
	static unsigned char bytes[4096];
	size_t at;

	memset(bytes, 0x5a, sizeof(bytes));
	for (at = before; at + 4 < sizeof(bytes); at += length)
		memcpy(bytes + at, "\x47\x40\x11\x10", 4);
	return container_sniff(bytes + cut, n);
}

static void
streams(void)
{
	static unsigned char text[CONTAINER_HEAD];
	size_t cut, bad = 0;

	CHECK(stream(188, 0, 0, CONTAINER_HEAD) == CONTAINER_MPEGTS,
	      "a transport stream is detected");
	CHECK(stream(192, 4, 0, CONTAINER_HEAD) == CONTAINER_MPEGTS,
	      "a transport stream with timestamps is detected");
	CHECK(stream(204, 0, 0, CONTAINER_HEAD) == CONTAINER_MPEGTS,
	      "a transport stream with checksums is detected");
	CHECK(stream(188, 0, 0, 188 * 3) == CONTAINER_NONE,
	      "three packets are no transport stream");
	for (cut = 0; cut < 204; cut++)
		bad += stream(188, 0, cut, CONTAINER_HEAD) != CONTAINER_MPEGTS ||
		       stream(192, 4, cut, CONTAINER_HEAD) != CONTAINER_MPEGTS ||
		       stream(204, 0, cut, CONTAINER_HEAD) != CONTAINER_MPEGTS;
	CHECK(bad == 0, "a transport stream may begin within a packet");
	memset(text, 'G', sizeof(text));
	CHECK(container_sniff(text, sizeof(text)) == CONTAINER_NONE,
	      "a text of sync bytes is no transport stream");
}

static void
names(void)
{
	int c, videos = 0, covers = 0;

	for (c = 0; c < CONTAINER_COUNT; c++) {
		videos += container_is_video((enum container)c);
		covers += container_is_cover((enum container)c);
	}
	CHECK(videos == 9 && covers == 3, "nine kinds are videos, three are covers");
	CHECK(strcmp(container_demuxer(CONTAINER_MP4), "mov") == 0 &&
		  strcmp(container_demuxer(CONTAINER_MPEGTS), "mpegts") == 0 &&
		  strcmp(container_demuxer(CONTAINER_MPEGPS), "mpeg") == 0 &&
		  strcmp(container_demuxer(CONTAINER_ASF), "asf") == 0,
	      "each container has its demuxer");
}

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		CHECK(container_sniff((const unsigned char *)heads[i].bytes, heads[i].n) ==
			  heads[i].kind,
		      heads[i].title);
	streams();
	names();
	return done();
}

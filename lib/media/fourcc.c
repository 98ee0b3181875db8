/* fourcc.c: see fourcc.h. */
#include <ctype.h>

#include "media/fourcc.h"

struct codec {
	char code[5];
	const char *name;
};

/* Codecs that ffmpeg may be unable to decode and that users have. */
static const struct codec codecs[] = {
	{ "vvc1", "VVC (H.266)" },
	{ "vvi1", "VVC (H.266)" },
	{ "apv1", "APV" },
	{ "evc1", "EVC" },
	{ "av02", "AV2" },
	{ "lvc1", "LCEVC" },
	{ "mjxs", "JPEG XS" },
	{ "jxsm", "JPEG XS" },
	{ "mhm1", "MPEG-H 3D Audio" },
	{ "mhm2", "MPEG-H 3D Audio" },
	{ "mha1", "MPEG-H 3D Audio" },
	{ "mha2", "MPEG-H 3D Audio" },
	{ "aprn", "ProRes RAW" },
	{ "aprh", "ProRes RAW" },
	{ "brxq", "Blackmagic RAW" },
	{ "brst", "Blackmagic RAW" },
	{ "apac", "Apple Positional Audio (APAC)" },
	{ "ac-4", "Dolby AC-4" },
	{ "iamf", "IAMF" },
	{ "enca", "DRM" },
	{ "encv", "DRM" },
	{ "drms", "DRM" },
	{ "drmi", "DRM" },
};

void
fourcc_text(struct buf *out, int64_t code, enum lang lang)
{
	static const char *const unknown[LANG_COUNT] = { "unknown", "未知" };
	size_t i, n = 0;
	char text[5];
	int shift;

	for (shift = 24; shift >= 0; shift -= 8) {
		unsigned char c = (unsigned char)(code >> shift & 0xff);

		if (c < 0x80 && (isalnum(c) || c == '-' || c == '_' || c == '.'))
			text[n++] = (char)c;
	}
	text[n] = '\0';
	for (i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++)
		if (strcmp(text, codecs[i].code) == 0) {
			buf_str(out, codecs[i].name);
			return;
		}
	buf_str(out, n > 0 ? text : unknown[lang]);
}

/*
 * colour.c: see colour.h.  What the file does not specify is assumed as
 * browsers do: BT.601 below 720 lines, BT.709 from there.
 */
#include <stdlib.h>
#include <string.h>

#include "media/colour.h"
#include "media/ffprobe.h"

#define HD_LINES 720
#define PEAK_ASSUMED 1000 /* cd/m2; the peak for which most phones and studios grade */

struct code {
	const char *name; /* ffprobe's name */
	int value;	  /* code point of ITU-T H.273 */
};

static const struct code matrices[] = {
	{ "gbr", COLOUR_GBR }, { "bt709", COLOUR_709 },	    { "fcc", 4 },
	{ "bt470bg", 5 },      { "smpte170m", COLOUR_601 }, { "smpte240m", 7 },
	{ "ycgco", 8 },	       { "bt2020nc", COLOUR_2020 }, { "bt2020c", 10 },
	{ "ictcp", 14 },       { NULL, COLOUR_UNKNOWN },
};

static const struct code primaries[] = {
	{ "bt709", COLOUR_709 }, { "bt470m", 4 },    { "bt470bg", 5 },	{ "smpte170m", 6 },
	{ "smpte240m", 7 },	 { "film", 8 },	     { "bt2020", 9 },	{ "smpte428", 10 },
	{ "smpte431", 11 },	 { "smpte432", 12 }, { "ebu3213", 22 }, { NULL, COLOUR_UNKNOWN },
};

/*
 * All other transfer functions are those of cameras, or so close to BT.709 that
 * players show them as BT.709.
 */
static const struct code transfers[] = {
	{ "unknown", COLOUR_UNKNOWN }, { "reserved", COLOUR_UNKNOWN },
	{ "", COLOUR_UNKNOWN },	       { "linear", TRANSFER_LINEAR },
	{ "smpte2084", TRANSFER_PQ },  { "arib-std-b67", TRANSFER_HLG },
	{ NULL, COLOUR_709 },
};

static int
code_of(const struct code *table, const char *name)
{
	while (table->name != NULL && strcmp(table->name, name) != 0)
		table++;
	return table->value;
}

static bool
starts(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* The first list has prefixes of RGB formats, the second parts of formats with alpha. */
static void
read_format(const char *format, struct colours *c)
{
	static const char *const rgb[] = { "rgb",  "bgr",  "gbr",  "argb",  "abgr",
					   "0rgb", "0bgr", "pal8", "x2rgb", "x2bgr" };
	static const char *const alpha[] = { "yuva", "rgba", "bgra", "argb", "abgr", "gbrap",
					     "ya8",  "ya16", "pal8", "vuya", "ayuv" };
	size_t i;

	for (i = 0; i < sizeof(rgb) / sizeof(rgb[0]); i++)
		c->rgb = c->rgb || starts(format, rgb[i]);
	for (i = 0; i < sizeof(alpha) / sizeof(alpha[0]); i++)
		c->alpha = c->alpha || starts(format, alpha[i]);
}

/*
 * HDR that is not marked as such in the stream: derived from the base layer of
 * Dolby Vision (Dolby Vision Streams Within the ISO BMFF), or from the
 * mastering display.
 */
static int
guess_transfer(struct json_object *stream)
{
	struct json_object *dolby = json_side_data(stream, "DOVI configuration record");
	int base = dolby == NULL ? 0 : json_number(dolby, "dv_bl_signal_compatibility_id");

	if (base == 4)
		return TRANSFER_HLG;
	if (base == 1 || base == 6 ||
	    (base == 0 && json_side_data(stream, "Mastering display metadata") != NULL))
		return TRANSFER_PQ;
	return COLOUR_709;
}

static double
read_peak(struct json_object *stream)
{
	struct json_object *light = json_side_data(stream, "Content light level metadata");
	struct json_object *screen = json_side_data(stream, "Mastering display metadata");
	double peak = light == NULL ? 0 : json_number(light, "max_content");

	if (peak <= 0 && screen != NULL)
		peak = json_ratio(screen, "max_luminance", '/');
	return peak >= 100 && peak <= 10000 ? peak : PEAK_ASSUMED;
}

void
colours_read(struct json_object *stream, struct colours *c)
{
	const char *format = json_text(stream, "pix_fmt");
	bool hdr;

	memset(c, 0, sizeof(*c));
	read_format(format, c);
	c->full = c->rgb || json_is(stream, "color_range", "pc") || starts(format, "yuvj");
	c->transfer = code_of(transfers, json_text(stream, "color_transfer"));
	if (c->transfer == COLOUR_UNKNOWN)
		c->transfer = guess_transfer(stream);
	hdr = c->transfer == TRANSFER_PQ || c->transfer == TRANSFER_HLG;
	c->primaries = code_of(primaries, json_text(stream, "color_primaries"));
	c->matrix = c->rgb ? COLOUR_GBR : code_of(matrices, json_text(stream, "color_space"));
	if (c->matrix == COLOUR_GBR && !c->rgb)
		c->matrix = COLOUR_UNKNOWN;
	if (c->primaries == COLOUR_UNKNOWN)
		c->primaries = hdr || c->matrix == COLOUR_2020 ? COLOUR_2020 : COLOUR_709;
	if (c->matrix == COLOUR_UNKNOWN)
		c->matrix = hdr || c->primaries == COLOUR_2020	       ? COLOUR_2020
			    : json_number(stream, "height") < HD_LINES ? COLOUR_601
								       : COLOUR_709;
	c->peak = read_peak(stream);
}

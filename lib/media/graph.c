/* graph.c: see graph.h.  The filters between decoder and encoder. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "media/graph.h"

#define HOLD_MIN 0.1	      /* seconds: a last frame that is shown longer is repeated */
#define HOLD_STEP 1.0	      /* seconds between the repetitions, which are seek points */
#define LAST_SHOWN (1.0 / 30) /* seconds for which the last repetition is shown */
#define FEW_PICTURES 5	      /* fewer frames are shown for a second */
#define WHITE 203	      /* cd/m2 of diffuse white in HDR (ITU-R BT.2408) */

#define TAGS "setsar=1,setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"

static void __attribute__((format(printf, 2, 3))) add(struct buf *out, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	buf_str(out, text);
}

/* Deinterlaces, and times frames from the start of the video; the first frame starts at 0. */
static void
write_times(const struct source *src, struct buf *out)
{
	double start = src->start - src->offset, first = src->picture.first - src->offset;

	if (src->may_interlace)
		add(out, "bwdif=mode=send_field:deint=interlaced,");
	add(out, "settb=1/90000,setpts='if(lt(T,%.6f),0,PTS-(%.6f)/TB)'", first + 0.0005, start);
	if (src->picture.peak_fps > MAX_FPS + 2)
		add(out, ",fps=%d,settb=1/90000", MAX_FPS);
}

/* When and how often the last frame is repeated, so that it stays until the end. */
struct hold {
	double last, until;
	int n;
};

static struct hold
find_hold(const struct source *src)
{
	double end = source_seconds(src);
	struct hold h = { src->picture.last - src->start, end - LAST_SHOWN, 0 };

	if (src->interlaced && src->fps > 0)
		h.last += 0.5 / src->fps; /* the time of its second field */
	if (end - h.last > HOLD_MIN && h.until > h.last)
		h.n = (int)ceil((h.until - h.last) / HOLD_STEP);
	return h;
}

bool
graph_holds(const struct source *src)
{
	return find_hold(src).n > 0;
}

double
graph_last_shown(const struct source *src)
{
	double fps = src->interlaced ? 2 * src->fps : src->fps;

	if (graph_holds(src) || fps <= 0)
		return LAST_SHOWN;
	return 1 / (fps > MAX_FPS ? MAX_FPS : fps);
}

static void
write_hold(const struct source *src, struct buf *out)
{
	struct hold h = find_hold(src);

	if (h.n > 0)
		add(out,
		    ",tpad=stop=%d:stop_mode=clone,setpts='if(lte(T,%.6f),PTS,"
		    "st(0,ld(0)+1);(%.6f+ld(0)*%.9f)/TB)'",
		    h.n, h.last + 0.0005, h.last, (h.until - h.last) / h.n);
}

/* Are the colours BT.709 in limited range already, so that no conversion is needed? */
static bool
is_plain(const struct colours *c)
{
	return c->matrix == COLOUR_709 && c->primaries == COLOUR_709 && c->transfer == COLOUR_709 &&
	       !c->full && !c->rgb && !c->alpha;
}

/*
 * Scales to the size in coded orientation.  A frame whose shape changes midway
 * is fitted in with bars.
 */
static void
write_scale(const struct source *src, int width, int height, struct buf *out)
{
	const struct colours *c = &src->colours;
	bool hdr = c->transfer == TRANSFER_PQ || c->transfer == TRANSFER_HLG;
	char w[160], h[160];
	double shape = (double)src->coded_width / src->coded_height;

	snprintf(w, sizeof(w), "if(lt(abs(iw/ih/%.6f-1),0.02),%d,2*round(min(%d,%d*iw/ih)/2))",
		 shape, width, width, height);
	snprintf(h, sizeof(h), "if(lt(abs(iw/ih/%.6f-1),0.02),%d,2*round(min(%d,%d*ih/iw)/2))",
		 shape, height, height, width);
	if (is_plain(c)) {
		add(out, "scale=w='%s':h='%s'", w, h);
		return;
	}
	add(out, "zscale=w='%s':h='%s':filter=bicubic:min=%d:pin=%d:tin=%d:rin=%s:", w, h,
	    c->matrix, c->primaries, c->transfer, c->full ? "full" : "limited");
	if (hdr)
		/*
		 * Linear light, tone-mapped to the range of SDR above diffuse
		 * white.  Each filter names its input and its output: otherwise
		 * zscale of ffmpeg 7 finds no path if the file does not name its
		 * colours.
		 */
		add(out,
		    "m=gbr:p=%d:t=linear:r=full:npl=%d,format=gbrpf32le,"
		    "zscale=min=gbr:pin=%d:tin=linear:m=gbr:p=709:t=linear,"
		    "tonemap=mobius:param=0.5:desat=0:peak=%.3f,"
		    "zscale=min=gbr:pin=709:tin=linear:rin=full:",
		    c->primaries, WHITE, c->primaries, c->peak / WHITE);
	add(out, "t=709:m=709:p=709:r=limited:dither=ordered");
}

/* Shows transparent pixels as black. */
static void
write_opaque(struct colours *c, struct buf *out)
{
	if (!c->rgb)
		add(out, "zscale=min=%d:pin=1:tin=1:rin=%s:m=gbr:p=1:t=1:r=full,", c->matrix,
		    c->full ? "full" : "limited");
	add(out, "format=gbrap,premultiply=inplace=1,format=gbrp,");
	c->rgb = c->full = true;
	c->alpha = false;
	c->matrix = COLOUR_GBR;
}

/* Converts a source frame to what is served, at most `limit` pixels wide (0: no limit). */
static void
write_picture(const struct source *source, int limit, struct buf *out)
{
	struct source src = *source;
	int width, height, swap;

	source_target(&src, &width, &height);
	if (limit > 0 && width > limit) {
		height = (int)lround((double)height * limit / width / 2) * 2;
		height = height < 2 ? 2 : height;
		width = limit;
	}
	if (src.turn.transpose) {
		swap = width;
		width = height;
		height = swap;
	}
	if (src.colours.alpha)
		write_opaque(&src.colours, out);
	else if (src.colours.rgb)
		add(out, "format=gbrp,");
	else if (src.coded_width % 2 != 0 || src.coded_height % 2 != 0)
		/* zscale needs even sizes for subsampled colours, so convert to 4:4:4 first. */
		add(out, "format=yuv444p|yuv444p10|yuv444p12,");
	write_scale(&src, width, height, out);
	add(out, ",format=yuv420p,pad=%d:%d:(ow-iw)/2:(oh-ih)/2,%s%s%ssidedata=mode=delete," TAGS,
	    width, height, src.turn.transpose ? "transpose=cclock_flip," : "",
	    src.turn.hflip ? "hflip," : "", src.turn.vflip ? "vflip," : "");
}

/* Converts BT.709 to the colours of JPEG (JFIF). */
static void
write_jpeg(struct buf *out)
{
	add(out, ",scale=in_color_matrix=bt709:out_color_matrix=bt601:in_range=tv:out_range=pc:"
		 "flags=accurate_rnd+full_chroma_int,format=yuvj420p");
}

void
graph_write_cover_picture(struct buf *out)
{
	add(out,
	    "format=gbrap,premultiply=inplace=1,format=gbrp,scale=w='min(%d,iw)':h=-2:"
	    "out_color_matrix=bt601:out_range=pc,format=yuvj420p",
	    COVER_WIDTH);
	buf_add(out, "", 1);
}

void
graph_write(const struct source *src, const struct graph *g, struct buf *out)
{
	double step = source_seconds(src) / COVERS;

	add(out, "[0:%d]", src->video);
	write_times(src, out);
	add(out, ",split=%d%s%s%s%s", g->full + g->small + g->covers + (g->moment_ms >= 0),
	    g->full ? "[f]" : "", g->small ? "[s]" : "", g->covers ? "[c]" : "",
	    g->moment_ms >= 0 ? "[m]" : "");
	if (g->full) {
		add(out, ";[f]");
		write_picture(src, 0, out);
		write_hold(src, out);
		add(out, "[video]");
	}
	if (g->small) {
		add(out, ";[s]");
		write_picture(src, SMALL_WIDTH, out);
		write_hold(src, out);
		add(out, "[small]");
	}
	if (g->covers) {
		add(out, ";[c]select='isnan(prev_selected_t)+gte(t-prev_selected_t,%.4f)',",
		    step < 0.25 ? 0.25 : step);
		write_picture(src, COVER_WIDTH, out);
		add(out, ",signalstats,blurdetect,metadata=print:file=frames.txt");
		write_jpeg(out);
		add(out, "[cover]");
	}
	if (g->moment_ms >= 0) {
		add(out, ";[m]select='isnan(prev_selected_t)*gte(t,%.4f)',",
		    (double)g->moment_ms / 1000 - 0.0005);
		write_picture(src, COVER_WIDTH, out);
		write_jpeg(out);
		add(out, "[moment]");
	}
	buf_add(out, "", 1);
}

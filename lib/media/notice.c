/* notice.c: see notice.h. */
#include "media/fourcc.h"
#include "media/notice.h"

struct line {
	const char *word;
	const char *text[LANG_COUNT]; /* $: the codec */
};

static const struct line table[NOTICE_COUNT] = {
	[NOTICE_NONE] = { "", { "", "" } },
	[NOTICE_SOUND_UNREADABLE] = { "sound_unreadable",
				      { "The sound could not be decoded (codec: $): the video "
					"plays without it.",
					"声音无法解码（编码：$），视频将无声播放。" } },
	[NOTICE_FULL_COMING] = { "full_coming",
				 { "The video plays in a small version already; the full one is "
				   "still being made.",
				   "视频的小尺寸版本已可播放，完整版本仍在处理中。" } },
	[NOTICE_FULL_FAILED] = { "full_failed",
				 { "The full version could not be made: the video plays in its "
				   "small version.",
				   "完整版本处理失败，视频以小尺寸版本播放。" } },
};

const char *
notice_word(enum notice n)
{
	return n < NOTICE_COUNT ? table[n].word : "";
}

enum notice
notice_from_word(const char *word)
{
	int n;

	for (n = 0; n < NOTICE_COUNT; n++)
		if (strcmp(table[n].word, word) == 0)
			return (enum notice)n;
	return NOTICE_NONE;
}

void
notice_text(struct buf *out, enum notice n, enum lang lang, int64_t seen)
{
	const char *p = n < NOTICE_COUNT ? table[n].text[lang] : "";

	for (; *p != '\0'; p++) {
		if (*p == '$')
			fourcc_text(out, seen, lang);
		else
			buf_add(out, p, 1);
	}
}

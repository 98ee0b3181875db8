/* reason.c: see reason.h. */
#include "reason.h"

struct line {
	const char *word;
	const char *text[LANG_COUNT]; /* #: the value seen, @: the limit */
};

static const struct line table[REASON_COUNT] = {
	[REASON_NONE] = { "", { "", "" } },
	[REASON_NOT_VIDEO] = { "not_video",
			       { "The file is not a video that we can read.",
				 "文件不是我们能读取的视频。" } },
	[REASON_NO_PICTURE] = { "no_picture",
				{ "The file has no video track.", "文件里没有视频画面。" } },
	[REASON_DAMAGED] = { "damaged",
			     { "The file is damaged or incomplete: please upload it again.",
			       "文件已损坏或不完整，请重新上传。" } },
	[REASON_TOO_LONG] = { "too_long",
			      { "The video lasts # s, at most @ s are allowed.",
				"视频时长 # 秒，最长允许 @ 秒。" } },
	[REASON_TOO_LARGE] = { "too_large",
			       { "The picture is # pixels on its longer side, at most @ are "
				 "allowed.",
				 "画面长边为 # 像素，最多允许 @ 像素。" } },
	[REASON_TOO_SLOW] = { "too_slow",
			      { "Converting the video took longer than the @ s granted for it.",
				"转码耗时超过了 @ 秒的上限。" } },
	[REASON_LOST] = { "lost",
			  { "The uploaded file is gone from the server: please upload it again.",
			    "服务器上的文件已丢失，请重新上传。" } },
	[REASON_DISK_FULL] = { "disk_full",
			       { "The server's disk is full: please try again later.",
				 "服务器磁盘已满，请稍后重试。" } },
	[REASON_INTERNAL] = { "internal",
			      { "The server could not process the video: please try again.",
				"服务器处理视频时出错，请重试。" } },
};

const char *
reason_word(enum reason r)
{
	return r < REASON_COUNT ? table[r].word : "";
}

enum reason
reason_find(const char *word)
{
	int r;

	for (r = 0; r < REASON_COUNT; r++)
		if (strcmp(table[r].word, word) == 0)
			return (enum reason)r;
	return REASON_INTERNAL;
}

void
reason_text(struct buf *out, enum reason r, enum lang lang, int64_t seen, int64_t limit)
{
	const char *p = r < REASON_COUNT ? table[r].text[lang] : "";

	for (; *p != '\0'; p++) {
		if (*p == '#')
			buf_int(out, seen);
		else if (*p == '@')
			buf_int(out, limit);
		else
			buf_add(out, p, 1);
	}
}

/* reason.c: see reason.h. */
#include <stdio.h>

#include "media/fourcc.h"
#include "media/reason.h"

struct line {
	const char *word;
	const char *text[LANG_COUNT]; /* #: the value seen, $: the same as a codec, @: the limit */
};

static const struct line table[REASON_COUNT] = {
	[REASON_NONE] = { "", { "", "" } },
	[REASON_NOT_VIDEO] = { "not_video",
			       { "The file is not a video that we can read.",
				 "文件不是我们能读取的视频。" } },
	[REASON_PHOTO] = { "photo",
			   { "The file is a photo, not a video.", "文件是照片，不是视频。" } },
	[REASON_SOUND_ONLY] = { "sound_only",
				{ "The file has only sound: it is a song or a recording without a "
				  "picture.",
				  "文件只有声音、没有画面，是音频而不是视频。" } },
	[REASON_NO_PICTURE] = { "no_picture",
				{ "The file has no video track.", "文件里没有视频画面。" } },
	[REASON_NO_FRAMES] = { "no_frames",
			       { "The file has a video track, but not a single frame in it.",
				 "文件有视频轨道，但其中没有任何画面。" } },
	[REASON_OTHER_FORMAT] = { "other_format",
				  { "The video is in a file format that this server does not read: "
				    "please convert it to MP4.",
				    "本服务器不支持该视频的文件格式，请转换为 MP4 后再上传。" } },
	[REASON_ENCRYPTED] = { "encrypted",
			       { "The video is encrypted (copy protection): it plays only in the "
				 "app that it comes from.",
				 "视频已加密（版权保护），只能在其来源应用中播放。" } },
	[REASON_UNREADABLE_CODEC] = { "unreadable_codec",
				      { "This server cannot decode the video's picture (codec: "
					"$): please export the video as H.264 or HEVC.",
					"本服务器无法解码视频画面（编码：$），请导出为 H.264 或 "
					"HEVC 后再上传。" } },
	[REASON_DOLBY_VISION] = { "dolby_vision",
				  { "The video is in Dolby Vision (profile 5), whose colours "
				    "cannot be shown right: please turn off HDR or Dolby Vision in "
				    "the camera's settings and record again. On an iPhone: "
				    "Settings "
				    "> Camera > Record Video > HDR Video.",
				    "视频采用杜比视界（Profile "
				    "5），无法正确显示颜色，请在相机设置中关闭 HDR "
				    "或杜比视界后重新拍摄。iPhone：设置 > 相机 > 录制视频 > HDR "
				    "视频。" } },
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
	[REASON_TOO_HEAVY] = { "too_heavy",
			       { "The video has # thousand million pixels in all its pictures, at "
				 "most @ are allowed: please make it shorter or smaller, or use "
				 "fewer pictures a second.",
				 "视频所有画面的像素总和为 # 十亿，最多允许 @ "
				 "十亿，请缩短视频、降低分辨率或帧率。" } },
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
reason_from_word(const char *word)
{
	int r;

	for (r = 0; r < REASON_COUNT; r++)
		if (strcmp(table[r].word, word) == 0)
			return (enum reason)r;
	return REASON_INTERNAL;
}

void
reason_list_final(char list[REASON_LIST_MAX])
{
	size_t n = 0;
	int r;

	for (r = REASON_NONE + 1; r < REASON_COUNT; r++)
		if (!reason_user_may_retry((enum reason)r))
			n += (size_t)snprintf(list + n, REASON_LIST_MAX - n, "%c%s",
					      n == 0 ? '{' : ',', table[r].word);
	snprintf(list + n, REASON_LIST_MAX - n, "}");
}

enum reason
reason_of_container(enum container c)
{
	if (container_is_video(c))
		return REASON_NONE;
	if (container_is_cover(c) || c == CONTAINER_PHOTO)
		return REASON_PHOTO;
	return c == CONTAINER_SOUND   ? REASON_SOUND_ONLY
	       : c == CONTAINER_OTHER ? REASON_OTHER_FORMAT
				      : REASON_NOT_VIDEO;
}

void
reason_text(struct buf *out, enum reason r, enum lang lang, int64_t seen, int64_t limit)
{
	const char *p = r < REASON_COUNT ? table[r].text[lang] : "";

	for (; *p != '\0'; p++) {
		if (*p == '#')
			buf_int(out, seen);
		else if (*p == '$')
			fourcc_text(out, seen, lang);
		else if (*p == '@')
			buf_int(out, limit);
		else
			buf_add(out, p, 1);
	}
}

/* reason.c: sentences for authors, of lib/media/reason.c, lib/media/notice.c and
 * lib/media/fourcc.c. */
#include <string.h>

#include "media/fourcc.h"
#include "media/notice.h"
#include "media/reason.h"
#include "tap.h"

#define CODE(a, b, c, d) ((int64_t)((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d)))

static bool
says(enum reason r, enum lang lang, int64_t seen, int64_t limit, const char *part)
{
	struct buf text = BUF_INIT;
	bool found;

	reason_text(&text, r, lang, seen, limit);
	buf_add(&text, "", 1);
	found = strstr(text.data, part) != NULL;
	buf_release(&text);
	return found;
}

static bool
codec_is(int64_t code, enum lang lang, const char *wanted)
{
	struct buf text = BUF_INIT;
	bool same;

	fourcc_text(&text, code, lang);
	same = text.len == strlen(wanted) && memcmp(text.data, wanted, text.len) == 0;
	buf_release(&text);
	return same;
}

static void
codecs(void)
{
	CHECK(codec_is(CODE('v', 'v', 'c', '1'), LANG_EN, "VVC (H.266)"),
	      "the text names a known codec");
	CHECK(codec_is(CODE('a', 'p', 'v', '1'), LANG_ZH, "APV"), "in Chinese as well");
	CHECK(codec_is(CODE('X', 'y', 'Z', '9'), LANG_EN, "XyZ9"),
	      "the text has the FourCC of a codec without a name");
	CHECK(codec_is(CODE('a', 'b', ' ', 0), LANG_EN, "ab"),
	      "spaces and NULs of a FourCC are left out");
	CHECK(codec_is(CODE('<', '"', 0xff, '\n'), LANG_EN, "unknown"),
	      "unsafe characters of a FourCC are left out");
	CHECK(codec_is(0, LANG_ZH, "未知"), "an unknown codec is called so in Chinese");
	CHECK(codec_is(-1, LANG_EN, "unknown"), "a number that is no FourCC is unknown");
}

/* Does each reason have a text in both languages, and does each word map back? */
static void
complete(void)
{
	int i, bad = 0;

	for (i = 1; i < REASON_COUNT; i++)
		bad += reason_from_word(reason_word((enum reason)i)) != (enum reason)i ||
		       !says((enum reason)i, LANG_EN, 1, 2, ".") ||
		       !says((enum reason)i, LANG_ZH, 1, 2, "。") ||
		       says((enum reason)i, LANG_ZH, 1, 2, "$") ||
		       says((enum reason)i, LANG_EN, 1, 2, "#");
	CHECK(bad == 0, "each reason has a word and two sentences");
	for (i = 1; i < NOTICE_COUNT; i++)
		bad += notice_from_word(notice_word((enum notice)i)) != (enum notice)i;
	CHECK(bad == 0, "each notice has a word");
	CHECK(reason_from_word("of a later version") == REASON_INTERNAL,
	      "an unknown reason has a general text");
	CHECK(notice_from_word("of a later version") == NOTICE_NONE,
	      "an unknown notice has no text");
}

/* The list in the statement agrees with the function. */
static void
finals(void)
{
	char list[REASON_LIST_MAX], word[64];
	int i, bad = 0;

	reason_list_final(list);
	CHECK(list[0] == '{' && list[strlen(list) - 1] == '}',
	      "the list of final reasons is an array");
	list[0] = list[strlen(list) - 1] = ',';
	for (i = 1; i < REASON_COUNT; i++) {
		snprintf(word, sizeof(word), ",%s,", reason_word((enum reason)i));
		bad += (strstr(list, word) == NULL) != reason_user_may_retry((enum reason)i);
	}
	CHECK(bad == 0, "the list has exactly the final reasons");
}

static void
sentences(void)
{
	struct buf text = BUF_INIT;
	int64_t vvc = CODE('v', 'v', 'c', '1');

	CHECK(says(REASON_UNREADABLE_CODEC, LANG_EN, vvc, 0, "(codec: VVC (H.266))"), "VVC");
	CHECK(says(REASON_UNREADABLE_CODEC, LANG_ZH, vvc, 0, "（编码：VVC (H.266)）"),
	      "in Chinese");
	CHECK(says(REASON_TOO_LONG, LANG_EN, 5, 3, "lasts 5 s, at most 3 s"),
	      "numbers in texts stay numbers");
	CHECK(says(REASON_DOLBY_VISION, LANG_EN, 0, 0, "Record Video > HDR Video") &&
		  says(REASON_DOLBY_VISION, LANG_ZH, 0, 0, "HDR 视频"),
	      "the phone's setting is named");
	notice_text(&text, NOTICE_NONE, LANG_EN, 0);
	CHECK(text.len == 0, "no notice is an empty text");
	notice_text(&text, NOTICE_SOUND_UNREADABLE, LANG_EN, CODE('a', 'p', 'a', 'c'));
	buf_add(&text, "", 1);
	CHECK(strstr(text.data, "APAC") != NULL, "a notice names the codec");
	buf_release(&text);
}

static void
decisions(void)
{
	CHECK(reason_of_container(CONTAINER_MPEGTS) == REASON_NONE &&
		  reason_of_container(CONTAINER_GIF) == REASON_NONE,
	      "video containers are rejected as such");
	CHECK(reason_of_container(CONTAINER_JPEG) == REASON_PHOTO &&
		  reason_of_container(CONTAINER_PHOTO) == REASON_PHOTO,
	      "pictures are rejected as photos");
	CHECK(reason_of_container(CONTAINER_SOUND) == REASON_SOUND_ONLY &&
		  reason_of_container(CONTAINER_OTHER) == REASON_OTHER_FORMAT &&
		  reason_of_container(CONTAINER_NONE) == REASON_NOT_VIDEO,
	      "songs, other videos and other files are rejected as such");
	CHECK(!reason_user_may_retry(REASON_PHOTO) && !reason_user_may_retry(REASON_NOT_VIDEO) &&
		  !reason_user_may_retry(REASON_ENCRYPTED) &&
		  !reason_user_may_retry(REASON_DOLBY_VISION),
	      "intact but unsupported files are final");
	CHECK(reason_user_may_retry(REASON_TOO_LONG) && reason_user_may_retry(REASON_INTERNAL) &&
		  reason_user_may_retry(REASON_LOST),
	      "reasons of settings or the server are not final");
	CHECK(reason_is_transient(REASON_DISK_FULL) && !reason_is_transient(REASON_TOO_SLOW),
	      "only temporary reasons are retried automatically");
}

int
main(void)
{
	codecs();
	complete();
	finals();
	sentences();
	decisions();
	return done();
}

/*
 * notice.h: notices for the author of a video that is ready: a word in the
 * database, a sentence for the author.
 */
#ifndef DS_NOTICE_H
#define DS_NOTICE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum notice {
	NOTICE_NONE,
	NOTICE_SOUND_UNREADABLE, /* published without sound; seen: the codec (fourcc.h), or 0 */
	NOTICE_FULL_COMING,	 /* the small rendition plays, the full one is in progress */
	NOTICE_FULL_FAILED,	 /* the small rendition plays, the full one failed */
	NOTICE_COUNT
};

/* The word stored in video.notice. */
const char *notice_word(enum notice n);

/* The notice of a word; NOTICE_NONE for an unknown word. */
enum notice notice_from_word(const char *word);

/* Appends the sentence.  Nothing for NOTICE_NONE. */
void notice_text(struct buf *out, enum notice n, enum lang lang, int64_t seen);

#endif

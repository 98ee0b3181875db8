/*
 * notice.h: what its author should know of a video that has not failed: a word
 * for the database, a sentence for the author.
 */
#ifndef DS_NOTICE_H
#define DS_NOTICE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum notice {
	NOTICE_NONE,
	NOTICE_SOUND_UNREADABLE, /* goes without its sound; seen: the codec (fourcc.h), or 0 */
	NOTICE_FULL_COMING,	 /* the small rendition plays, the full one is being made */
	NOTICE_FULL_FAILED,	 /* the small rendition plays, the full one could not be made */
	NOTICE_COUNT
};

/* The word, as kept in video.notice. */
const char *notice_word(enum notice n);

/* The notice of a word; NOTICE_NONE for one that is not known. */
enum notice notice_from_word(const char *word);

/* Appends the sentence; nothing for NOTICE_NONE. */
void notice_text(struct buf *out, enum notice n, enum lang lang, int64_t seen);

#endif

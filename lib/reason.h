/*
 * reason.h: why a video failed: a word for the database, a sentence for the
 * author.
 */
#ifndef DS_REASON_H
#define DS_REASON_H

#include "buf.h"
#include "err.h"

enum reason {
	REASON_NONE,
	/* Final: the file is the cause. */
	REASON_NOT_VIDEO,
	REASON_NO_PICTURE,
	REASON_DAMAGED,
	REASON_TOO_LONG,  /* seconds seen and allowed */
	REASON_TOO_LARGE, /* pixels of the longer side, seen and allowed */
	REASON_TOO_SLOW,  /* seconds granted */
	REASON_LOST,
	/* May pass. */
	REASON_DISK_FULL,
	REASON_INTERNAL,
	REASON_COUNT,

	/* No failure at all: the attempt was broken off on request. */
	REASON_STOPPED = REASON_COUNT
};

/* The word, as kept in video.reason. */
const char *reason_word(enum reason r);

/* The reason of a word; REASON_INTERNAL for one that is not known. */
enum reason reason_find(const char *word);

/* May it pass by itself, so that another attempt makes sense? */
static inline bool
reason_may_pass(enum reason r)
{
	return r == REASON_DISK_FULL || r == REASON_INTERNAL;
}

/* Appends the sentence, with the value seen and the limit where it has them. */
void reason_text(struct buf *out, enum reason r, enum lang lang, int64_t seen, int64_t limit);

#endif

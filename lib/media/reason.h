/* reason.h: why a video failed: a word in the database, a sentence for the author. */
#ifndef DS_REASON_H
#define DS_REASON_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "files/container.h"

enum reason {
	REASON_NONE,
	/* Permanent: the file may be intact but is of an unsupported kind. */
	REASON_NOT_VIDEO,
	REASON_PHOTO,
	REASON_SOUND_ONLY,
	REASON_NO_PICTURE, /* neither a video track nor sound */
	REASON_NO_FRAMES,  /* a video track without a frame */
	REASON_OTHER_FORMAT,
	REASON_ENCRYPTED,
	REASON_UNREADABLE_CODEC, /* seen: the codec's four characters, see fourcc.h; or 0 */
	REASON_DOLBY_VISION,	 /* profile 5 */
	/* Caused by the file, but may succeed with other settings or programs. */
	REASON_DAMAGED,
	REASON_TOO_LONG,  /* seconds, seen and allowed */
	REASON_TOO_LARGE, /* pixels of the longer side, seen and allowed */
	REASON_TOO_HEAVY, /* gigapixels of all frames, seen and allowed */
	REASON_TOO_SLOW,  /* time limit in seconds */
	REASON_LOST,
	/* Transient. */
	REASON_DISK_FULL,
	REASON_INTERNAL,
	REASON_COUNT,

	/* Not a failure: the attempt was stopped on request. */
	REASON_STOPPED = REASON_COUNT
};

/* The word stored in video.reason. */
const char *reason_word(enum reason r);

/* The reason of a word; REASON_INTERNAL for an unknown word. */
enum reason reason_from_word(const char *word);

/* May it disappear by itself, so that the job is retried? */
static inline bool
reason_is_transient(enum reason r)
{
	return r == REASON_DISK_FULL || r == REASON_INTERNAL;
}

/* Is a retry by the author useful? */
static inline bool
reason_user_may_retry(enum reason r)
{
	return r >= REASON_DAMAGED && r < REASON_COUNT;
}

/* The words of the permanent reasons, as an array of PostgreSQL. */
#define REASON_LIST_MAX 256
void reason_list_final(char list[REASON_LIST_MAX]);

/* Why a file of this type is not converted; REASON_NONE for a supported video. */
enum reason reason_of_container(enum container c);

/* Appends the sentence, with the values seen and allowed if it has them. */
void reason_text(struct buf *out, enum reason r, enum lang lang, int64_t seen, int64_t limit);

#endif

/*
 * room.h: what of the disk uploads may still take.
 *
 * Uploads lie in spool/ before anybody has looked at them.  nginx lets so many
 * arrive at a time, by these numbers, so it is known how much they may still
 * become; others are refused while that would not leave disk_min_mb.
 */
#ifndef DS_ROOM_H
#define DS_ROOM_H

#include "base/conf.h"

#define ROOM_SMALL_BYTES 9999999 /* an upload of at most so many is a small one */

/* Uploads that may be arriving at a time. */
struct room_uploads {
	int64_t large, small;		      /* in all */
	int64_t large_address, small_address; /* of one address */
	int64_t large_strangers,
	    small_strangers; /* in all, of those whose token comes in the body */
};

void room_uploads(const struct conf *conf, struct room_uploads *u);

/*
 * Is there room for what may be arriving, and disk_min_mb besides?  With
 * disk_min_mb = 0 always; also when the disk cannot be asked.
 */
bool room_left(const struct conf *conf);

/*
 * Says to nginx, by a file that is there or not (no disk is too full for that),
 * whether it may keep answers on the disk: what it cannot store it cannot give.
 */
void room_tell(const struct conf *conf);

#endif

/*
 * disk_space.h: what of the disk uploads may still take.
 *
 * Uploads lie in spool/ before anybody has looked at them.  nginx lets so many
 * arrive at a time, by these numbers, so it is known how much they may still
 * become; others are refused while that would not leave disk_min_mb.
 */
#ifndef DS_ROOM_H
#define DS_ROOM_H

#include "base/conf.h"

#define SMALL_UPLOAD_BYTES 9999999 /* an upload of at most so many is a small one */

/* Uploads that may be arriving at a time. */
struct upload_limits {
	int64_t large, small;		      /* in all */
	int64_t large_address, small_address; /* of one address */
	int64_t large_strangers,
	    small_strangers; /* in all, of those whose token comes in the body */
};

void upload_limits(const struct conf *conf, struct upload_limits *u);

/*
 * Is there room for what may be arriving, and disk_min_mb besides?  With
 * disk_min_mb = 0 always; also when the disk cannot be asked.
 */
bool disk_space_sufficient(const struct conf *conf);

/*
 * Says to nginx, by a file that is there or not (no disk is too full for that),
 * whether it may keep answers on the disk: what it cannot store it cannot give.
 */
void disk_space_write_flag(const struct conf *conf);

#endif

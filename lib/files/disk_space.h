/*
 * disk_space.h: how much disk space uploads may still take.
 *
 * nginx writes uploads to spool/ before a worker sees them.  It limits the
 * number of simultaneous uploads by these figures, so the space they may still
 * need is known.  Further uploads are refused if less than disk_min_mb would
 * remain.
 */
#ifndef DS_DISK_SPACE_H
#define DS_DISK_SPACE_H

#include "base/conf.h"

#define SMALL_UPLOAD_BYTES 9999999 /* the largest upload that counts as small */

/* The maximum number of simultaneous uploads. */
struct upload_limits {
	int64_t large, small;			  /* all together */
	int64_t large_address, small_address;	  /* per client address */
	int64_t large_strangers, small_strangers; /* all without a token in query or header */
};

void upload_limits(const struct conf *conf, struct upload_limits *u);

/*
 * Is there space for all uploads that may be in progress, plus disk_min_mb?
 * Always true if disk_min_mb is 0, and if statvfs() fails.
 */
bool disk_space_sufficient(const struct conf *conf);

/*
 * Tells nginx whether it may cache replies on disk, by creating or deleting a
 * file, which works on a full disk too.  nginx cannot send a reply that it
 * fails to store.
 */
void disk_space_write_flag(const struct conf *conf);

#endif

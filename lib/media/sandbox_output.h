/*
 * sandbox_output.h: takes what a program in the sandbox has written out of its folder.
 *
 * That program may have become a stranger's: out/ may hold links to files that
 * only we may read, pipes at which a reader waits for ever, and files that are
 * still being written.  So nothing in out/ is opened by its path or used where
 * it lies; what is wanted is copied out by its name.
 */
#ifndef DS_HARVEST_H
#define DS_HARVEST_H

#include <stdint.h>

#include "base/err.h"
#include "files/container.h"
#include "files/store.h"

/*
 * Copies folder/out/name to folder/got/as, both names without a slash.  Only a
 * file that has no other name and some bytes, at most `most`, and that begins as
 * files of this kind do (CONTAINER_NONE: any).  An older folder/got/as is replaced.
 *
 * 0, or an errno: ENOENT, there is none; EBADMSG, it is not such a file; others
 * are ours.
 */
int sandbox_output_copy(const char *folder, const char *name, const char *as, enum container kind,
			int64_t most) MUST_CHECK;

/*
 * The bytes of all that is in folder/out, and of stdout and stderr beside it;
 * INT64_MAX where there are more files than any of our programs makes, or
 * something else than files.
 */
int64_t sandbox_output_bytes(const char *folder);

#endif

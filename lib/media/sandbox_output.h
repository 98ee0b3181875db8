/*
 * sandbox_output.h: copies the results of a sandboxed program.
 *
 * The program may have been taken over by the file it read: out/ may contain
 * links to files that only we may read, pipes that block a reader, and files
 * that still change.  So nothing in out/ is opened by its path or used in
 * place; the wanted files are copied out by name.
 */
#ifndef DS_SANDBOX_OUTPUT_H
#define DS_SANDBOX_OUTPUT_H

#include <stdint.h>

#include "base/err.h"
#include "files/container.h"
#include "files/store.h"

/*
 * Copies folder/out/name to folder/got/as; both names are without a slash.
 * Accepts only a regular file with one link, not empty, at most `most` bytes,
 * whose first bytes are of this type (CONTAINER_NONE: any).  Replaces an older
 * folder/got/as.
 *
 * Returns 0 or an errno: ENOENT, no such file; EBADMSG, not acceptable; others
 * are failures of ours.
 */
int sandbox_output_copy(const char *folder, const char *name, const char *as, enum container kind,
			int64_t most) MUST_CHECK;

/*
 * The total size of folder/out and of stdout and stderr beside it.  INT64_MAX
 * if out/ has more files than our programs make, or anything but regular files.
 */
int64_t sandbox_output_bytes(const char *folder);

#endif

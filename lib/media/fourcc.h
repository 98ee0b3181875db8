/*
 * fourcc.h: names of codecs by their four-character code.  As a number, the
 * first character is the most significant byte: 'vvc1' is 0x76766331.
 */
#ifndef DS_FOURCC_H
#define DS_FOURCC_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Appends the codec's name, or its code.  The code comes from an untrusted
 * file, so only letters, digits and a few signs are used; if none remains,
 * appends "unknown".
 */
void fourcc_text(struct buf *out, int64_t code, enum lang lang);

#endif

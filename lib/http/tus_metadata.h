/* tus_metadata.h: the header Upload-Metadata of tus: "key base64,key base64,...". */
#ifndef DS_TUS_METADATA_H
#define DS_TUS_METADATA_H

#include "base/arena.h"

/*
 * The decoded value of a key, NUL-terminated, in a; *n is its length unless n
 * is NULL.  NULL if the key is absent or its value is not base64.
 */
char *tus_metadata_get(struct arena *a, const char *list, const char *key, size_t *n);

/* Decodes base64 (RFC 4648, 4) into out[size].  Returns the length; -1: invalid or too long. */
long base64_decode(const char *text, size_t n, unsigned char *out, size_t size);

#endif

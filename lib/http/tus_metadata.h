/* tus_metadata.h: tus's Upload-Metadata: "key base64,key base64,...". */
#ifndef DS_METADATA_H
#define DS_METADATA_H

#include "base/arena.h"

/*
 * The decoded value of a key in a, with a NUL behind it (*n: its length, if n
 * is not NULL); NULL if the list does not have it or it is not base64.
 */
char *tus_metadata_get(struct arena *a, const char *list, const char *key, size_t *n);

/* Decodes base64 (RFC 4648, 4): length of what is in out[size], -1 if it is none or too long. */
long base64_decode(const char *text, size_t n, unsigned char *out, size_t size);

#endif

/* tus_checksum.h: tus's Upload-Checksum: "sha1 base64". */
#ifndef DS_CHECKSUM_H
#define DS_CHECKSUM_H

enum checksum { CHECKSUM_GOOD, CHECKSUM_BAD, CHECKSUM_UNKNOWN };

/*
 * Does the header fit the file, read from its start to its end?  Unknown: an
 * algorithm other than sha1, sha256 and md5, or no base64.
 */
enum checksum tus_checksum_verify(int fd, const char *header);

#endif

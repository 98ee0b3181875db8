/* tus_checksum.h: the header Upload-Checksum of tus: "sha1 base64". */
#ifndef DS_TUS_CHECKSUM_H
#define DS_TUS_CHECKSUM_H

enum checksum { CHECKSUM_GOOD, CHECKSUM_BAD, CHECKSUM_UNKNOWN };

/*
 * Does the checksum match the whole file? CHECKSUM_UNKNOWN: an algorithm other
 * than sha1, sha256 and md5, or invalid base64.
 */
enum checksum tus_checksum_verify(int fd, const char *header);

#endif

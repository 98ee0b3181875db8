/*
 * store.h: the folders that videos pass through: spool (nginx) -> upload
 * (accepted) -> work (being transcoded) -> media (served).  All lie on one
 * file system, so every step is a rename.
 */
#ifndef DS_STORE_H
#define DS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "err.h"
#include "multipart.h"

#define STORE_NAME_MAX 64
#define STORE_PATH_MAX (CONF_TEXT_MAX + STORE_NAME_MAX + 16)

/* What kind of file this is, by its first bytes. */
enum container {
	CONTAINER_NONE,
	CONTAINER_MP4,	    /* ISO base media and QuickTime: mp4, mov, m4v, 3gp */
	CONTAINER_MATROSKA, /* WebM and Matroska */
};

/* Looks at the first bytes of a file: n may be small. */
enum container store_sniff(const unsigned char *head, size_t n);

/*
 * Moves a spooled body into upload/ under a new name, flushed to the disk if
 * the settings say so.  name is what the job row refers to.
 */
enum err store_accept(const struct conf *conf, const char *spooled, int fd,
		      char name[STORE_NAME_MAX]) MUST_CHECK;

/* Takes an accepted upload away again (best effort). */
void store_forget(const struct conf *conf, const char *name);

/* The path of an accepted upload. */
void store_upload_path(const struct conf *conf, const char *name, char out[STORE_PATH_MAX]);

/*
 * Puts a finished file into media/, named by its SHA-256: "ab/abcd….mp4" into
 * name.  A file stored twice is one file.
 */
enum err store_publish(const struct conf *conf, const char *path, const char *suffix,
		       char name[STORE_NAME_MAX + 16]) MUST_CHECK;

#endif

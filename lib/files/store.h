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
#include <sys/types.h>

#include "base/conf.h"
#include "base/err.h"

#define STORE_NAME_MAX 64
#define STORE_PATH_MAX (CONF_TEXT_MAX + STORE_NAME_MAX + 16)

/* A new random name for a file below upload/. */
enum err store_new_upload_name(char name[STORE_NAME_MAX]) MUST_CHECK;

/* What an errno of writing means to the caller: ERR_DISK_FULL or ERR_INTERNAL. */
enum err store_errno_to_err(int error) MUST_CHECK;

/*
 * Moves a spooled body into upload/ under a new name, flushed to the disk if
 * the settings say so.  name is what the job row refers to.
 */
enum err store_accept_upload(const struct conf *conf, const char *spooled, int fd,
			     char name[STORE_NAME_MAX]) MUST_CHECK;

/*
 * Makes the empty file of an upload in pieces; if the settings say so, its name
 * survives a power cut, as its data will.  *fd is the caller's, also on failure,
 * or -1.  ERR_DISK_FULL, ERR_INTERNAL.
 */
enum err store_create_upload(const struct conf *conf, const char *name, int *fd) MUST_CHECK;

/* Takes an accepted upload away again; false, said in the log: it is still there. */
bool store_delete_upload(const struct conf *conf, const char *name);

/*
 * Keeps the video of it, length bytes at offset, as original/NUMBER instead;
 * what else the request's body held (the author's token) goes.  Best effort:
 * the upload goes in any case.
 */
void store_keep_original(const struct conf *conf, const char *name, int64_t offset, int64_t length,
			 int64_t video);

/* Takes what was kept of a video away (best effort). */
void store_delete_original(const struct conf *conf, int64_t video);

/*
 * Copies n bytes at offset to the end of out.  0, or an errno; ENODATA: there
 * are not so many.
 */
int store_copy(int in, off64_t offset, int64_t n, int out) MUST_CHECK;

/* The path of an accepted upload. */
void store_upload_path(const struct conf *conf, const char *name, char out[STORE_PATH_MAX]);

/*
 * The folder in which an attempt at a video works: each has its own, since one
 * that has lost its job may not know it yet.
 */
void store_work_path(const struct conf *conf, int64_t video, int64_t attempt,
		     char out[STORE_PATH_MAX]);

/* Removes a file, or a folder with all that is in it; false, said in the log: it is still there. */
bool store_remove_tree(const char *path);

/*
 * The name that a finished file gets below media/, by its SHA-256:
 * "ab/abcd….mp4".  The file is flushed to the disk.
 */
enum err store_content_name(const char *path, const char *suffix,
			    char name[STORE_NAME_MAX]) MUST_CHECK;

/* Puts it there, by rename.  A file stored twice is one file. */
enum err store_publish(const struct conf *conf, const char *path, const char *name) MUST_CHECK;

/*
 * Removing a file below media/ in two steps, since a video with the same
 * content may be published at this very moment: it is moved aside, and then,
 * when the database has said whether it is in use, put back or removed.  What
 * fails is said in the log.  (A file that is not there is set aside and removed
 * with success.)
 */
bool store_quarantine(const struct conf *conf, const char *name);
void store_quarantine_restore(const struct conf *conf, const char *name);
bool store_quarantine_delete(const struct conf *conf, const char *name);

/* Puts back all that a process which died has left aside. */
void store_quarantine_restore_all(const struct conf *conf);

/* Does the file exist below media/? */
bool store_media_exists(const struct conf *conf, const char *name);

#endif

/*
 * store.h: the folders that a video passes through: spool (nginx) -> upload
 * (accepted) -> work (being transcoded) -> media (served).  All are on one file
 * system, so each step is a rename().
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

/* Makes a random name for a file below upload/. */
enum err store_new_upload_name(char name[STORE_NAME_MAX]) MUST_CHECK;

/* Maps the errno of a failed write to ERR_DISK_FULL (also for a quota) or ERR_INTERNAL. */
enum err store_errno_to_err(int error) MUST_CHECK;

/*
 * Moves a spooled body to upload/ under a new name, which the job row refers
 * to.  With upload_sync it is flushed to disk.  ERR_DISK_FULL, ERR_INTERNAL.
 */
enum err store_accept_upload(const struct conf *conf, const char *spooled, int fd,
			     char name[STORE_NAME_MAX]) MUST_CHECK;

/*
 * Creates the empty file of a resumable upload; with upload_sync its name is
 * flushed to disk. *fd belongs to the caller, also on failure; -1: not open.
 * ERR_DISK_FULL, ERR_INTERNAL.
 */
enum err store_create_upload(const struct conf *conf, const char *name, int *fd) MUST_CHECK;

/* Deletes an upload.  False, logged: it still exists. */
bool store_delete_upload(const struct conf *conf, const char *name);

/*
 * Keeps the video (length bytes at offset of the upload) as original/NUMBER and
 * deletes the upload with the rest of the request body, such as the author's
 * token.  Failures are logged; the upload is deleted in any case.
 */
void store_keep_original(const struct conf *conf, const char *name, int64_t offset, int64_t length,
			 int64_t video);

/* Deletes the original of a video.  Logs failures. */
void store_delete_original(const struct conf *conf, int64_t video);

/*
 * Copies n bytes at offset to the end of out.  Returns 0 or an errno; ENODATA:
 * the file is shorter.
 */
int store_copy(int in, off64_t offset, int64_t n, int out) MUST_CHECK;

/* The path of an upload. */
void store_upload_path(const struct conf *conf, const char *name, char out[STORE_PATH_MAX]);

/*
 * The folder of one attempt to transcode a video.  Each attempt has its own,
 * because a process that has lost its job may still be writing.
 */
void store_work_path(const struct conf *conf, int64_t video, int64_t attempt,
		     char out[STORE_PATH_MAX]);

/* Removes a file or a folder with its content.  False, logged: it still exists. */
bool store_remove_tree(const char *path);

/*
 * The name of a finished file below media/, made of its SHA-256:
 * "ab/abcd….mp4".  Also flushes the file to disk.
 */
enum err store_content_name(const char *path, const char *suffix,
			    char name[STORE_NAME_MAX]) MUST_CHECK;

/* Moves a finished file to media/ by rename().  The same content stored twice is one file. */
enum err store_publish(const struct conf *conf, const char *path, const char *name) MUST_CHECK;

/*
 * Deletes a file below media/ in two steps, because a video with the same
 * content may be published at the same time: quarantine it, ask the database
 * whether it is used, then delete or restore it.  Logs failures.  A missing
 * file counts as success.
 */
bool store_quarantine(const struct conf *conf, const char *name);
void store_quarantine_restore(const struct conf *conf, const char *name);
bool store_quarantine_delete(const struct conf *conf, const char *name);

/* Restores all files that a process left in quarantine when it died. */
void store_quarantine_restore_all(const struct conf *conf);

/* Does the file exist below media/? */
bool store_media_exists(const struct conf *conf, const char *name);

#endif

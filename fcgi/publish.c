/* publish.c: upload, list.  Routes: routes.c.  SQL: sql/publish.sql, sql/video.sql. */
#include <fcntl.h>
#include <unistd.h>

#include "handlers.h"
#include "page.h"
#include "store.h"
#include "videos.h"

/* Is the file part something that we could play?  Its first bytes tell. */
static enum err
check_file(const struct value *file, int fd)
{
	unsigned char head[12];
	ssize_t n;

	if (file->size == 0)
		return ERR_FILE_EMPTY;
	n = pread(fd, head, sizeof(head), file->offset);
	if (n > file->size)
		n = (ssize_t)file->size;
	return n > 0 && store_sniff(head, (size_t)n) != CONTAINER_NONE ? ERR_OK : ERR_FILE_TYPE;
}

/* The video and its job become known together. */
static enum err
enqueue(struct req *r, const struct value *file, const char *name)
{
	db_result *res = NULL;
	enum err e;

	e = db_query(r->db, STMT_PUBLISH_ADD, &res, db_int(r->viewer), req_text(r, P_TITLE),
		     db_text(name, strlen(name)), db_int(file->offset), db_int(file->size));
	db_clear(res);
	if (e == ERR_OK)
		cache_drop(r->cache, KEY_USER_CARD, &r->viewer, 1);
	return e;
}

/*
 * POST /douyin/publish/action/
 *
 * The body lies in a file that nginx wrote.  It is moved, not copied: the job
 * takes the video out of it.  If the database's answer is lost, the file
 * stays: the row may have been written.
 */
enum err
publish_act(struct req *r, struct reply *out)
{
	const struct value *file = &r->values[P_DATA];
	char name[STORE_NAME_MAX];
	int fd = open(r->body_file, O_RDONLY | O_CLOEXEC);
	enum err e;

	(void)out; /* the base object is the whole reply */
	if (fd < 0)
		return ERR_INTERNAL;
	if ((e = check_file(file, fd)) == ERR_OK &&
	    (e = store_accept(r->conf, r->body_file, fd, name)) == ERR_OK &&
	    (e = enqueue(r, file, name)) == ERR_INTERNAL)
		store_forget(r->conf, name);
	close(fd);
	return e;
}

/* GET /douyin/publish/list/ */
enum err
publish_list(struct req *r, struct reply *out)
{
	db_result *res = NULL;
	int64_t owner;
	enum err e;

	if ((e = page_owner(r, &owner)) != ERR_OK)
		return e;
	e = db_query(r->db, STMT_PUBLISH_LIST, &res, db_int(owner), db_int(r->viewer),
		     page_before(r), page_fetch(r));
	if (e != ERR_OK)
		return e;
	e = videos_write(r, res, page_shown(r, res), out);
	page_end(r, res, out);
	db_clear(res);
	return e;
}

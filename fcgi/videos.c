/* videos.c: see videos.h.  SQL: sql/video.sql. */
#include <string.h>

#include "card.h"
#include "reason.h"
#include "videos.h"

struct columns {
	int id, author_id, title, state, play_file, cover_file, small_file;
	int favorite_count, comment_count, is_favorite, is_follow;
};

static struct columns
columns_of(const db_result *res)
{
	return (struct columns){
		.id = db_column(res, "id"),
		.author_id = db_column(res, "author_id"),
		.title = db_column(res, "title"),
		.state = db_column(res, "state"),
		.play_file = db_column(res, "play_file"),
		.cover_file = db_column(res, "cover_file"),
		.small_file = db_column(res, "small_file"),
		.favorite_count = db_column(res, "favorite_count"),
		.comment_count = db_column(res, "comment_count"),
		.is_favorite = db_column(res, "is_favorite"),
		.is_follow = db_column(res, "is_follow"),
	};
}

/* The URL of a media file, or of the picture that stands for it until it is there. */
static void
write_file(struct buf *b, const char *key, const char *base, const char *file, const char *instead)
{
	json_key(b, key);
	buf_str(b, "\"");
	buf_str(b, base);
	buf_str(b, file[0] == '\0' ? instead : "/media/");
	json_escape(b, file, strlen(file));
	buf_str(b, "\"");
}

/* How far it has come, and why it failed. */
static void
write_state(struct req *r, struct buf *b, const db_result *res, int row, const char *state)
{
	struct buf text = BUF_INIT;

	json_cstr(b, "status", state);
	json_int(b, "progress",
		 strcmp(state, "ready") == 0 ? 100
					     : db_get_int(res, row, db_column(res, "progress")));
	if (strcmp(state, "failed") == 0)
		reason_text(&text,
			    reason_find(db_get_text(res, row, db_column(res, "reason"), NULL)),
			    r->lang, db_get_int(res, row, db_column(res, "reason_seen")),
			    db_get_int(res, row, db_column(res, "reason_limit")));
	json_str(b, "reason", text.len > 0 ? text.data : "", text.len);
	buf_release(&text);
}

static void
write_video(struct buf *b, const db_result *res, int row, const struct columns *c,
	    const struct cards *authors, const char *base)
{
	const char *play = db_get_text(res, row, c->play_file, NULL);
	const char *small = db_get_text(res, row, c->small_file, NULL), *title;
	size_t n;

	json_int(b, "id", db_get_int(res, row, c->id));
	json_open(b, "author", '{');
	card_write(b, cards_find(authors, db_get_int(res, row, c->author_id)), base,
		   db_get_bool(res, row, c->is_follow));
	json_close(b, '}');
	write_file(b, "play_url", base, play, "/static/processing.mp4");
	write_file(b, "play_url_small", base, small[0] == '\0' ? play : small,
		   "/static/processing.mp4");
	write_file(b, "cover_url", base, db_get_text(res, row, c->cover_file, NULL),
		   "/static/cover.png");
	json_int(b, "favorite_count", db_get_int(res, row, c->favorite_count));
	json_int(b, "comment_count", db_get_int(res, row, c->comment_count));
	json_boolean(b, "is_favorite", db_get_bool(res, row, c->is_favorite));
	title = db_get_text(res, row, c->title, &n);
	json_str(b, "title", title, n);
}

static enum err
write_list(struct req *r, const db_result *res, int n, bool own, struct reply *out)
{
	struct columns c = columns_of(res);
	int64_t *ids = arena_alloc(r->arena, (size_t)n * sizeof(*ids));
	const char *base = req_base_url(r);
	struct cards authors;
	enum err e;
	int row;

	if (ids == NULL || base == NULL)
		return ERR_INTERNAL;
	for (row = 0; row < n; row++)
		ids[row] = db_get_int(res, row, c.author_id);
	if ((e = cards_load(r, ids, (size_t)n, &authors)) != ERR_OK)
		return e;
	json_open(&out->body, "video_list", '[');
	for (row = 0; row < n; row++) {
		json_open(&out->body, NULL, '{');
		write_video(&out->body, res, row, &c, &authors, base);
		if (own)
			write_state(r, &out->body, res, row, db_get_text(res, row, c.state, NULL));
		json_close(&out->body, '}');
	}
	json_close(&out->body, ']');
	return ERR_OK;
}

enum err
videos_write(struct req *r, const db_result *res, int n, struct reply *out)
{
	return write_list(r, res, n, false, out);
}

enum err
videos_write_own(struct req *r, const db_result *res, int n, struct reply *out)
{
	return write_list(r, res, n, true, out);
}

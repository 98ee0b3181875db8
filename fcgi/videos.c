/* videos.c: see videos.h.  SQL: sql/video.sql. */
#include <stdlib.h>
#include <string.h>

#include "media/notice.h"
#include "media/reason.h"
#include "model/fragment.h"
#include "model/viewer_set.h"
#include "videos.h"

struct video_ref *
videos_refs(struct req *r, const db_result *res, int n)
{
	struct video_ref *refs = arena_alloc(r->arena, (size_t)n * sizeof(*refs) + 1);
	int id = db_column(res, "id"), author = db_column(res, "author_id");
	int key = db_column(res, "key"), row;

	for (row = 0; refs != NULL && row < n; row++)
		refs[row] =
		    (struct video_ref){ db_get_int(res, row, id), db_get_int(res, row, author),
					db_get_int(res, row, key) };
	return refs;
}

/* The URL of a media file, or of a placeholder until the file exists. */
static void
write_file(struct buf *b, const char *key, const char *file, const char *instead)
{
	static const char mark = URL_BASE_MARK;

	json_key(b, key);
	buf_str(b, "\"");
	buf_add(b, &mark, 1);
	buf_str(b, file[0] == '\0' ? instead : "/media/");
	json_escape(b, file, strlen(file));
	buf_str(b, "\"");
}

enum { ID, AUTHOR, STATE, TITLE, PLAY, SMALL, COVER, FAVORITES, COMMENTS };

#define BY "\"by\":" /* start of a fragment */

static const char *const columns_of_video[] = {
	[ID] = "id",
	[AUTHOR] = "author_id",
	[STATE] = "state",
	[TITLE] = "title",
	[PLAY] = "play_file",
	[SMALL] = "small_file",
	[COVER] = "cover_file",
	[FAVORITES] = "favorite_count",
	[COMMENTS] = "comment_count",
	NULL,
};

static void
write_fragment(struct buf *b, const db_result *res, int row, const int *c, const struct conf *conf)
{
	const char *play = db_get_text(res, row, c[PLAY], NULL);
	const char *small = db_get_text(res, row, c[SMALL], NULL), *title;
	size_t n;

	(void)conf;
	json_int(b, "by",
		 strcmp(db_get_text(res, row, c[STATE], NULL), "ready") == 0
		     ? db_get_int(res, row, c[AUTHOR])
		     : 0);
	write_file(b, "play_url", play, "/static/processing.mp4");
	write_file(b, "play_url_small", small[0] == '\0' ? play : small, "/static/processing.mp4");
	write_file(b, "cover_url", db_get_text(res, row, c[COVER], NULL), "/static/cover.png");
	json_int(b, "favorite_count", db_get_int(res, row, c[FAVORITES]));
	json_int(b, "comment_count", db_get_int(res, row, c[COMMENTS]));
	title = db_get_text(res, row, c[TITLE], &n);
	json_str(b, "title", title, n);
}

static const struct fragment_type video_fragment = { STMT_VIDEO_CARDS, columns_of_video,
						     write_fragment };

/* The parts of a list of n videos. */
struct parts {
	struct user_fragments authors;
	struct cache_item *videos;     /* fragments, in the order of the list */
	int64_t *author_ids;	       /* of each video */
	bool *is_favorite, *is_follow; /* of each video, and of its author */
};

/*
 * The author named by a fragment; *shown points behind it.  -1: a worker of an
 * older version wrote the fragment without.
 */
static int64_t
fragment_author(const struct cache_item *card, const char **shown)
{
	char *end;
	int64_t by;

	*shown = card->data;
	if (strncmp(card->data, BY, strlen(BY)) != 0)
		return -1;
	by = strtoll(card->data + strlen(BY), &end, 10);
	*shown = *end == ',' ? end + 1 : end;
	return by;
}

/* Treats fragments that name no author as not cached. */
static void
discard_without_author(struct cache_item *videos, size_t n)
{
	const char *shown;
	size_t i;

	for (i = 0; i < n; i++)
		if (videos[i].data != NULL && fragment_author(&videos[i], &shown) < 0)
			videos[i].data = NULL;
}

/* Fetches the authors named by fragments; drops fragments that not everybody may see. */
static enum err
load_authors(struct req *r, struct parts *p, int64_t *authors, size_t n)
{
	int64_t *named = arena_alloc(r->arena, n * sizeof(*named) + 1);
	const char *shown;
	size_t i, count = 0;
	enum err e;

	if (named == NULL)
		return ERR_INTERNAL;
	for (i = 0; i < n; i++) {
		authors[i] = p->videos[i].data == NULL ? 0 : fragment_author(&p->videos[i], &shown);
		if (authors[i] == 0)
			p->videos[i].data = NULL;
		else
			named[count++] = authors[i];
	}
	if ((e = user_fragments_collect(r, named, count, 0, &p->authors)) != ERR_OK)
		return e;
	cache_get(r->cache, r->arena, p->authors.items, p->authors.n);
	return ERR_OK;
}

/*
 * Fetches all parts: one round trip if they are cached, two if the authors are
 * unknown.
 */
static enum err
load_parts(struct req *r, const struct video_ref *refs, size_t n, struct parts *p)
{
	bool authors_unknown = n > 0 && refs[0].author_id == 0;
	int64_t *ids = arena_alloc(r->arena, n * sizeof(*ids) + 1);
	struct cache_item *likes, *follows;
	size_t i;
	enum err e;

	p->author_ids = arena_alloc(r->arena, n * sizeof(*ids) + 1);
	if (ids == NULL || p->author_ids == NULL)
		return ERR_INTERNAL;
	for (i = 0; i < n; i++) {
		ids[i] = refs[i].id;
		p->author_ids[i] = refs[i].author_id;
	}
	if ((e = user_fragments_collect(r, p->author_ids, authors_unknown ? 0 : n, n + 2,
					&p->authors)) != ERR_OK)
		return e;
	p->videos = p->authors.items + p->authors.n;
	for (i = 0; i < n; i++)
		p->videos[i] = (struct cache_item){ .key = key_of(KEY_VIDEO_FRAGMENT, ids[i]) };
	likes = p->videos + n;
	follows = likes + 1;
	*likes = viewer_set_likes(r);
	*follows = viewer_set_follows(r);
	if (n > 0)
		cache_get(r->cache, r->arena, p->authors.items,
			  p->authors.n + n + (r->viewer == 0 ? 0 : 2));
	if (authors_unknown)
		discard_without_author(p->videos, n);
	if ((e = fragments_load(r, &video_fragment, p->videos, n)) != ERR_OK ||
	    (authors_unknown && (e = load_authors(r, p, p->author_ids, n)) != ERR_OK) ||
	    (e = user_fragments_load(r, p->authors.items, p->authors.n)) != ERR_OK ||
	    (e = viewer_set_contains(r, likes, ids, n, &p->is_favorite)) != ERR_OK)
		return e;
	return viewer_set_contains(r, follows, p->author_ids, n, &p->is_follow);
}

/* Why the video failed, as a sentence for its author. */
static void
write_reason(struct req *r, struct buf *b, const db_result *res, int row)
{
	enum reason why = reason_from_word(db_get_text(res, row, db_column(res, "reason"), NULL));
	struct buf text = BUF_INIT;

	reason_text(&text, why, r->lang, db_get_int(res, row, db_column(res, "reason_seen")),
		    db_get_int(res, row, db_column(res, "reason_limit")));
	json_str(b, "reason", text.len > 0 ? text.data : "", text.len);
	json_boolean(b, "can_retry",
		     reason_user_may_retry(why) && db_get_bool(res, row, db_column(res, "kept")));
	buf_release(&text);
}

/* Notices for the author of a video that has not failed: at most two sentences. */
static void
write_notice(struct req *r, struct buf *b, const db_result *res, int row, bool coming)
{
	enum notice n = notice_from_word(db_get_text(res, row, db_column(res, "notice"), NULL));
	struct buf text = BUF_INIT;

	if (coming)
		notice_text(&text, NOTICE_FULL_COMING, r->lang, 0);
	if (coming && n != NOTICE_NONE && r->lang == LANG_EN)
		buf_str(&text, " ");
	notice_text(&text, n, r->lang, db_get_int(res, row, db_column(res, "notice_seen")));
	json_str(b, "notice", text.len > 0 ? text.data : "", text.len);
	buf_release(&text);
}

/* Members that only the author sees: progress, reason of a failure, notice. */
static void
write_state(struct req *r, struct buf *b, const db_result *res, int row)
{
	const char *state = db_get_text(res, row, db_column(res, "state"), NULL);
	bool failed = strcmp(state, "failed") == 0, ready = strcmp(state, "ready") == 0;
	bool coming = db_get_bool(res, row, db_column(res, "full_coming"));

	json_cstr(b, "status", state);
	json_int(b, "progress", ready ? 100 : db_get_int(res, row, db_column(res, "progress")));
	if (failed) {
		write_reason(r, b, res, row);
		json_cstr(b, "notice", "");
	} else {
		json_cstr(b, "reason", "");
		json_boolean(b, "can_retry", false);
		write_notice(r, b, res, row, coming);
	}
	json_boolean(b, "full_coming", coming);
}

enum err
videos_write(struct req *r, const struct video_ref *refs, size_t n, const db_result *own,
	     struct reply *out)
{
	const char *base = req_base_url(r);
	struct buf *b = &out->body;
	const char *shown;
	struct parts p;
	size_t i;
	enum err e;

	if (base == NULL || refs == NULL)
		return ERR_INTERNAL;
	if ((e = load_parts(r, refs, n, &p)) != ERR_OK)
		return e;
	json_open(b, "video_list", '[');
	for (i = 0; i < n; i++) {
		if (p.videos[i].data == NULL)
			continue;
		json_open(b, NULL, '{');
		json_int(b, "id", refs[i].id);
		json_open(b, "author", '{');
		user_fragment_write(b, user_fragments_find(&p.authors, p.author_ids[i]), base,
				    p.is_follow[i]);
		json_close(b, '}');
		buf_str(b, ",");
		fragment_author(&p.videos[i], &shown);
		fragment_expand(b, shown, p.videos[i].len - (size_t)(shown - p.videos[i].data),
				base);
		json_boolean(b, "is_favorite", p.is_favorite[i]);
		if (own != NULL)
			write_state(r, b, own, (int)i);
		json_close(b, '}');
	}
	json_close(b, ']');
	return ERR_OK;
}

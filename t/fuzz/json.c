/*
 * json.c: the JSON writer of replies.  The input selects the functions to call;
 * json-c builds the same.  The text must be strict JSON in UTF-8 and equal to
 * json-c's.
 */
#include <json-c/json.h>

#include "../lib/json_flags.h"
#include "base/buf.h"
#include "base/text.h"
#include "fuzz.h"
#include "http/reply.h"
#include "model/fragment.h"

#define DEPTH 20

static struct json_object *
parse(const char *text, size_t n)
{
	struct json_tokener *t = json_tokener_new();
	struct json_object *json;
	size_t i;

	/* RFC 8259, 7; json-c lets some of them pass. */
	for (i = 0; i < n; i++)
		CLAIM((unsigned char)text[i] >= 0x20);
	json_tokener_set_flags(t, json_flags());
	json = json_tokener_parse_ex(t, text, (int)n);
	CLAIM(json_tokener_get_error(t) == json_tokener_success);
	CLAIM(json_tokener_get_parse_end(t) == n);
	json_tokener_free(t);
	return json;
}

struct writer {
	struct buf buf;
	struct json_object *open[DEPTH];
	int depth, keys;
};

/* A key that the object does not have yet, or NULL in an array. */
static const char *
new_key(struct writer *w, char out[16])
{
	if (json_object_is_type(w->open[w->depth], json_type_array))
		return NULL;
	snprintf(out, 16, "k%d", w->keys++);
	return out;
}

static void
put(struct writer *w, const char *key, struct json_object *value)
{
	if (key == NULL)
		json_object_array_add(w->open[w->depth], value);
	else
		json_object_object_add(w->open[w->depth], key, value);
}

static void
enter(struct writer *w, const char *key, bool array)
{
	struct json_object *child = array ? json_object_new_array() : json_object_new_object();

	json_open(&w->buf, key, array ? '[' : '{');
	put(w, key, child);
	w->open[++w->depth] = child;
}

static void
leave(struct writer *w)
{
	bool array = json_object_is_type(w->open[w->depth--], json_type_array);

	json_close(&w->buf, array ? ']' : '}');
}

static void
string(struct writer *w, const char *key, struct input *in)
{
	size_t n = take_byte(in);
	char *text;

	n = n < in->n ? n : in->n;
	text = exact(in->p, n);
	in->p += n;
	in->n -= n;
	if (text_length(text, n) >= 0) {
		json_str(&w->buf, key, text, n);
		put(w, key, json_object_new_string_len(text, (int)n));
	} else {
		json_boolean(&w->buf, key, false);
		put(w, key, json_object_new_boolean(0));
	}
	free(text);
}

static void
number(struct writer *w, const char *key, struct input *in)
{
	int64_t value = 0;
	size_t n = in->n < sizeof(value) ? in->n : sizeof(value);

	memcpy(&value, in->p, n);
	in->p += n;
	in->n -= n;
	json_int(&w->buf, key, value);
	put(w, key, json_object_new_int64(value));
}

static void
step(struct writer *w, struct input *in)
{
	unsigned what = take_byte(in) % 6;
	char room[16];
	const char *key;

	if (what == 0 && w->depth > 0) {
		leave(w);
		return;
	}
	key = new_key(w, room);
	if (what <= 2 && w->depth < DEPTH - 1)
		enter(w, key, what == 1);
	else if (what == 3)
		number(w, key, in);
	else if (what == 4)
		string(w, key, in);
	else {
		json_boolean(&w->buf, key, true);
		put(w, key, json_object_new_boolean(1));
	}
}

/* An error that names arbitrary input. */
static void
failure(const char *text, size_t n, unsigned which)
{
	struct reply reply = { .body = BUF_INIT, .headers = BUF_INIT };
	char *detail = exact_text(text, n);
	enum err e = (enum err)(1 + which % (ERR_COUNT - 1));
	struct json_object *json, *msg;

	if (text_length(detail, strlen(detail)) >= 0) {
		reply_fail(&reply, e, which & 0x80 ? LANG_ZH : LANG_EN, detail,
			   which & 0x40 ? "\"list\":[]" : "");
		json = parse(reply.body.data, reply.body.len);
		CLAIM(json_object_get_int(json_object_object_get(json, "status_code")) ==
		      err_info(e)->code);
		msg = json_object_object_get(json, "status_msg");
		if (strstr(err_info(e)->text[which & 0x80 ? LANG_ZH : LANG_EN], "%s") != NULL)
			CLAIM(strstr(json_object_get_string(msg), detail) != NULL);
		CLAIM((json_object_object_get(json, "list") != NULL) == ((which & 0x40) != 0));
		json_object_put(json);
	}
	free(detail);
	reply_release(&reply);
}

/* The placeholders of a fragment are filled, and nothing else. */
static void
holes(const char *text, size_t n)
{
	struct buf out = BUF_INIT;
	char *card = exact(text, n);
	size_t i, at = 0;

	fragment_expand(&out, card, n, "http://h");
	for (i = 0; i < n; i++) {
		if (card[i] != URL_BASE_MARK) {
			CLAIM(out.data[at++] == card[i]);
			continue;
		}
		CLAIM(out.len - at >= 8 && memcmp(out.data + at, "http://h", 8) == 0);
		at += 8;
	}
	CLAIM(at == out.len);
	free(card);
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	struct writer w = { .buf = BUF_INIT };
	struct json_object *json;

	failure(in.p, in.n, size > 0 ? data[size - 1] : 0);
	holes(in.p, in.n);
	w.open[0] = json_object_new_object();
	json_open(&w.buf, NULL, '{');
	while (in.n > 0)
		step(&w, &in);
	while (w.depth > 0)
		leave(&w);
	json_close(&w.buf, '}');
	CLAIM(!buf_failed(&w.buf));
	json = parse(w.buf.data, w.buf.len);
	CLAIM(json_object_equal(json, w.open[0]));
	json_object_put(json);
	json_object_put(w.open[0]);
	buf_release(&w.buf);
	return 0;
}

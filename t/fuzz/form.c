/* form.c: the query and form reader against the standard's own steps (WHATWG URL, 5.1). */
#include "base/text.h"
#include "fuzz.h"
#include "http/req.h"

struct wanted {
	char *text;
	size_t len;
};

/* Splits at &, then at =, then decodes; the first value of a name counts. */
static void
reference(const char *text, size_t n, struct wanted want[P_END])
{
	struct input in = { text, n };

	while (in.n > 0) {
		const char *pair = in.p, *amp = memchr(in.p, '&', in.n), *equals;
		size_t len = amp == NULL ? in.n : (size_t)(amp - pair), name_len;
		enum param_id id;
		char *name;

		in.p += amp == NULL ? len : len + 1;
		in.n -= amp == NULL ? len : len + 1;
		if (len == 0)
			continue;
		equals = memchr(pair, '=', len);
		name_len = equals == NULL ? len : (size_t)(equals - pair);
		name = exact(pair, name_len);
		id = param_find(name, text_form_decode(name, name_len));
		free(name);
		if (id == P_NONE || want[id].text != NULL)
			continue;
		want[id].len = equals == NULL ? 0 : len - name_len - 1;
		want[id].text = exact(equals == NULL ? "" : equals + 1, want[id].len);
		want[id].len = text_form_decode(want[id].text, want[id].len);
	}
}

static void
compare(const struct req *r, const struct wanted want[P_END])
{
	int i;

	for (i = P_NONE + 1; i < P_END; i++) {
		const struct value *v = &r->values[i];

		CLAIM((v->text == NULL) == (want[i].text == NULL));
		if (v->text == NULL)
			continue;
		CLAIM(v->len == want[i].len && memcmp(v->text, want[i].text, v->len) == 0);
		CLAIM(v->text[v->len] == '\0');
	}
}

/* Written as a form again it says the same. */
static void
round_trip(struct req *r, const struct wanted want[P_END])
{
	struct buf form = BUF_INIT;
	char escape[4];
	size_t k;
	int i;

	for (i = P_NONE + 1; i < P_END; i++) {
		if (want[i].text == NULL)
			continue;
		buf_str(&form, form.len > 0 ? "&" : "");
		buf_str(&form, param_name((enum param_id)i));
		buf_str(&form, "=");
		for (k = 0; k < want[i].len; k++) {
			snprintf(escape, sizeof(escape), "%%%02x", (unsigned char)want[i].text[k]);
			buf_str(&form, escape);
		}
	}
	memset(r->values, 0, sizeof(r->values));
	if (form.len > 0)
		CLAIM(req_take_form(r, form.data, form.len) == ERR_OK);
	compare(r, want);
	buf_release(&form);
}

/* Half in the query, half in the body: what the query said stays. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT;
	struct req r = { .arena = &arena };
	struct wanted want[P_END] = { { NULL, 0 } };
	struct input in = { (const char *)data, size };
	size_t n;
	const char *line = take_line(&in, &n);
	char *query = exact(line, n), *body = exact(in.p, in.n);
	int i;

	CLAIM(req_take_form(&r, query, n) == ERR_OK);
	CLAIM(req_take_form(&r, body, in.n) == ERR_OK);
	reference(query, n, want);
	reference(body, in.n, want);
	compare(&r, want);
	round_trip(&r, want);
	for (i = 0; i < P_END; i++)
		free(want[i].text);
	free(query);
	free(body);
	arena_release(&arena);
	return 0;
}

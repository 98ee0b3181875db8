/* req.c: see req.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/user_text.h"
#include "http/req.h"

#define MAX_PART_TEXT 8192

void
req_begin(struct req *r, char *const *env)
{
	static const char *const names[] = {
		"REQUEST_METHOD=",    "DOCUMENT_URI=",	 "QUERY_STRING=",
		"CONTENT_TYPE=",      "REQUEST_SCHEME=", "HTTP_HOST=",
		"REQUEST_BODY_FILE=", "CONTENT_LENGTH=", "HTTP_ACCEPT_LANGUAGE="
	};
	const char *found[sizeof(names) / sizeof(names[0])];
	char *const *p;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		found[i] = "";
	for (p = env; *p != NULL; p++)
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (strncmp(*p, names[i], strlen(names[i])) == 0)
				found[i] = *p + strlen(names[i]);
	r->env = env;
	r->rest = "";
	r->method = found[0];
	r->path = found[1];
	r->query = found[2];
	r->content_type = found[3];
	r->scheme = found[4];
	r->host = found[5];
	r->body_file = found[6];
	if (!text_int(found[7], strlen(found[7]), &r->content_length))
		r->content_length = 0;
	r->lang = err_language(found[8], r->conf->language[0] == 'z' ? LANG_ZH : LANG_EN);
	r->viewer = 0;
	r->detail = NULL;
	memset(r->values, 0, sizeof(r->values));
	memset(&r->prefetch, 0, sizeof(r->prefetch));
	memset(&r->limit, 0, sizeof(r->limit));
}

enum err
req_take_form(struct req *r, const char *text, size_t n)
{
	const char *end = text + n;

	while (text < end) {
		const char *amp = memchr(text, '&', (size_t)(end - text));
		size_t pair = (size_t)((amp == NULL ? end : amp) - text);
		const char *equals = memchr(text, '=', pair);
		size_t len = equals == NULL ? pair : (size_t)(equals - text);
		enum param_id id;
		char *name, *value;

		if ((name = arena_copy(r->arena, text, len)) == NULL)
			return ERR_INTERNAL;
		id = param_find(name, text_form_decode(name, len));
		if (id != P_NONE && !req_has(r, id)) {
			len = equals == NULL ? 0 : pair - len - 1;
			value = arena_copy(r->arena, equals == NULL ? "" : equals + 1, len);
			if (value == NULL)
				return ERR_INTERNAL;
			r->values[id].len = text_form_decode(value, len);
			value[r->values[id].len] = '\0';
			r->values[id].text = value;
		}
		text += pair + 1;
	}
	return ERR_OK;
}

/* Takes a part: of a file its range, of anything else a copy. */
static enum err
take_part(struct req *r, const struct body *b, const struct part *part)
{
	enum param_id id = param_find(part->name, part->name_len);
	struct value *v = &r->values[id];

	if (id == P_DATA || id == P_COVER) {
		if (v->text != NULL)
			return req_error_detail(r, ERR_MULTIPART, "two parts named %s",
						param_name(id));
		*v = (struct value){ "", 0, 0, part->offset, part->len };
		return ERR_OK;
	}
	if (id == P_NONE || req_has(r, id))
		return ERR_OK;
	if (part->len > MAX_PART_TEXT)
		return req_error_param(r, ERR_PARAM_LENGTH, id);
	v->len = (size_t)part->len;
	v->text = body_copy(b, r->arena, part->offset, v->len);
	return v->text == NULL ? ERR_INTERNAL : ERR_OK;
}

enum err
req_take_multipart(struct req *r, const struct body *b)
{
	struct part parts[MULTIPART_MAX_PARTS];
	const char *boundary;
	size_t n = multipart_boundary(r->content_type, &boundary);
	int count, i;
	enum err e;

	r->values[P_DATA].text = r->values[P_COVER].text = NULL; /* a query cannot contain a file */
	if (n == 0) {
		r->detail = "no boundary in its Content-Type";
		return ERR_MULTIPART;
	}
	e = multipart_parse(b, r->arena, boundary, n, parts, &count, &r->detail);
	for (i = 0; e == ERR_OK && i < count; i++)
		e = take_part(r, b, &parts[i]);
	return e;
}

enum err
req_error_param(struct req *r, enum err e, enum param_id id)
{
	r->detail = param_name(id);
	return e;
}

enum err
req_error_detail(struct req *r, enum err e, const char *format, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	r->detail = arena_copy(r->arena, text, strlen(text));
	return e;
}

enum err
req_error_rate(struct req *r, int64_t seconds)
{
	return req_error_detail(r, ERR_RATE, "%lld", (long long)seconds);
}

const char *
req_header(const struct req *r, const char *name)
{
	return env_value(r->env, name);
}

const char *
req_bearer(const struct req *r)
{
	const char *text = req_header(r, "HTTP_AUTHORIZATION");

	return strncasecmp(text, "Bearer ", 7) == 0 ? text + 7 : NULL;
}

enum err
req_require(struct req *r, enum param_id id)
{
	return req_has(r, id) ? ERR_OK : req_error_param(r, ERR_PARAM_MISSING, id);
}

static enum err
check_int(struct req *r, const struct param *p, struct value *v)
{
	if (text_int(v->text, v->len, &v->number)) {
		if (v->number >= p->min && v->number <= p->max)
			return ERR_OK;
		if (p->type == PARAM_INT)
			return req_error_param(r, ERR_PARAM_RANGE, p->id);
	} else if (p->type == PARAM_INT) {
		return req_error_param(r, ERR_PARAM_INVALID, p->id);
	}
	v->text = NULL;
	return ERR_OK;
}

static enum err
check_text(struct req *r, const struct param *p, const struct value *v)
{
	int64_t n = text_length(v->text, v->len);

	if (n < 0)
		return req_error_param(r, ERR_PARAM_TEXT, p->id);
	if (n < p->min || n > p->max)
		return req_error_param(r, ERR_PARAM_LENGTH, p->id);
	return ERR_OK;
}

/* A text without a visible character counts as absent. */
static enum err
check_writing(struct req *r, const struct param *p, struct value *v)
{
	enum err e = user_text_check((enum user_text)p->min, v->text, v->len);

	if (e == ERR_PARAM_MISSING) {
		v->text = NULL;
		return p->required ? req_require(r, p->id) : ERR_OK;
	}
	return e == ERR_OK ? ERR_OK : req_error_param(r, e, p->id);
}

enum err
req_check(struct req *r, const struct param *p)
{
	struct value *v = &r->values[p->id];

	/* An empty value counts as absent: clients send optional parameters like that. */
	if (v->text != NULL && v->len == 0 && p->type != PARAM_FILE)
		v->text = NULL;
	if (v->text == NULL)
		return p->required ? req_require(r, p->id) : ERR_OK;
	switch (p->type) {
	case PARAM_INT:
	case PARAM_LENIENT:
		return check_int(r, p, v);
	case PARAM_TEXT:
		return check_text(r, p, v);
	case PARAM_USER_TEXT:
		return check_writing(r, p, v);
	case PARAM_FILE:
		/* A file must come from a multipart body that nginx has stored in a file. */
		if (r->body_file[0] != '\0' && multipart_is(r->content_type))
			return ERR_OK;
		v->text = NULL;
		return p->required ? req_require(r, p->id) : ERR_OK;
	}
	return ERR_INTERNAL;
}

/* Is the Host header, which is untrusted, plain enough for a URL? */
static bool
sane_host(const char *host)
{
	size_t n = strlen(host);

	return n > 0 && n <= 255 &&
	       strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			    ".:-_[]") == n;
}

const char *
req_base_url(const struct req *r)
{
	char url[300];
	int n;

	if (r->conf->base_url[0] != '\0')
		return r->conf->base_url;
	if (!sane_host(r->host))
		return "";
	n = snprintf(url, sizeof(url), "%s://%s",
		     strcmp(r->scheme, "https") == 0 ? "https" : "http", r->host);
	return arena_copy(r->arena, url, (size_t)n);
}

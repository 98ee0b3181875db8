/* dispatch.c: see dispatch.h. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "dispatch.h"
#include "model/token_version.h"
#include "routes.h"

/* Anything but multipart is read as a form, whatever its Content-Type. */
static enum err
parse_body(struct req *r, const struct body *b)
{
	char *text;

	if (multipart_is(r->content_type))
		return req_take_multipart(r, b);
	if (b->len > r->conf->body_max_kb * 1024)
		return ERR_OK; /* an upload that is not multipart: its parameters are missing */
	text = body_copy(b, r->arena, 0, (size_t)b->len);
	return text == NULL ? ERR_INTERNAL : req_take_form(r, text, (size_t)b->len);
}

/* A body that nginx has stored in a file. */
static enum err
read_body_file(struct req *r)
{
	struct body b = { NULL, open(r->body_file, O_RDONLY | O_CLOEXEC), 0 };
	struct stat st;
	enum err e = ERR_INTERNAL;

	if (b.fd < 0)
		return ERR_INTERNAL;
	if (fstat(b.fd, &st) == 0) {
		b.len = st.st_size;
		e = parse_body(r, &b);
	}
	close(b.fd);
	return e;
}

static void
skip_body(body_reader *reader, void *from)
{
	char rest[4096];

	while (reader(from, rest, sizeof(rest)) == sizeof(rest))
		;
}

/* A body in the FastCGI stream.  It is always read to its end. */
static enum err
read_body_stream(struct req *r, body_reader *reader, void *from)
{
	int64_t max = r->conf->body_max_kb * 1024;
	struct body b = { NULL, -1, 0 };
	char *text = NULL;

	if (r->content_length > 0 && r->content_length <= max)
		text = arena_alloc(r->arena, (size_t)r->content_length);
	if (text == NULL) {
		skip_body(reader, from);
		if (r->content_length > max)
			return req_error_detail(r, ERR_TOO_LARGE, "%lld KB", (long long)max / 1024);
		return r->content_length <= 0 ? ERR_OK : ERR_INTERNAL;
	}
	b.mem = text;
	b.len = (int64_t)reader(from, text, (size_t)r->content_length);
	return parse_body(r, &b);
}

/* Verifies the token and sets r->viewer; its version is checked later. */
static enum err
read_token(struct req *r, enum access access)
{
	const struct value *token = &r->values[P_TOKEN];
	struct auth_claim claim = { 0, 0, 0 };
	const char *bearer = req_bearer(r);

	if (access == ACCESS_OPEN)
		return ERR_OK;
	if (token->text != NULL)
		claim = auth_verify(r->auth, token->text, token->len, time(NULL));
	else if (bearer != NULL)
		claim = auth_verify(r->auth, bearer, strlen(bearer), time(NULL));
	r->viewer = claim.user;
	r->token_version = claim.version;
	r->device = claim.device;
	return r->viewer == 0 && access == ACCESS_LOGIN ? ERR_UNAUTHENTICATED : ERR_OK;
}

/*
 * Fetches the token's version and the handler's prefetch in one round trip.  A
 * token of a deleted user or with a revoked version is invalid.
 */
static enum err
check_viewer(struct req *r, const struct route *route)
{
	struct cache_item session = { .key = key_of(KEY_NONE, 0) }, items[3];
	struct cache_item *const wanted[3] = { &session, &r->prefetch.item, &r->prefetch.set };
	bool in_force = true;
	size_t n = 0, i;
	enum err e;

	if (route->prefetch != NULL)
		route->prefetch(r);
	if (r->viewer != 0)
		session = token_version_item(r->viewer);
	for (i = 0; i < 3; i++)
		if (wanted[i]->key.kind != KEY_NONE)
			items[n++] = *wanted[i];
	if (route_counts(route) && r->conf->rate_write > 0)
		r->limit = (struct rate_limit){ .key = key_of(KEY_USER_WRITES, r->viewer),
						.per_minute = r->conf->rate_write };
	cache_get_and_rate_limit(r->cache, r->arena, items, n, &r->limit);
	for (i = 3; i-- > 0;)
		if (wanted[i]->key.kind != KEY_NONE)
			*wanted[i] = items[--n];
	if (r->viewer != 0 && (e = token_version_check(r, &session, &in_force)) != ERR_OK)
		return e;
	if (in_force)
		return ERR_OK;
	r->viewer = 0;
	timing_set_viewer(r->timing, 0);
	return route->access == ACCESS_LOGIN ? ERR_UNAUTHENTICATED : ERR_OK;
}

static enum err
check_params(struct req *r, const struct route *route)
{
	enum err e = ERR_OK;
	int i;

	for (i = 0; e == ERR_OK && i < ROUTE_MAX_PARAMS && route->params[i].id != P_NONE; i++)
		e = req_check(r, &route->params[i]);
	return e;
}

static enum err
refuse_method(struct req *r, const struct route *route, struct reply *out)
{
	struct buf methods = BUF_INIT;
	enum err e = ERR_INTERNAL;

	route_methods(route, &methods);
	buf_add(&methods, "", 1);
	if (!buf_failed(&methods)) {
		reply_header(out, "Allow", methods.data);
		e = req_error_detail(r, ERR_METHOD, "%s", methods.data);
	}
	buf_release(&methods);
	return e;
}

static enum err
handle_request(struct req *r, const struct route *route, enum err body, struct reply *out)
{
	enum err e;

	if (route == NULL)
		return ERR_NOT_FOUND;
	if (!route_answers(route, r->method))
		return refuse_method(r, route, out);
	if (body != ERR_OK)
		return body;
	if ((e = read_token(r, route->access)) != ERR_OK)
		return e;
	timing_set_viewer(r->timing, r->viewer);
	if ((e = check_params(r, route)) != ERR_OK)
		return e;
	if (route->access != ACCESS_OPEN && (e = check_viewer(r, route)) != ERR_OK)
		return e;
	if (r->limit.wait > 0)
		return req_error_rate(r, r->limit.wait);
	return route->handle(r, out);
}

/*
 * Reads parameters from query and body.  A body in the stream is read in any case,
 * because the connection is reused.
 */
static enum err
read_params(struct req *r, const struct route *route, body_reader *reader, void *from)
{
	enum err e = req_take_form(r, r->query, strlen(r->query)), body = ERR_OK;

	if (r->body_file[0] == '\0')
		body = read_body_stream(r, reader, from);
	else if (e == ERR_OK && (route == NULL || route->protocol == PROTO_JSON))
		body = read_body_file(r);
	return e == ERR_OK ? body : e;
}

/*
 * tus allows a header to override the method, for clients that have only GET and
 * POST.  A word that nginx would not accept as a method becomes empty, so that it
 * does not reach logs and traces.
 */
static const struct route *
override_method(struct req *r, const struct route *route)
{
	const char *method = req_header(r, "HTTP_X_HTTP_METHOD_OVERRIDE");

	if (route->protocol != PROTO_TUS || method[0] == '\0')
		return route;
	r->method = method[strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-")] == '\0' ? method : "";
	return route_find(r->path, r->method, &r->rest);
}

/* Headers of every tus reply, also of failures. */
static void
tus_headers(struct reply *out)
{
	reply_header(out, "Tus-Resumable", TUS_VERSION);
	reply_header(out, "Cache-Control", "no-store");
}

/* tus reports failures by HTTP status, so errors of the JSON API with 200 get another. */
static void
tus_failure(struct reply *out, enum err e)
{
	if (out->http == 200)
		out->http = e == ERR_UNAUTHENTICATED ? 401 : 400;
	if (out->http == 401) /* RFC 9110, 11.6.1 */
		reply_header(out, "WWW-Authenticate", "Bearer realm=\"dousheng\"");
}

void
dispatch(struct req *r, char *const *env, body_reader *reader, void *from, struct reply *out)
{
	const struct route *route;
	enum err body, e;
	bool tus;

	req_begin(r, env);
	route = route_find(r->path, r->method, &r->rest);
	if (route != NULL)
		route = override_method(r, route);
	tus = route != NULL && route->protocol == PROTO_TUS;
	timing_set_route(r->timing, env, r->method, route == NULL ? "" : route->path,
			 route == NULL ? METRICS_ROUTES - 1 : (unsigned int)(route - routes));
	reply_begin(out, r->lang);
	if (tus)
		tus_headers(out);
	body = read_params(r, route, reader, from);
	e = handle_request(r, route, body, out);
	if (e == ERR_OK && (buf_failed(&out->body) || buf_failed(&out->headers)))
		e = ERR_INTERNAL;
	if (e == ERR_OK && !out->no_body && out->type == NULL)
		reply_end(out);
	if (e == ERR_OK && !buf_failed(&out->body))
		return;
	if (e == ERR_RATE)
		reply_header(out, "Retry-After", r->detail);
	reply_fail(out, e == ERR_OK ? ERR_INTERNAL : e, r->lang, r->detail,
		   route == NULL ? "" : route->reply->empty);
	if (tus)
		tus_failure(out, e);
}

/* admit.c: checks an upload before nginx reads its body.  Route: routes.def. */
#include <string.h>
#include <time.h>

#include "files/disk_space.h"
#include "handlers.h"

/* A missing token is not a bad one: it may come in the body. */
static bool
has_bad_token(const struct req *r)
{
	const struct value *token = &r->values[P_TOKEN];
	const char *bearer = req_bearer(r);
	time_t now = time(NULL);

	if (token->text != NULL && token->len > 0)
		return auth_verify(r->auth, token->text, token->len, now).user == 0;
	return bearer != NULL && auth_verify(r->auth, bearer, strlen(bearer), now).user == 0;
}

/*
 * GET /admit/
 *
 * nginx's auth_request before the body of an upload: 204 accepts it; 401: the
 * token in the query or header is invalid; 403: not enough disk space.  Cheap,
 * because anybody can cause it: it uses neither the database nor Redis, so a
 * revoked token is detected only after the upload.
 */
enum err
admit(struct req *r, struct reply *out)
{
	reply_status_only(out, !disk_space_sufficient(r->conf) ? 403
			       : has_bad_token(r)	       ? 401
							       : 204);
	return ERR_OK;
}

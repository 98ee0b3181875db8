/* admit.c: may an upload arrive?  Route: routes.c. */
#include <string.h>
#include <time.h>

#include "files/disk_space.h"
#include "handlers.h"

/* A token that nobody gave is looked for in the body, when that is there. */
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
 * nginx asks before it takes the body of an upload: 204, it may come; 401, the
 * token in the query or header is none; 403, the disk has no room.  It must be
 * cheap, since a stranger causes it: neither the database nor Redis is asked, and
 * whether a token was taken back is seen when the upload is there.
 */
enum err
admit(struct req *r, struct reply *out)
{
	reply_status_only(out, !disk_space_sufficient(r->conf) ? 403
			       : has_bad_token(r)	       ? 401
							       : 204);
	return ERR_OK;
}

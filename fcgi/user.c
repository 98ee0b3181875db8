/* user.c: register, log in and out, change the password, show.  Routes: routes.def.  SQL:
 * sql/user.sql. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/user_text.h"
#include "data/login_delay.h"
#include "handlers.h"
#include "model/fragment.h"
#include "model/viewer_set.h"
#include "obs/log.h"
#include "page.h"

/* Writes user_id and a new token. */
static enum err
write_login(const struct req *r, struct auth_claim claim, struct reply *out)
{
	char token[AUTH_TOKEN_MAX];
	enum err e;

	e = auth_sign(r->auth, claim, time(NULL), r->conf->token_days, token);
	if (e != ERR_OK)
		return e;
	json_int(&out->body, "user_id", claim.user);
	json_cstr(&out->body, "token", token);
	return ERR_OK;
}

/* Claims of a new token, from a row with columns id and token_version. */
static struct auth_claim
new_claim(const db_result *res)
{
	return (struct auth_claim){ db_get_int(res, 0, db_column(res, "id")),
				    db_get_int(res, 0, db_column(res, "token_version")), 0 };
}

static struct db_arg
form_arg(const char *form)
{
	return db_text(form, strlen(form));
}

/* Checked before the password is hashed, which is expensive. */
static enum err
check_name_free(struct req *r, const struct name_forms *forms)
{
	db_result *res = NULL;
	enum err e;

	e = db_query(r->db, STMT_USER_NAME_TAKEN, &res, req_text(r, P_USERNAME),
		     form_arg(forms->folded), form_arg(forms->looks));
	if (e == ERR_OK && db_get_bool(res, 0, db_column(res, "taken")))
		e = ERR_NAME_TAKEN;
	db_clear(res);
	return e;
}

/* The forms by which the name of the request is compared. */
static enum err
compute_forms(struct req *r, struct name_forms *forms)
{
	const struct value *name = &r->values[P_USERNAME];
	enum err e = name_forms(name->text, name->len, forms);

	return e == ERR_PARAM_LENGTH ? req_error_param(r, e, P_USERNAME) : e;
}

/* Counts only new accounts; nginx limits attempts, which are cheap to refuse. */
static enum err
check_registration_rate(struct req *r)
{
	struct rate_limit limit = { .per_minute = r->conf->rate_register };

	if (limit.per_minute == 0)
		return ERR_OK;
	limit.key = key_address(KEY_ADDRESS_REGISTRATIONS, req_header(r, "REMOTE_ADDR"));
	cache_rate_limit(r->cache, &limit);
	return limit.wait > 0 ? req_error_rate(r, limit.wait) : ERR_OK;
}

/* POST /douyin/user/register/ */
enum err
user_register(struct req *r, struct reply *out)
{
	struct name_forms forms;
	char hash[AUTH_HASH_SIZE];
	db_result *res = NULL;
	enum err e;

	if ((e = compute_forms(r, &forms)) != ERR_OK ||
	    (e = check_name_free(r, &forms)) != ERR_OK ||
	    (e = check_registration_rate(r)) != ERR_OK)
		return e;
	if ((e = auth_hash_password(r->values[P_PASSWORD].text, hash)) != ERR_OK)
		return e;
	e = db_query(r->db, STMT_USER_ADD, &res, req_text(r, P_USERNAME),
		     db_text(hash, strlen(hash)), form_arg(forms.folded), form_arg(forms.looks));
	if (e != ERR_OK)
		return e;
	if (db_rows(res) == 0)
		e = ERR_NAME_TAKEN; /* taken by a concurrent request */
	else
		e = write_login(r, new_claim(res), out);
	db_clear(res);
	return e;
}

/* For tools such as fail2ban that block addresses.  Only a hash of the name is logged. */
static void
log_failed_login(const struct req *r, const struct login_attempt *attempt, const char *result)
{
	struct log_line line;
	char name[24];

	if (!log_enabled(LOG_LEVEL_INFO))
		return;
	snprintf(name, sizeof(name), "%016llx", (unsigned long long)attempt->name);
	log_begin(&line, LOG_LEVEL_INFO, "login failed");
	log_str(&line, "address", req_header(r, "REMOTE_ADDR"));
	log_str(&line, "name_hash", name);
	log_str(&line, "result", result);
	log_end(&line);
}

/*
 * Verifies the password against the stored hash (NULL: no such account), throttled
 * by name and address.  ERR_RATE, before hashing, while attempts are delayed;
 * `otherwise` for a wrong password.  kind and who name what is attacked.
 */
static enum err
verify_throttled(struct req *r, char kind, const char *who, const char *stored, enum err otherwise)
{
	struct login_attempt attempt;
	char text[NAME_FORM_MAX + 1];
	int64_t wait;

	snprintf(text, sizeof(text), "%c%s", kind, who);
	wait = login_delay_begin(&attempt, r->cache, text, req_header(r, "REMOTE_ADDR"),
				 r->conf->login_delay_s);
	if (wait > 0) {
		log_failed_login(r, &attempt, "delayed");
		return req_error_rate(r, wait);
	}
	if (auth_check_password(r->values[P_PASSWORD].text, stored)) {
		login_delay_passed(&attempt, r->cache);
		return ERR_OK;
	}
	if (errno == ENOMEM)
		return ERR_INTERNAL;
	login_delay_failed(&attempt, r->cache);
	log_failed_login(r, &attempt, "wrong");
	return otherwise;
}

/*
 * POST /douyin/user/login/
 *
 * An unknown name is verified against a dummy hash and counted like others: same
 * reply, same time, so names cannot be probed.  Spellings of a name that fold to
 * the same form share a counter.
 */
enum err
user_login(struct req *r, struct reply *out)
{
	const char *stored = NULL;
	struct name_forms forms;
	db_result *res = NULL;
	enum err e;

	if ((e = compute_forms(r, &forms)) != ERR_OK)
		return e;
	e = db_query(r->db, STMT_USER_LOGIN, &res, req_text(r, P_USERNAME), form_arg(forms.folded));
	if (e != ERR_OK)
		return e;
	if (db_rows(res) == 1)
		stored = db_get_text(res, 0, db_column(res, "password"), NULL);
	e = verify_throttled(r, 'n', forms.folded, stored, ERR_BAD_CREDENTIALS);
	if (e == ERR_OK)
		e = write_login(r, new_claim(res), out);
	db_clear(res);
	return e;
}

/*
 * Call after the commit that incremented the viewer's token version: invalidates
 * the cached one.  No row: a concurrent request was first.
 */
static enum err
invalidate_tokens(struct req *r, const db_result *res)
{
	const struct key tokens = key_of(KEY_USER_TOKENS, r->viewer);

	if (db_rows(res) == 0)
		return ERR_UNAUTHENTICATED;
	cache_invalidate(r->cache, &tokens, 1);
	return ERR_OK;
}

/* POST /douyin/user/logout/ */
enum err
user_logout(struct req *r, struct reply *out)
{
	db_result *res = NULL;
	enum err e;

	(void)out;
	e = db_query(r->db, STMT_USER_LOGOUT, &res, db_int(r->viewer), db_int(r->token_version));
	if (e == ERR_OK)
		e = invalidate_tokens(r, res);
	db_clear(res);
	return e;
}

/* Verifies the viewer's password.  Counted apart from logins, which anybody can make fail. */
static enum err
verify_own_password(struct req *r)
{
	db_result *res = NULL;
	char id[24];
	enum err e;

	snprintf(id, sizeof(id), "%lld", (long long)r->viewer);

	e = db_query(r->db, STMT_USER_PASSWORD, &res, db_int(r->viewer));
	if (e == ERR_OK && db_rows(res) == 0)
		e = ERR_UNAUTHENTICATED; /* the account was deleted meanwhile */
	else if (e == ERR_OK)
		e = verify_throttled(r, 'u', id,
				     db_get_text(res, 0, db_column(res, "password"), NULL),
				     ERR_BAD_PASSWORD);
	db_clear(res);
	return e;
}

/*
 * POST /douyin/user/password/
 *
 * Revokes all tokens; the caller gets a new one.
 */
enum err
user_password(struct req *r, struct reply *out)
{
	char hash[AUTH_HASH_SIZE];
	struct auth_claim claim = { r->viewer, 0, r->device };
	db_result *res = NULL;
	enum err e;

	if ((e = verify_own_password(r)) != ERR_OK ||
	    (e = auth_hash_password(r->values[P_NEW_PASSWORD].text, hash)) != ERR_OK)
		return e;
	e = db_query(r->db, STMT_USER_PASSWORD_SET, &res, db_int(r->viewer),
		     db_int(r->token_version), db_text(hash, strlen(hash)));
	if (e == ERR_OK)
		e = invalidate_tokens(r, res);
	if (e == ERR_OK) {
		claim.version = db_get_int(res, 0, db_column(res, "token_version"));
		e = write_login(r, claim, out);
	}
	db_clear(res);
	return e;
}

/* The user shown, and whom the viewer follows. */
void
user_prefetch(struct req *r)
{
	int64_t user = page_owner(r);

	if (user != 0)
		r->prefetch.item = user_fragment_item(user);
	if (r->viewer != 0 && r->viewer != user)
		r->prefetch.set = viewer_set_follows(r);
}

/* GET /douyin/user/ */
enum err
user_show(struct req *r, struct reply *out)
{
	const char *base = req_base_url(r);
	struct cache_item *card = &r->prefetch.item;
	bool nobody = false, *is_follow = &nobody; /* of oneself: false */
	int64_t user = page_owner(r);
	enum err e;

	if (base == NULL)
		return ERR_INTERNAL;
	if (user == 0)
		return req_error_param(r, ERR_PARAM_MISSING, P_USER_ID);
	if ((e = user_fragments_load(r, card, 1)) != ERR_OK)
		return e;
	if (user != r->viewer &&
	    (e = viewer_set_contains(r, &r->prefetch.set, &user, 1, &is_follow)) != ERR_OK)
		return e;
	if (card->data == NULL)
		return req_error_param(r, ERR_USER_UNKNOWN, P_USER_ID);
	json_open(&out->body, "user", '{');
	user_fragment_write(&out->body, card, base, *is_follow);
	json_close(&out->body, '}');
	return ERR_OK;
}

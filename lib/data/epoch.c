/* epoch.c: see epoch.h. */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/text.h"
#include "data/epoch.h"
#include "obs/log.h"

void
epoch_site(struct epoch *e, const char *site)
{
	*e = (struct epoch){ .site = "" };
	snprintf(e->site, sizeof(e->site), "%s", site);
	snprintf(e->lasting, sizeof(e->lasting), KEY_LASTING ":%s", e->site);
	snprintf(e->key, sizeof(e->key), "%s:epoch", e->lasting);
}

static void
new_value(const struct epoch *e, char out[EPOCH_VALUE_MAX + 1])
{
	uint64_t word = 0;

	if (getrandom(&word, sizeof(word), 0) != sizeof(word))
		word = (uint64_t)time_monotonic_us();
	snprintf(out, EPOCH_VALUE_MAX + 1, "%016llx:%s", (unsigned long long)word, e->run);
}

static void
adopt(struct epoch *e, const char *value)
{
	snprintf(e->value, sizeof(e->value), "%s", value);
	memcpy(e->word, value, KEY_EPOCH_LEN);
	e->word[KEY_EPOCH_LEN] = '\0';
}

bool
epoch_renew(struct epoch *e, struct redis *r)
{
	char value[EPOCH_VALUE_MAX + 1];
	const struct redis_reply *reply;

	new_value(e, value);
	REDIS_COMMAND(r, "SET", e->key, value);
	if ((reply = redis_receive(r)) == NULL || reply->type != REDIS_STATUS)
		return false;
	adopt(e, value);
	log_info("cache: new epoch");
	return true;
}

/* Was it made for this Redis, and have we not left it for that of another one? */
static bool
acceptable(const struct epoch *e, const struct redis_reply *reply)
{
	int i;

	if (reply->type != REDIS_TEXT || reply->len != KEY_EPOCH_LEN + 1 + strlen(e->run) ||
	    memcmp(reply->text + KEY_EPOCH_LEN + 1, e->run, strlen(e->run)) != 0)
		return false;
	for (i = 0; i < EPOCH_LEFT; i++)
		if (memcmp(reply->text, e->left[i], KEY_EPOCH_LEN) == 0)
			return false;
	return true;
}

bool
epoch_learn(struct epoch *e, struct redis *r)
{
	char value[EPOCH_VALUE_MAX + 1];
	const struct redis_reply *reply;

	new_value(e, value);
	REDIS_COMMAND(r, "SET", e->key, value, "NX");
	REDIS_COMMAND(r, "GET", e->key);
	if (!redis_skip(r, 1) || (reply = redis_receive(r)) == NULL)
		return false;
	if (acceptable(e, reply)) {
		snprintf(value, sizeof(value), "%.*s", (int)reply->len, reply->text);
		adopt(e, value);
		return true;
	}
	/* Nothing, although we have set it, or an error: it takes no writes. */
	if (reply->type != REDIS_TEXT && !redis_wrong_type(reply))
		return false;
	return epoch_renew(e, r);
}

void
epoch_ask(const struct epoch *e, struct redis *r)
{
	REDIS_COMMAND(r, "GETEX", e->key);
}

bool
epoch_stands(const struct epoch *e, const struct redis_reply *reply)
{
	return reply->type == REDIS_TEXT && reply->len == strlen(e->value) &&
	       memcmp(reply->text, e->value, reply->len) == 0;
}

/* The value of a line "name:value" of what INFO says, up to size - 1 characters; or "". */
static void
take_line(const struct redis_reply *info, const char *name, char *out, size_t size)
{
	const char *at = memmem(info->text, info->len, name, strlen(name)), *end;

	out[0] = '\0';
	if (at == NULL)
		return;
	at += strlen(name);
	end = info->text + info->len;
	while (size-- > 1 && at < end && *at != '\r' && *at != '\n')
		*out++ = *at++;
	*out = '\0';
}

/* In a cluster the keys of one request lie on several nodes; a Sentinel holds none. */
static bool
fits(const struct redis_reply *info, const char *run)
{
	char mode[24];

	take_line(info, "\nredis_mode:", mode, sizeof(mode));
	if (mode[0] != '\0' && strcmp(mode, "standalone") != 0)
		log_error("cache: redis_url names a Redis in the mode \"%s\", which is not "
			  "supported: nothing is cached",
			  mode);
	else if (run[0] == '\0')
		log_error("cache: this Redis does not tell its run_id (INFO server): nothing is "
			  "cached");
	else
		return true;
	return false;
}

bool
epoch_meet(struct epoch *e, struct redis *r, bool *unfit)
{
	char run[EPOCH_RUN_MAX + 1];
	const struct redis_reply *info;

	*unfit = false;
	REDIS_COMMAND(r, "INFO", "server");
	if ((info = redis_receive(r)) == NULL || info->type != REDIS_TEXT)
		return false;
	take_line(info, "\nrun_id:", run, sizeof(run));
	if (!fits(info, run)) {
		*unfit = true;
		return false;
	}
	if (strcmp(run, e->run) != 0) {
		memcpy(e->left[e->leaves++ % EPOCH_LEFT], e->word, sizeof(e->word));
		memcpy(e->run, run, sizeof(e->run));
	}
	return epoch_learn(e, r);
}

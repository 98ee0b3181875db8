/* epoch.c: see epoch.h. */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/text.h"
#include "data/epoch.h"
#include "obs/log.h"

void
epoch_init(struct epoch *e, const char *database)
{
	*e = (struct epoch){ .database = "" };
	snprintf(e->database, sizeof(e->database), "%s", database);
	snprintf(e->no_epoch_prefix, sizeof(e->no_epoch_prefix), KEY_NO_EPOCH ":%s", e->database);
	snprintf(e->key, sizeof(e->key), "%s:epoch", e->no_epoch_prefix);
}

static void
make_value(const struct epoch *e, char out[EPOCH_VALUE_MAX + 1])
{
	uint64_t word = 0;

	if (getrandom(&word, sizeof(word), 0) != sizeof(word))
		word = (uint64_t)time_monotonic_us();
	snprintf(out, EPOCH_VALUE_MAX + 1, "%016llx:%s", (unsigned long long)word, e->run_id);
}

static void
set_current(struct epoch *e, const char *value)
{
	snprintf(e->value, sizeof(e->value), "%s", value);
	memcpy(e->id, value, KEY_EPOCH_LEN);
	e->id[KEY_EPOCH_LEN] = '\0';
}

bool
epoch_replace(struct epoch *e, struct redis *r)
{
	char value[EPOCH_VALUE_MAX + 1];
	const struct redis_reply *reply;

	make_value(e, value);
	REDIS_COMMAND(r, "SET", e->key, value);
	if ((reply = redis_receive(r)) == NULL || reply->type != REDIS_STATUS)
		return false;
	set_current(e, value);
	log_info("cache: started a new epoch");
	return true;
}

/* Does it belong to this Redis, and was it not abandoned for the epoch of another one? */
static bool
is_usable(const struct epoch *e, const struct redis_reply *reply)
{
	int i;

	if (reply->type != REDIS_TEXT || reply->len != KEY_EPOCH_LEN + 1 + strlen(e->run_id) ||
	    memcmp(reply->text + KEY_EPOCH_LEN + 1, e->run_id, strlen(e->run_id)) != 0)
		return false;
	for (i = 0; i < EPOCH_ABANDONED; i++)
		if (memcmp(reply->text, e->abandoned[i], KEY_EPOCH_LEN) == 0)
			return false;
	return true;
}

bool
epoch_load(struct epoch *e, struct redis *r)
{
	char value[EPOCH_VALUE_MAX + 1];
	const struct redis_reply *reply;

	make_value(e, value);
	REDIS_COMMAND(r, "SET", e->key, value, "NX");
	REDIS_COMMAND(r, "GET", e->key);
	if (!redis_skip(r, 1) || (reply = redis_receive(r)) == NULL)
		return false;
	if (is_usable(e, reply)) {
		snprintf(value, sizeof(value), "%.*s", (int)reply->len, reply->text);
		set_current(e, value);
		return true;
	}
	/*
	 * The key is missing although we have just set it, or reading failed:
	 * no writes are accepted.
	 */
	if (reply->type != REDIS_TEXT && !redis_wrong_type(reply))
		return false;
	return epoch_replace(e, r);
}

void
epoch_send_check(const struct epoch *e, struct redis *r)
{
	REDIS_COMMAND(r, "GETEX", e->key);
}

bool
epoch_is_current(const struct epoch *e, const struct redis_reply *reply)
{
	return reply->type == REDIS_TEXT && reply->len == strlen(e->value) &&
	       memcmp(reply->text, e->value, reply->len) == 0;
}

/* Copies the value of a line "name:value" of INFO, truncated to size - 1; "" if absent. */
static void
info_field(const struct redis_reply *info, const char *name, char *out, size_t size)
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

/* A request's keys would lie on several nodes of a cluster; a Sentinel stores none. */
static bool
is_supported(const struct redis_reply *info, const char *run)
{
	char mode[24];

	info_field(info, "\nredis_mode:", mode, sizeof(mode));
	if (mode[0] != '\0' && strcmp(mode, "standalone") != 0)
		log_error("cache: redis_url names a Redis in the mode \"%s\", which is not "
			  "supported: caching is off",
			  mode);
	else if (run[0] == '\0')
		log_error("cache: this Redis does not report its run_id (INFO server): caching "
			  "is off");
	else
		return true;
	return false;
}

bool
epoch_connect(struct epoch *e, struct redis *r, bool *unsupported)
{
	char run_id[EPOCH_RUN_ID_MAX + 1];
	const struct redis_reply *info;

	*unsupported = false;
	REDIS_COMMAND(r, "INFO", "server");
	if ((info = redis_receive(r)) == NULL || info->type != REDIS_TEXT)
		return false;
	info_field(info, "\nrun_id:", run_id, sizeof(run_id));
	if (!is_supported(info, run_id)) {
		*unsupported = true;
		return false;
	}
	if (strcmp(run_id, e->run_id) != 0) {
		memcpy(e->abandoned[e->n_abandoned++ % EPOCH_ABANDONED], e->id, sizeof(e->id));
		memcpy(e->run_id, run_id, sizeof(e->run_id));
	}
	return epoch_load(e, r);
}

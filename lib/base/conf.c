/* conf.c: the table of settings, and its reader. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/redis_url.h"
#include "base/text.h"

/* clang-format off */
#define TEXT(name, env, initial, choices, help) \
	{ #name, env, CONF_TEXT, offsetof(struct conf, name), initial, 0, 0, choices, help }
#define INT(name, env, initial, min, max, help) \
	{ #name, env, CONF_INT, offsetof(struct conf, name), initial, min, max, NULL, help }
#define BOOL(name, env, initial, help) \
	{ #name, env, CONF_BOOL, offsetof(struct conf, name), initial, 0, 0, NULL, help }
/* clang-format on */

const struct conf_setting conf_settings[] = {
	TEXT(database_url, "DATABASE_URL", "", NULL,
	     "PostgreSQL to use, as a libpq URL; empty: a private server in the instance's folder"),
	TEXT(redis_url, "REDIS_URL", "", NULL,
	     "Redis to use, redis://[[user]:password@]host:port[/db] or unix:/path; empty: a "
	     "private server"),
	TEXT(base_url, "DOUSHENG_BASE_URL", "", NULL,
	     "what URLs in replies start with, as in https://example.org; empty: scheme and host "
	     "of the request"),
	TEXT(listen_address, "DOUSHENG_LISTEN_ADDRESS", "", NULL,
	     "address at which nginx listens; empty: all of this machine's"),
	TEXT(tls_certificate, "DOUSHENG_TLS_CERTIFICATE", "", NULL,
	     "file with the certificate and those between it and a root; empty: no TLS"),
	TEXT(tls_key, "DOUSHENG_TLS_KEY", "", NULL, "file with the certificate's private key"),
	INT(tls_port, "DOUSHENG_TLS_PORT", "8443", 1, 65535,
	    "port for TLS and HTTP/2, beside the one for HTTP"),
	INT(hsts_s, "DOUSHENG_HSTS_S", "0", 0, 63072000,
	    "how long browsers are to use nothing but TLS (Strict-Transport-Security), in seconds; "
	    "0: not said"),
	TEXT(trusted_proxies, "DOUSHENG_TRUSTED_PROXIES", "", NULL,
	     "addresses and networks, with blanks between, whose X-Forwarded-For and "
	     "X-Forwarded-Proto are believed"),
	INT(client_timeout_s, "DOUSHENG_CLIENT_TIMEOUT_S", "20", 1, 3600,
	    "how long nginx waits for the next bytes of a client, or for it to take some, in "
	    "seconds"),
	INT(connections_max, "DOUSHENG_CONNECTIONS_MAX", "512", 0, 1000000,
	    "requests of one address at the same time; 0: no limit"),
	TEXT(language, "DOUSHENG_LANGUAGE", "en", "en|zh",
	     "language of messages for clients that ask for none"),
	TEXT(message_policy, "DOUSHENG_MESSAGE_POLICY", "anyone", "anyone|friends",
	     "who may write to whom: anyone, or friends (mutual followers) only"),
	TEXT(default_signature, "DOUSHENG_DEFAULT_SIGNATURE", "这个人很懒，什么都没有留下", NULL,
	     "signature of users who have set none"),
	TEXT(log_level, "DOUSHENG_LOG_LEVEL", "info", "error|warn|info|debug",
	     "least important level that is logged"),
	TEXT(log_format, "DOUSHENG_LOG_FORMAT", "json", "json|text",
	     "lines of the log: JSON objects, or text"),
	TEXT(log_to, "DOUSHENG_LOG_TO", "file", "file|journal",
	     "where workers and jobs log to: a file each in log/, or systemd's journal"),
	INT(slow_ms, "DOUSHENG_SLOW_MS", "500", 0, 600000,
	    "requests that take so long are logged with all that they did, in milliseconds"),
	TEXT(ops_networks, "DOUSHENG_OPS_NETWORKS", "", NULL,
	     "who besides this machine may see /metrics/ and /readyz/: networks like 10.0.0.0/8, "
	     "with spaces between"),
	TEXT(otlp_endpoint, "DOUSHENG_OTLP_ENDPOINT", "", NULL,
	     "collector of traces, OTLP over HTTP, as in http://127.0.0.1:4318; empty: none"),
	TEXT(otlp_headers, "DOUSHENG_OTLP_HEADERS", "", NULL,
	     "headers for the collector, as in api-key=abc,x-tenant=7; values are "
	     "percent-encoded"),
	INT(otlp_percent, "DOUSHENG_OTLP_PERCENT", "100", 0, 100,
	    "share of the requests that become traces, in percent, where no trusted caller "
	    "decides"),
	TEXT(trace_networks, "DOUSHENG_TRACE_NETWORKS", "", NULL,
	     "whose traceparent decides whether a request becomes a trace: networks like "
	     "10.0.0.0/8, with spaces between; empty: nobody's"),
	INT(disk_min_mb, "DOUSHENG_DISK_MIN_MB", "500", 0, 1073741824,
	    "free disk space below which the server is not ready, and which uploads leave, in "
	    "megabytes; 0: uploads are not refused before the disk is full"),
	INT(queue_max_s, "DOUSHENG_QUEUE_MAX_S", "900", 1, 31536000,
	    "seconds that a video may wait for its transcoding before the server is not ready"),
	BOOL(upload_sync, "DOUSHENG_UPLOAD_SYNC", "yes",
	     "flush an upload to the disk before it is acknowledged"),
	BOOL(keep_original, "DOUSHENG_KEEP_ORIGINAL", "no",
	     "keep uploaded files, below original/, after they have become videos"),
	BOOL(sandbox, "DOUSHENG_SANDBOX", "yes",
	     "run ffmpeg in bubblewrap; no accepts the risk of strangers' files without it"),
	INT(upload_max_mb, "DOUSHENG_UPLOAD_MAX_MB", "200", 1, 102400,
	    "largest upload, in megabytes"),
	INT(spool_max_mb, "DOUSHENG_SPOOL_MAX_MB", "3000", 10, 1073741824,
	    "uploads that may be arriving at the same time, in megabytes; so much is kept free for "
	    "them, beside disk_min_mb"),
	INT(body_max_kb, "DOUSHENG_BODY_MAX_KB", "64", 8, 1024,
	    "largest body of any other request, in kilobytes"),
	INT(video_max_seconds, "DOUSHENG_VIDEO_MAX_SECONDS", "180", 1, 86400,
	    "longest video, in seconds"),
	INT(video_max_side, "DOUSHENG_VIDEO_MAX_SIDE", "8192", 16, 16384,
	    "longest side of an uploaded picture, in pixels"),
	INT(video_max_gigapixels, "DOUSHENG_VIDEO_MAX_GIGAPIXELS", "100", 1, 1000000,
	    "pixels of all pictures of an uploaded video together, in thousand millions"),
	INT(video_kbps, "DOUSHENG_VIDEO_KBPS", "5000", 100, 1000000,
	    "highest bit rate of a video of 1280x720 pixels at 30 frames a second, in kbit/s; that "
	    "of other sizes and frame rates follows from it"),
	INT(key_frame_s, "DOUSHENG_KEY_FRAME_S", "4", 1, 3600,
	    "longest time between two key frames of a video that is not encoded again, in seconds"),
	INT(loudness_lufs, "DOUSHENG_LOUDNESS_LUFS", "-16", -40, 0,
	    "loudness to which sound is brought, in LUFS (EBU R 128); 0: as it was recorded"),
	INT(processing_max, "DOUSHENG_PROCESSING_MAX", "10", 1, 10000,
	    "videos of one user that may be in processing at a time"),
	INT(account_max_mb, "DOUSHENG_ACCOUNT_MAX_MB", "4000", 1, 1073741824,
	    "uploads of one user that are kept at a time (waiting, failed, not complete), in "
	    "megabytes"),
	INT(upload_hours, "DOUSHENG_UPLOAD_HOURS", "24", 1, 720,
	    "hours for which an upload in pieces may be resumed"),
	INT(failed_days, "DOUSHENG_FAILED_DAYS", "7", 1, 3650,
	    "days for which the upload of a failed video is kept to be tried again"),
	INT(rate_read, "DOUSHENG_RATE_READ", "500", 0, 1000000,
	    "requests per second and address to all that has no limit of its own, bursts of as "
	    "many; 0: no limit"),
	INT(rate_register, "DOUSHENG_RATE_REGISTER", "100", 0, 60000,
	    "accounts made per minute and address, all at once or spread; 0: no limit"),
	INT(rate_login, "DOUSHENG_RATE_LOGIN", "150", 0, 60000,
	    "logins and new passwords per minute and address, all at once or spread; 0: no limit"),
	INT(rate_publish, "DOUSHENG_RATE_PUBLISH", "60", 0, 60000,
	    "uploads begun per minute and address, all at once or spread; 0: no limit"),
	INT(rate_write, "DOUSHENG_RATE_WRITE", "300", 0, 60000,
	    "changes per minute and user (likes, comments, follows, messages, videos), all at once "
	    "or spread; 0: no limit"),
	INT(login_delay_s, "DOUSHENG_LOGIN_DELAY_S", "900", 0, 900,
	    "longest delay after wrong passwords for a name, in seconds; 0: none"),
	INT(token_days, "DOUSHENG_TOKEN_DAYS", "7", 1, 3650, "days for which a login lasts"),
	INT(database_timeout_ms, "DOUSHENG_DATABASE_TIMEOUT_MS", "2500", 100, 600000,
	    "how long a request waits for PostgreSQL, in milliseconds"),
	INT(redis_timeout_ms, "DOUSHENG_REDIS_TIMEOUT_MS", "250", 10, 60000,
	    "how long a request waits for Redis before it goes on without, in milliseconds"),
	INT(redis_memory_mb, "DOUSHENG_REDIS_MEMORY_MB", "256", 16, 1048576,
	    "memory of the private Redis, in megabytes"),
	INT(postgres_memory_mb, "DOUSHENG_POSTGRES_MEMORY_MB", "0", 0, 1048576,
	    "memory in which the private PostgreSQL keeps its pages, in megabytes; 0: an eighth of "
	    "this machine's, 128 at least and 4096 at most"),
	BOOL(database_shared, "DOUSHENG_DATABASE_SHARED", "no",
	     "let other instances of this machine use the private PostgreSQL (database_url)"),
	INT(transcode_processes, "DOUSHENG_TRANSCODE_PROCESSES", "1", 1, 64,
	    "videos transcoded at the same time"),
	INT(transcode_timeout_s, "DOUSHENG_TRANSCODE_TIMEOUT_S", "1800", 10, 86400,
	    "longest time for one video's transcoding, in seconds"),
	INT(transcode_pace, "DOUSHENG_TRANSCODE_PACE", "40", 1, 86400,
	    "longest time for each second of a video, two seconds more counted, in seconds"),
	INT(transcode_memory_mb, "DOUSHENG_TRANSCODE_MEMORY_MB", "4096", 512, 1048576,
	    "address space of one ffmpeg, in megabytes"),
	{ NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL, NULL },
};

/* Is value (exactly) one of "a|b|c"? */
static bool
among(const char *choices, const char *value)
{
	size_t n = strlen(value);

	while (choices != NULL && *choices != '\0') {
		size_t len = strcspn(choices, "|");

		if (len == n && memcmp(choices, value, n) == 0)
			return true;
		choices += len + (choices[len] == '|');
	}
	return false;
}

/*
 * Scheme, host, port and path, of characters that mean nothing in JSON, HTML or
 * nginx's configuration, without a slash at the end.
 */
static bool
is_base_url(const char *url)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789.-_~:/[]%";
	size_t n = strlen(url);
	const char *host = strncmp(url, "https://", 8) == 0  ? url + 8
			   : strncmp(url, "http://", 7) == 0 ? url + 7
							     : NULL;

	return host != NULL && host[0] != '\0' && host[0] != '/' && url[n - 1] != '/' &&
	       strspn(url, plain) == n;
}

/* Is what a text setting says an address of its kind? */
static bool
check_address(const char *name, const char *value, char *why, size_t size)
{
	struct redis_url redis;

	if (value[0] == '\0')
		return true;
	if (strcmp(name, "redis_url") == 0)
		return redis_url_read(&redis, value, why, size);
	if (strcmp(name, "base_url") != 0 || is_base_url(value))
		return true;
	snprintf(why, size,
		 "base_url must be http:// or https://, a host, and a port or path if there is "
		 "one, without a slash at the end, as in https://example.org");
	return false;
}

/* Stores value; false with a reason when it does not fit. */
static bool
set(struct conf *c, const struct conf_setting *s, const char *value, char *why, size_t size)
{
	void *field = (char *)c + s->offset;
	int64_t number;

	switch (s->type) {
	case CONF_TEXT:
		if (s->choices != NULL && !among(s->choices, value))
			snprintf(why, size, "%s must be one of %s", s->name, s->choices);
		else if (strlen(value) >= CONF_TEXT_MAX || text_length(value, strlen(value)) < 0)
			snprintf(why, size, "%s must be text of less than %d bytes", s->name,
				 CONF_TEXT_MAX);
		else if (check_address(s->name, value, why, size))
			return memcpy(field, value, strlen(value) + 1) != NULL;
		return false;
	case CONF_INT:
		if (text_int(value, strlen(value), &number) && number >= s->min &&
		    number <= s->max) {
			*(int64_t *)field = number;
			return true;
		}
		snprintf(why, size, "%s must be a whole number from %lld to %lld", s->name,
			 (long long)s->min, (long long)s->max);
		return false;
	case CONF_BOOL:
		if (!among("yes|no", value)) {
			snprintf(why, size, "%s must be yes or no", s->name);
			return false;
		}
		*(bool *)field = value[0] == 'y';
		return true;
	}
	return false;
}

static const struct conf_setting *
find(const char *name)
{
	const struct conf_setting *s;

	for (s = conf_settings; s->name != NULL; s++)
		if (strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

/* What has taken the place of a setting that earlier versions had. */
static const char *
successor(const char *name)
{
	if (strcmp(name, "rate_api") == 0)
		return ": it is rate_read now";
	if (strcmp(name, "rate_account") == 0)
		return ": there are rate_login and rate_register now, per minute";
	return "";
}

/* Cuts white space from both ends, in place. */
static char *
trim(char *s)
{
	size_t n;

	s += strspn(s, " \t\r\n");
	for (n = strlen(s); n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL; n--)
		s[n - 1] = '\0';
	return s;
}

/* One line "name = value"; blank lines and those that start with # say nothing. */
static bool
read_line(struct conf *c, char *line, char *why, size_t size)
{
	const struct conf_setting *s;
	char *value, *name = trim(line);

	if (name[0] == '\0' || name[0] == '#')
		return true;
	if ((value = strchr(name, '=')) == NULL) {
		snprintf(why, size, "expected \"name = value\"");
		return false;
	}
	*value++ = '\0';
	name = trim(name);
	if ((s = find(name)) == NULL) {
		snprintf(why, size, "there is no setting \"%.64s\"%s", name, successor(name));
		return false;
	}
	return set(c, s, trim(value), why, size);
}

static bool
read_file(struct conf *c, const char *path, char *why, size_t size)
{
	char line[CONF_TEXT_MAX * 2], reason[256];
	bool ok = true;
	int number = 0;
	FILE *f = fopen(path, "re");

	if (f == NULL && errno == ENOENT)
		return true;
	if (f == NULL) {
		snprintf(why, size, "cannot read %s: %s", path, strerror(errno));
		return false;
	}
	while (ok && fgets(line, sizeof(line), f) != NULL) {
		number++;
		ok = read_line(c, line, reason, sizeof(reason));
	}
	if (!ok)
		snprintf(why, size, "%s, line %d: %s", path, number, reason);
	fclose(f);
	return ok;
}

bool
conf_load(struct conf *c, char *why, size_t size)
{
	const struct conf_setting *s;
	const char *home = getenv("DOUSHENG_HOME"), *value;
	char path[CONF_TEXT_MAX + 32];

	if (home == NULL || home[0] != '/' || strlen(home) >= sizeof(c->home)) {
		snprintf(why, size, "DOUSHENG_HOME must be set to an absolute path");
		return false;
	}
	memset(c, 0, sizeof(*c));
	memcpy(c->home, home, strlen(home) + 1);
	for (s = conf_settings; s->name != NULL; s++)
		if (!set(c, s, s->initial, why, size))
			return false;
	snprintf(path, sizeof(path), "%s/dousheng.conf", home);
	if (!read_file(c, path, why, size))
		return false;
	for (s = conf_settings; s->name != NULL; s++) {
		if ((value = getenv(s->env)) == NULL || value[0] == '\0')
			continue;
		if (!set(c, s, value, why, size))
			return false;
	}
	return true;
}

void
conf_value(const struct conf *c, const struct conf_setting *s, char *out, size_t size)
{
	const void *field = (const char *)c + s->offset;

	switch (s->type) {
	case CONF_TEXT:
		snprintf(out, size, "%s", (const char *)field);
		break;
	case CONF_INT:
		snprintf(out, size, "%lld", (long long)*(const int64_t *)field);
		break;
	case CONF_BOOL:
		snprintf(out, size, "%s", *(const bool *)field ? "yes" : "no");
		break;
	}
}

void
conf_database(const struct conf *c, const char *role, char *out, size_t size)
{
	if (c->database_url[0] != '\0')
		snprintf(out, size, "%s", c->database_url);
	else
		snprintf(out, size, "host=%s/run/postgres dbname=dousheng user=%s", c->home, role);
}

void
conf_redis(const struct conf *c, char *out, size_t size)
{
	if (c->redis_url[0] != '\0')
		snprintf(out, size, "%s", c->redis_url);
	else
		snprintf(out, size, "unix:%s/run/redis/redis.sock", c->home);
}
